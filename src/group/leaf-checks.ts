// Which leaf nodes and key packages may enter a group (RFC 9420 §7.3, §10.1).

import { equalBytes } from '../bytes.ts'
import { type CipherSuite, type LabelledSignature, verifyAllWithLabel } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { DEFAULT_EXTENSION_TYPES, DEFAULT_PROPOSAL_TYPES, LeafNodeSource, MLS10 } from '../messages/code-points.ts'
import {
  type Extension,
  type RequiredCapabilities,
  readApplicationId,
  readRequiredCapabilities,
} from '../messages/extension.ts'
import { type KeyPackage, keyPackageSignature } from '../messages/key-package.ts'
import { type LeafNode, type LeafNodePlace, type Lifetime, leafNodeSignature } from '../messages/leaf-node.ts'
import type { RatchetTree } from '../tree/ratchet-tree.ts'
import type { MembersSummary } from '../tree/subtree.ts'
import { summary } from '../tree/summary.ts'
import { DEFAULT_MAX_LIFETIME_SECONDS, type Judging } from './policy.ts'

/** Signatures that were met while checking, to be verified together. */
export class SignatureBatch {
  readonly #leaves: LabelledSignature[] = []
  readonly #keyPackages: LabelledSignature[] = []

  leaf(leafNode: LeafNode, place: LeafNodePlace | undefined): void {
    this.#leaves.push(leafNodeSignature(leafNode, place))
  }

  keyPackage(keyPackage: KeyPackage): void {
    this.leaf(keyPackage.leafNode, undefined)
    this.#keyPackages.push(keyPackageSignature(keyPackage))
  }

  /** @throws CoterieError `LEAF_SIGNATURE`, `KEY_PACKAGE_SIGNATURE` (peer) */
  async verify(suite: CipherSuite): Promise<void> {
    await verifyAllWithLabel(suite, this.#leaves, 'LEAF_SIGNATURE')
    await verifyAllWithLabel(suite, this.#keyPackages, 'KEY_PACKAGE_SIGNATURE')
  }
}

/**
 * What can be said of a leaf node by itself. RFC 9420 §7.3.
 * @param source - where it must come from, as it says itself
 * @throws CoterieError `LEAF_SOURCE`, `LEAF_KEY_INVALID`, `LEAF_SUITE_UNSUPPORTED`, `LEAF_EXTENSION_UNSUPPORTED`,
 * `LEAF_CREDENTIAL_UNSUPPORTED`, `EXTENSION_MALFORMED` (peer)
 */
export function checkLeafNode(suite: CipherSuite, leafNode: LeafNode, source: LeafNodeSource): void {
  if (leafNode.origin.source !== source) {
    fail('LEAF_SOURCE', `a leaf node's source is ${leafNode.origin.source} where it must be ${source}`)
  }
  checkLeafNodeContent(suite, leafNode)
}

/** The same for a leaf node in a tree, where each source is possible. */
export function checkLeafNodeContent(suite: CipherSuite, leafNode: LeafNode): void {
  if (!suite.kem.validatePublicKey(leafNode.encryptionKey)) fail('LEAF_KEY_INVALID', 'a malformed encryption key')
  // Whether it is a key at all shows when the leaf's signature is verified with it.
  if (leafNode.signatureKey.length !== suite.signature.publicKeyLength) {
    fail('LEAF_KEY_INVALID', 'a signature key of the wrong length')
  }
  const { capabilities, credential, extensions } = leafNode
  // RFC 9420 §7.2, §11.1: all members support the version and the suite in use, and list all that they support.
  if (!capabilities.versions.includes(MLS10) || !capabilities.cipherSuites.includes(suite.id)) {
    fail('LEAF_SUITE_UNSUPPORTED', 'a leaf node does not list the version and cipher suite of its group')
  }
  // RFC 9420 §5.3.3: the one extension of leaf nodes that is known has to be well-formed.
  readApplicationId(extensions)
  // RFC 9420 §7.3, §13.5: every extension, GREASE ones too, is listed in the leaf's own capabilities.
  const extensionType = unsupportedExtension(capabilities, extensions)
  if (extensionType !== undefined) {
    fail('LEAF_EXTENSION_UNSUPPORTED', 'a leaf node has an extension that it does not list', {
      details: { extensionType },
    })
  }
  if (!capabilities.credentials.includes(credential.credentialType)) {
    fail('LEAF_CREDENTIAL_UNSUPPORTED', "a leaf node does not list its own credential's type", {
      details: { credentialType: credential.credentialType },
    })
  }
}

/**
 * Whether a new leaf node suits the group that it enters. RFC 9420 §7.3, §11.1, §13.4.
 * @param extensions - the GroupContext's, as they will be
 * @throws CoterieError `LEAF_CAPABILITIES_MISSING`, `LEAF_EXTENSION_UNSUPPORTED` (peer)
 */
export function checkSuitsGroup(leafNode: LeafNode, extensions: readonly Extension[]): void {
  const required = readRequiredCapabilities(extensions)
  if (required !== undefined && missingCapability(leafNode.capabilities, required) !== undefined) {
    fail('LEAF_CAPABILITIES_MISSING', 'a leaf node lacks a required capability')
  }
  // RFC 9420 §13.4: a member MUST NOT be added that does not support every extension in the GroupContext.
  const extensionType = unsupportedExtension(leafNode.capabilities, extensions)
  if (extensionType !== undefined) {
    fail('LEAF_EXTENSION_UNSUPPORTED', 'a leaf node does not support an extension of the group', {
      details: { extensionType },
    })
  }
}

/**
 * RFC 9420 §7.3: every member's credential type is supported by every member.
 * @throws CoterieError `LEAF_CREDENTIAL_UNSUPPORTED` (peer)
 */
export function checkCredentialTypes(tree: RatchetTree): void {
  const all = membersSummary(tree)
  const credentialType = firstMissing(all.credentialsInUse, all.credentials)
  if (credentialType !== undefined) {
    fail('LEAF_CREDENTIAL_UNSUPPORTED', 'a credential type in the group is not supported by all members', {
      details: { credentialType },
    })
  }
}

/**
 * RFC 9420 §7.3: all members support a new leaf's credential type, and it theirs.
 * @throws CoterieError `LEAF_CREDENTIAL_UNSUPPORTED` (peer)
 */
export function checkMutualCredentials(tree: RatchetTree, leafNode: LeafNode): void {
  const all = membersSummary(tree)
  const mutual =
    all.credentials.includes(leafNode.credential.credentialType) &&
    firstMissing(all.credentialsInUse, leafNode.capabilities.credentials) === undefined
  if (!mutual) fail('LEAF_CREDENTIAL_UNSUPPORTED', 'a new leaf node and the members do not support each other')
}

/**
 * RFC 9420 §12.1.7, §13.4: every member supports the group's extensions and has the required capabilities.
 * @throws CoterieError `GROUP_EXTENSION_UNSUPPORTED`, `GROUP_REQUIRED_CAPABILITIES` (peer)
 */
export function checkGroupExtensions(tree: RatchetTree, extensions: readonly Extension[]): void {
  const all = membersSummary(tree)
  const extensionType = unsupportedExtension(all, extensions)
  if (extensionType !== undefined) {
    fail('GROUP_EXTENSION_UNSUPPORTED', 'some member does not support an extension of the group', {
      details: { extensionType },
    })
  }
  const required = readRequiredCapabilities(extensions)
  if (required !== undefined && missingCapability(all, required) !== undefined) {
    fail('GROUP_REQUIRED_CAPABILITIES', 'some member lacks a required capability')
  }
}

/** Whether every member supports a proposal type. RFC 9420 §12.2. */
export function supportedByAll(tree: RatchetTree, proposalType: number): boolean {
  return DEFAULT_PROPOSAL_TYPES.has(proposalType) || membersSummary(tree).proposals.includes(proposalType)
}

/**
 * A key package by itself. RFC 9420 §10.1. Its signatures go to the batch.
 * @throws CoterieError `KEY_PACKAGE_VERSION`, `KEY_PACKAGE_SUITE`, `KEY_PACKAGE_INIT_KEY`, `LEAF_*` (peer)
 */
export function checkKeyPackage(
  suite: CipherSuite,
  keyPackage: KeyPackage,
  judgement: Judging,
  signatures: SignatureBatch,
): void {
  if (keyPackage.version !== MLS10) fail('KEY_PACKAGE_VERSION', `a key package for version ${keyPackage.version}`)
  if (keyPackage.cipherSuite !== suite.id) {
    fail('KEY_PACKAGE_SUITE', `a key package for suite ${keyPackage.cipherSuite}, the group has ${suite.id}`)
  }
  if (!suite.kem.validatePublicKey(keyPackage.initKey)) fail('KEY_PACKAGE_INIT_KEY', 'a malformed init key')
  if (equalBytes(keyPackage.initKey, keyPackage.leafNode.encryptionKey)) {
    fail('KEY_PACKAGE_INIT_KEY', 'init key and encryption key are the same')
  }
  checkLeafNode(suite, keyPackage.leafNode, LeafNodeSource.keyPackage)
  checkLifetime(keyPackage.leafNode, judgement)
  signatures.keyPackage(keyPackage)
}

/**
 * RFC 9420 §7.2, §7.3: now is in the lifetime, and the lifetime is not longer than acceptable.
 * @throws CoterieError `LEAF_LIFETIME` (peer)
 */
export function checkLifetime(leafNode: LeafNode, judgement: Judging): void {
  if (leafNode.origin.source !== LeafNodeSource.keyPackage) return
  const { notBefore, notAfter }: Lifetime = leafNode.origin.lifetime
  const { policy, received } = judgement
  const now = seconds(judgement)
  const asked = received !== true || policy?.checkLifetimesWhenReceived !== false
  if (asked && (now < notBefore || now > notAfter)) {
    fail('LEAF_LIFETIME', 'a leaf node is not valid at this time', { details: { notBefore, notAfter, now } })
  }
  const longest = policy?.maxLifetimeSeconds ?? DEFAULT_MAX_LIFETIME_SECONDS
  if (notAfter - notBefore > longest) {
    fail('LEAF_LIFETIME', 'a leaf node is valid for too long', { details: { notBefore, notAfter, longest } })
  }
}

/** Whether the lifetime of a leaf node that came in a key package has passed. */
export function isExpired({ origin }: LeafNode, judgement: Judging): boolean {
  return origin.source === LeafNodeSource.keyPackage && seconds(judgement) > origin.lifetime.notAfter
}

function seconds({ nowMs }: Judging): bigint {
  if (!Number.isFinite(nowMs)) fail('ARGUMENT_INVALID', `the time is a number of milliseconds, not ${nowMs}`)
  return BigInt(Math.floor(nowMs / 1000))
}

function membersSummary(tree: RatchetTree): MembersSummary {
  return summary(tree.root) ?? fail('INTERNAL_INVARIANT', 'a group has no members')
}

interface Supported {
  readonly extensions: readonly number[]
  readonly proposals: readonly number[]
  readonly credentials: readonly number[]
}

function missingCapability(supported: Supported, required: RequiredCapabilities): number | undefined {
  return (
    firstMissing(required.extensionTypes, supported.extensions, DEFAULT_EXTENSION_TYPES) ??
    firstMissing(required.proposalTypes, supported.proposals, DEFAULT_PROPOSAL_TYPES) ??
    firstMissing(required.credentialTypes, supported.credentials)
  )
}

function unsupportedExtension(
  supported: Pick<Supported, 'extensions'>,
  extensions: readonly Extension[],
): number | undefined {
  const types = extensions.map(({ extensionType }) => extensionType)
  return firstMissing(types, supported.extensions, DEFAULT_EXTENSION_TYPES)
}

/** The first of some types that is neither listed nor a default one. In linear time: both lists may be anyone's. */
function firstMissing(
  wanted: readonly number[],
  listed: readonly number[],
  defaults: ReadonlySet<number> = NO_TYPES,
): number | undefined {
  if (wanted.length === 0) return undefined
  const known = new Set(listed)
  return wanted.find((type) => !known.has(type) && !defaults.has(type))
}

const NO_TYPES: ReadonlySet<number> = new Set()
