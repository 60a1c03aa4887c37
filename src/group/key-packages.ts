// Making key packages, and checking those of others (RFC 9420 §10).

import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import {
  DEFAULT_EXTENSION_TYPES,
  DEFAULT_PROPOSAL_TYPES,
  GREASE_VALUES,
  LeafNodeSource,
  MLS10,
  WireFormat,
} from '../messages/code-points.ts'
import type { Credential } from '../messages/credential.ts'
import type { Extension } from '../messages/extension.ts'
import { type KeyPackage, keyPackageRef, signKeyPackage } from '../messages/key-package.ts'
import { type Capabilities, type Lifetime, signLeafNode } from '../messages/leaf-node.ts'
import { decodeMlsMessage, encodeMlsMessage } from '../messages/mls-message.ts'
import { memberCheck } from './apply-proposals.ts'
import { checkKeyPackage, SignatureBatch } from './leaf-checks.ts'
import { ownCopy, ownKeyPair, ownOptions } from './own-copy.ts'
import { checkCredentials, type Judgement } from './policy.ts'

/** What a client says of itself. */
export interface LeafOptions {
  readonly credential: Credential
  readonly signatureKeyPair: KeyPair
  /** What is listed beyond the suite and the credential's type, which always are. */
  readonly capabilities?: Partial<Capabilities>
  /** Leaf node extensions; their types are listed in the capabilities by themselves. */
  readonly leafExtensions?: readonly Extension[]
  /** Whether the capabilities list values that mean nothing, so that nobody learns to depend on their absence. Default true. */
  readonly grease?: boolean
}

/** What a key package says beside its keys. */
export interface KeyPackageOptions extends LeafOptions {
  readonly lifetime: Lifetime
  readonly keyPackageExtensions?: readonly Extension[]
}

/** What a client keeps of a key package, to join with it. */
export interface KeyPackageSecrets {
  readonly initKeyPair: KeyPair
  readonly encryptionKeyPair: KeyPair
  readonly signatureKeyPair: KeyPair
}

/** A key package with what only its client has. */
export interface OwnKeyPackage {
  readonly keyPackage: KeyPackage
  readonly secrets: KeyPackageSecrets
  /** The `MLSMessage` to publish. */
  readonly message: Uint8Array
  /** The `KeyPackageRef`, Nh bytes, by which a Welcome names it. */
  readonly reference: Uint8Array
}

/**
 * A key package with private keys of its own: whatever joins with it takes them over, and wipes them in time. For one that is
 * used more than once, against RFC 9420 §10, as the one on a contact card has to be (§16.8).
 */
export function lentKeyPackage(own: OwnKeyPackage): OwnKeyPackage {
  const { initKeyPair, encryptionKeyPair, signatureKeyPair } = own.secrets
  const secrets = {
    initKeyPair: ownKeyPair(initKeyPair),
    encryptionKeyPair: ownKeyPair(encryptionKeyPair),
    signatureKeyPair: ownKeyPair(signatureKeyPair),
  }
  return { ...own, secrets }
}

/** Overwrites the private keys that are of this key package alone: the signature key is the device's. */
export function wipeKeyPackage({ secrets }: Pick<OwnKeyPackage, 'secrets'>): void {
  secrets.initKeyPair.privateKey.wipe()
  secrets.encryptionKeyPair.privateKey.wipe()
}

/** A lifetime from an hour before `nowMs` (clocks differ) to `days` after it. */
export function lifetimeOfDays(nowMs: number, days: number): Lifetime {
  const now = BigInt(Math.floor(nowMs / 1000))
  return { notBefore: now > 3_600n ? now - 3_600n : 0n, notAfter: now + BigInt(Math.floor(days * 86_400)) }
}

/** Makes a key package with fresh init and encryption keys. To be used once. */
export async function createKeyPackage(suite: CipherSuite, options: KeyPackageOptions): Promise<OwnKeyPackage> {
  const { signatureKeyPair, lifetime, keyPackageExtensions = [], ...own } = ownOptions(options)
  const content = leafContent(suite, { ...own, signatureKeyPair }, keyPackageExtensions)
  const encryptionKeyPair = await suite.kem.generateKeyPair()
  const initKeyPair = await suite.kem.generateKeyPair()
  const leafNode = await signLeafNode(
    suite,
    signatureKeyPair,
    {
      ...content,
      encryptionKey: encryptionKeyPair.publicKey,
      origin: { source: LeafNodeSource.keyPackage, lifetime },
    },
    undefined,
  )
  const keyPackage = await signKeyPackage(suite, signatureKeyPair, {
    version: MLS10,
    cipherSuite: suite.id,
    initKey: initKeyPair.publicKey,
    leafNode,
    extensions: keyPackageExtensions,
  })
  return {
    keyPackage,
    secrets: { initKeyPair, encryptionKeyPair, signatureKeyPair },
    message: encodeMlsMessage({ wireFormat: WireFormat.keyPackage, keyPackage }),
    reference: keyPackageRef(suite, keyPackage),
  }
}

/**
 * Reads and checks a key package before it is used in an Add. RFC 9420 §10.1.
 * @param message - an `MLSMessage`
 * @throws CoterieError `CODEC_*`, `FRAMING_WIRE_FORMAT`, `KEY_PACKAGE_*`, `LEAF_*` (peer)
 */
export async function readKeyPackage(
  suite: CipherSuite,
  message: Uint8Array,
  judgement: Judgement,
): Promise<KeyPackage> {
  const decoded = decodeMlsMessage(message)
  if (decoded.wireFormat !== WireFormat.keyPackage) fail('FRAMING_WIRE_FORMAT', 'this message is not a key package')
  const { keyPackage } = decoded
  await validateKeyPackage(suite, keyPackage, judgement)
  return keyPackage
}

/**
 * Checks a key package that was read already. RFC 9420 §10.1.
 * @throws CoterieError `KEY_PACKAGE_*`, `LEAF_*` (peer)
 */
export async function validateKeyPackage(
  suite: CipherSuite,
  keyPackage: KeyPackage,
  judgement: Judgement,
): Promise<void> {
  const own = ownCopy(keyPackage)
  const signatures = new SignatureBatch()
  checkKeyPackage(suite, own, judgement, signatures)
  await signatures.verify(suite)
  await checkCredentials(judgement.policy, [memberCheck(own.leafNode, undefined)])
}

/**
 * The part of a leaf node that the client chooses, completed with what it must list. RFC 9420 §7.2.
 * @param keyPackageExtensions - of the key package that it is for: §10 has their types listed too
 */
export function leafContent(
  suite: CipherSuite,
  options: LeafOptions,
  keyPackageExtensions: readonly Extension[] = [],
): {
  signatureKey: Uint8Array
  credential: Credential
  capabilities: Capabilities
  extensions: readonly Extension[]
} {
  const { credential, signatureKeyPair, capabilities = {}, leafExtensions = [] } = options
  return {
    signatureKey: signatureKeyPair.publicKey,
    credential,
    extensions: leafExtensions,
    capabilities: {
      versions: withAll(capabilities.versions, [MLS10]),
      cipherSuites: withAll(capabilities.cipherSuites, [suite.id, ...grease(suite, options)]),
      // RFC 9420 §7.2: default types MUST NOT be listed, whatever the caller says.
      extensions: withAll(capabilities.extensions, [
        ...[...leafExtensions, ...keyPackageExtensions].map(({ extensionType }) => extensionType),
        ...grease(suite, options),
      ]).filter((type) => !DEFAULT_EXTENSION_TYPES.has(type)),
      proposals: withAll(capabilities.proposals, grease(suite, options)).filter(
        (type) => !DEFAULT_PROPOSAL_TYPES.has(type),
      ),
      credentials: withAll(capabilities.credentials, [credential.credentialType, ...grease(suite, options)]),
    },
  }
}

/** RFC 9420 §13.5: a client SHOULD list a random GREASE value in each of its capabilities. */
function grease(suite: CipherSuite, options: Pick<LeafOptions, 'grease'>): number[] {
  if (options.grease === false) return []
  const [choice = 0] = suite.randomBytes(1)
  return [GREASE_VALUES[choice % GREASE_VALUES.length] as number]
}

function withAll(listed: readonly number[] | undefined, needed: readonly number[]): number[] {
  return [...new Set([...(listed ?? []), ...needed])]
}
