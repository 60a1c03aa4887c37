// TreeKEM: fresh keys for a committer's direct path, and the secrets that let everybody else follow (RFC 9420 §7.4–§7.6).

import { equalBytes } from '../bytes.ts'
import type { KeyPair } from '../crypto/contract.ts'
import {
  type CipherSuite,
  decryptWithLabel,
  deriveSecret,
  encryptAllWithLabel,
  type LabelledPlaintext,
} from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'
import { CoterieError, fail } from '../errors.ts'
import type { UpdatePath, UpdatePathNode } from '../messages/commit.ts'
import type { LeafNode } from '../messages/leaf-node.ts'
import type { ParentNode } from '../messages/parent-node.ts'
import { treeHash } from './hash.ts'
import { parentHash } from './parent-hash.ts'
import { filteredDirectPath, type PathStep, type RatchetTree, setPath } from './ratchet-tree.ts'
import { contains, resolution } from './subtree.ts'

/** The private keys that a member holds, by node index. */
export type PrivateKeys = ReadonlyMap<number, KeyPair>

/** A committer's new direct path, not yet encrypted to anyone. */
export interface PathUpdate {
  readonly tree: RatchetTree
  readonly leafNode: LeafNode
  readonly steps: readonly FreshStep[]
  readonly commitSecret: Secret
}

/** A node of the filtered direct path with its new secret and keys. */
export interface FreshStep extends PathStep {
  readonly pathSecret: Secret
  readonly keyPair: KeyPair
}

/** A received path, applied to the tree. */
export interface MergedPath {
  readonly tree: RatchetTree
  /** The filtered direct path in the tree before. */
  readonly steps: readonly PathStep[]
}

/**
 * Makes fresh keys for the filtered direct path of a leaf and puts them into the tree. RFC 9420 §7.4, §7.5.
 * @param signLeaf - makes the leaf node for this parent hash
 */
export async function freshPath(
  suite: CipherSuite,
  tree: RatchetTree,
  leafIndex: number,
  signLeaf: (parentHash: Uint8Array) => Promise<LeafNode>,
): Promise<PathUpdate> {
  const path = filteredDirectPath(tree, leafIndex)
  let pathSecret = new Secret(suite.randomBytes(suite.hash.length))
  const steps: FreshStep[] = []
  for (const step of path) {
    steps.push({ ...step, pathSecret, keyPair: await pathKeyPair(suite, pathSecret) })
    pathSecret = deriveSecret(suite, pathSecret, 'path')
  }
  const { parents, leafParentHash } = freshParents(
    suite,
    path,
    steps.map(({ keyPair }) => keyPair.publicKey),
  )
  const leafNode = await signLeaf(leafParentHash)
  return { tree: setPath(tree, leafIndex, leafNode, parents), leafNode, steps, commitSecret: pathSecret }
}

/**
 * Encrypts the path secrets to everybody but the leaves in `added`. RFC 9420 §7.5, §7.6.
 * @param groupContext - the provisional GroupContext, encoded
 */
export async function encryptPath(
  suite: CipherSuite,
  update: PathUpdate,
  groupContext: Uint8Array,
  added: ReadonlySet<number>,
): Promise<UpdatePath> {
  const plaintexts: LabelledPlaintext[] = []
  const counts = update.steps.map(({ copath, pathSecret }) => {
    const recipients = resolution(copath, added)
    for (const { encryptionKey } of recipients) {
      plaintexts.push({ publicKey: encryptionKey, context: groupContext, plaintext: pathSecret.bytes })
    }
    return recipients.length
  })
  const ciphertexts = await encryptAllWithLabel(suite, LABEL, plaintexts)
  let next = 0
  const nodes: UpdatePathNode[] = update.steps.map(({ keyPair }, i) => {
    const first = next
    next += counts[i] as number
    return { encryptionKey: keyPair.publicKey, encryptedPathSecret: ciphertexts.slice(first, next) }
  })
  return { leafNode: update.leafNode, nodes }
}

/**
 * Puts a received path into the tree and checks it against the tree. RFC 9420 §7.5, §7.6, §7.9.2, §12.4.2.
 * @throws CoterieError `PATH_LENGTH`, `PATH_CIPHERTEXT_COUNT`, `PATH_KEY_REUSED`, `TREE_KEY_INVALID`, `TREE_PARENT_HASH` (peer)
 */
export function mergePath(
  suite: CipherSuite,
  tree: RatchetTree,
  leafIndex: number,
  path: UpdatePath,
  added: ReadonlySet<number>,
): MergedPath {
  const steps = filteredDirectPath(tree, leafIndex)
  if (path.nodes.length !== steps.length) {
    fail('PATH_LENGTH', `the path has ${path.nodes.length} nodes, the filtered direct path ${steps.length}`)
  }
  steps.forEach(({ copath }, i) => {
    const expected = resolution(copath, added).length
    const got = path.nodes[i]?.encryptedPathSecret.length
    // RFC 9420 §7.6: MUST be equal to the length of the resolution, without the leaves that are new.
    if (got !== expected) fail('PATH_CIPHERTEXT_COUNT', `${got} ciphertexts for a resolution of ${expected} nodes`)
  })
  checkPathKeys(suite, tree, path)
  const { parents, leafParentHash } = freshParents(
    suite,
    steps,
    path.nodes.map(({ encryptionKey }) => encryptionKey),
  )
  const { origin } = path.leafNode
  // RFC 9420 §7.9.2: MUST recompute the parent hash of the committer's leaf and compare.
  if (!('parentHash' in origin) || !equalBytes(origin.parentHash, leafParentHash)) {
    fail('TREE_PARENT_HASH', "the committer's leaf names another parent hash than its path has")
  }
  return { tree: setPath(tree, leafIndex, path.leafNode, parents), steps }
}

/**
 * Decrypts the path secret meant for a member and derives the private keys that it gives access to. RFC 9420 §7.5.
 * @param own - the private keys that the member holds in the tree before the path
 * @param groupContext - the provisional GroupContext, encoded
 * @returns the new private keys, and the commit secret (Nh bytes)
 * @throws CoterieError `PATH_DECRYPT_FAILED`, `PATH_KEY_MISMATCH` (peer)
 */
export async function decryptPath(
  suite: CipherSuite,
  merged: MergedPath,
  path: UpdatePath,
  recipient: number,
  own: PrivateKeys,
  groupContext: Uint8Array,
  added: ReadonlySet<number>,
): Promise<{ privateKeys: Map<number, KeyPair>; commitSecret: Secret }> {
  const at = merged.steps.findIndex(({ copath }) => contains(copath, recipient))
  const step = merged.steps[at]
  if (step === undefined) return fail('INTERNAL_INVARIANT', 'the recipient is not below the path of another member')
  const recipients = resolution(step.copath, added)
  const mine = recipients.findIndex(({ nodeIndex }) => own.has(nodeIndex))
  const keyPair = own.get(recipients[mine]?.nodeIndex ?? -1)
  const ciphertext = path.nodes[at]?.encryptedPathSecret[mine]
  if (keyPair === undefined || ciphertext === undefined) {
    return fail('INTERNAL_INVARIANT', 'a member holds the private key of no node in a resolution that it is below')
  }
  let pathSecret: Secret
  try {
    pathSecret = new Secret(await decryptWithLabel(suite, keyPair, LABEL, groupContext, ciphertext))
  } catch (cause) {
    if (CoterieError.is(cause) && cause.origin !== 'peer') throw cause
    return fail('PATH_DECRYPT_FAILED', 'a path secret cannot be decrypted', { cause })
  }
  if (pathSecret.length !== suite.hash.length) fail('PATH_KEY_MISMATCH', 'a path secret has the wrong length')
  const nodeIndices = merged.steps.slice(at).map(({ branch }) => branch.nodeIndex)
  const publicKeys = path.nodes.slice(at).map(({ encryptionKey }) => encryptionKey)
  try {
    return await privateKeysFrom(suite, pathSecret, nodeIndices, publicKeys)
  } finally {
    // RFC 9420 §7.5: the path secrets MUST be deleted.
    pathSecret.wipe()
  }
}

/**
 * The private keys of a node and its ancestors on a path, from the node's path secret, which is left to be wiped; the
 * ancestors' are wiped here. RFC 9420 §7.5: MUST verify that the derived public keys are the ones in the tree.
 * @throws CoterieError `PATH_KEY_MISMATCH` (peer)
 */
export async function privateKeysFrom(
  suite: CipherSuite,
  pathSecret: Secret,
  nodeIndices: readonly number[],
  publicKeys: readonly Uint8Array[],
): Promise<{ privateKeys: Map<number, KeyPair>; commitSecret: Secret }> {
  const privateKeys = new Map<number, KeyPair>()
  let secret = pathSecret
  for (const [i, nodeIndex] of nodeIndices.entries()) {
    const keyPair = await pathKeyPair(suite, secret)
    const next = deriveSecret(suite, secret, 'path')
    if (secret !== pathSecret) secret.wipe()
    secret = next
    const publicKey = publicKeys[i]
    if (publicKey === undefined || !equalBytes(keyPair.publicKey, publicKey)) {
      next.wipe()
      fail('PATH_KEY_MISMATCH', 'a path secret does not give the public key that the path has', {
        details: { nodeIndex },
      })
    }
    privateKeys.set(nodeIndex, keyPair)
  }
  return { privateKeys, commitSecret: secret }
}

async function pathKeyPair(suite: CipherSuite, pathSecret: Secret): Promise<KeyPair> {
  const nodeSecret = deriveSecret(suite, pathSecret, 'node')
  const keyPair = await suite.kem.deriveKeyPair(nodeSecret.bytes)
  nodeSecret.wipe()
  return keyPair
}

/** The parents of a path with their parent hashes, computed from the root down, and the hash for the leaf. RFC 9420 §7.9. */
function freshParents(
  suite: CipherSuite,
  steps: readonly PathStep[],
  publicKeys: readonly Uint8Array[],
): { parents: Map<number, ParentNode>; leafParentHash: Uint8Array } {
  const parents = new Map<number, ParentNode>()
  let above: Uint8Array = new Uint8Array(0)
  for (const [i, { branch, copath }] of [...steps.entries()].reverse()) {
    const parentNode = { encryptionKey: publicKeys[i] as Uint8Array, parentHash: above, unmergedLeaves: [] }
    parents.set(branch.nodeIndex, parentNode)
    // The sibling's tree hash is the original one, since the path leaves no unmerged leaves.
    above = parentHash(suite, parentNode, treeHash(suite, copath))
  }
  return { parents, leafParentHash: above }
}

/** RFC 9420 §12.4.2: no public key of the path may be anywhere in the tree, nor twice in the path. */
function checkPathKeys(suite: CipherSuite, tree: RatchetTree, path: UpdatePath): void {
  const seen: Uint8Array[] = [path.leafNode.encryptionKey]
  for (const { encryptionKey } of path.nodes) {
    if (!suite.kem.validatePublicKey(encryptionKey)) fail('TREE_KEY_INVALID', 'a path has a malformed public key')
    if (tree.encryptionKeys.has(encryptionKey) || seen.some((key) => equalBytes(key, encryptionKey))) {
      fail('PATH_KEY_REUSED', 'a public key of the path is in use already')
    }
    seen.push(encryptionKey)
  }
  if (tree.encryptionKeys.has(path.leafNode.encryptionKey)) {
    fail('PATH_KEY_REUSED', "the path's leaf key is in use already")
  }
}

const LABEL = 'UpdatePathNode'
