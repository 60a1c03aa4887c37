// TreeKEM (RFC 9420 §7.4–§7.6, §7.9): treekem.json of the working group. Every given path is processed by everybody else, and
// then one of our own making.
import { toHex } from '../../src/bytes.ts'
import { decode } from '../../src/codec/reader.ts'
import { encode } from '../../src/codec/writer.ts'
import type { KeyPair } from '../../src/crypto/contract.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { SignatureBatch } from '../../src/group/leaf-checks.ts'
import { LeafNodeSource, MLS10 } from '../../src/messages/code-points.ts'
import { decodeUpdatePath, encodeUpdatePath, type UpdatePath } from '../../src/messages/commit.ts'
import { encodedGroupContext } from '../../src/messages/group-context.ts'
import { signLeafNode } from '../../src/messages/leaf-node.ts'
import { treeHash } from '../../src/tree/hash.ts'
import { leafToNode } from '../../src/tree/math.ts'
import { checkParentHashes } from '../../src/tree/parent-hash.ts'
import { directPath, leafAt, members, type RatchetTree } from '../../src/tree/ratchet-tree.ts'
import { contains } from '../../src/tree/subtree.ts'
import { decodeRatchetTree } from '../../src/tree/tree-codec.ts'
import {
  decryptPath,
  encryptPath,
  freshPath,
  type MergedPath,
  mergePath,
  type PrivateKeys,
  privateKeysFrom,
} from '../../src/tree/update-path.ts'
import { hex, isListWith, list, object, optional, runShapedCases, uint } from './json-shape.ts'
import type { VectorSuite } from './suite.ts'
import { bytes, expectBytes, expectTrue } from './vector-cases.ts'

const readVector = object({
  cipher_suite: uint,
  group_id: hex,
  epoch: uint,
  confirmed_transcript_hash: hex,
  ratchet_tree: hex,
  leaves_private: list(
    object({
      index: uint,
      encryption_priv: hex,
      signature_priv: hex,
      path_secrets: list(object({ node: uint, path_secret: hex })),
    }),
  ),
  update_paths: list(
    object({
      sender: uint,
      update_path: hex,
      path_secrets: list(optional(hex)),
      commit_secret: hex,
      tree_hash_after: hex,
    }),
  ),
})
type Vector = ReturnType<typeof readVector>
type PathVector = Vector['update_paths'][number]

/** The tree of one case with what every leaf knows of it. */
interface Group {
  readonly suite: CipherSuite
  readonly vector: Vector
  readonly tree: RatchetTree
  readonly leaves: ReadonlyMap<number, LeafSecrets>
}

interface LeafSecrets {
  readonly signatureKeyPair: KeyPair
  readonly privateKeys: PrivateKeys
}

export const treekem: VectorSuite = {
  name: 'treekem',
  recognises: (json) =>
    isListWith(json, [
      'cipher_suite',
      'confirmed_transcript_hash',
      'epoch',
      'group_id',
      'leaves_private',
      'ratchet_tree',
      'update_paths',
    ]),
  run: (json, provider, report) =>
    runShapedCases(json, readVector, provider, report, async (suite, vector) => {
      const tree = decodeRatchetTree(bytes(vector.ratchet_tree))
      const leaves = await leafSecrets(suite, tree, vector)
      const occupied = [...members(tree)].map(({ leafIndex }) => leafIndex)
      expectTrue('the secrets of all leaves are given', occupied.join() === [...leaves.keys()].join())
      const group = { suite, vector, tree, leaves }
      for (const path of vector.update_paths) {
        await checkGivenPath(group, path)
        await checkFreshPath(group, path.sender)
      }
    }),
}

/** Imports every private key that the file gives; each must belong to the public key in the tree. */
async function leafSecrets(suite: CipherSuite, tree: RatchetTree, vector: Vector): Promise<Map<number, LeafSecrets>> {
  const leaves = new Map<number, LeafSecrets>()
  for (const { index, encryption_priv, signature_priv, path_secrets } of vector.leaves_private) {
    const leafNode = leafAt(tree, index)
    if (leafNode === undefined) throw new Error(`leaf ${index} is blank`)
    const encryptionKeyPair = await suite.kem.importPrivateKey(bytes(encryption_priv))
    const signatureKeyPair = await suite.signature.importPrivateKey(bytes(signature_priv))
    expectBytes(`the encryption key of leaf ${index}`, encryptionKeyPair.publicKey, toHex(leafNode.encryptionKey))
    expectBytes(`the signature key of leaf ${index}`, signatureKeyPair.publicKey, toHex(leafNode.signatureKey))
    const privateKeys = new Map([[leafToNode(index), encryptionKeyPair]])
    const path = directPath(tree, index)
    for (const { node, path_secret } of path_secrets) {
      const parentNode = path.find(({ branch }) => branch.nodeIndex === node)?.branch.parentNode
      if (parentNode === undefined) throw new Error(`node ${node} above leaf ${index} is blank`)
      const secret = new Secret(bytes(path_secret))
      const { privateKeys: derived } = await privateKeysFrom(suite, secret, [node], [parentNode.encryptionKey])
      for (const [nodeIndex, keyPair] of derived) privateKeys.set(nodeIndex, keyPair)
    }
    leaves.set(index, { signatureKeyPair, privateKeys })
  }
  return leaves
}

async function checkGivenPath(group: Group, given: PathVector): Promise<void> {
  const { suite, tree } = group
  const path = decode(decodeUpdatePath, bytes(given.update_path))
  expectBytes('the path, encoded again', encode(encodeUpdatePath, path), given.update_path)
  const merged = await mergeChecked(group, given.sender, path)
  expectBytes('the tree hash after', treeHash(suite, merged.tree.root), given.tree_hash_after)
  for (const { leafIndex } of members(tree)) {
    const expected = given.path_secrets[leafIndex]
    if (leafIndex === given.sender) {
      expectTrue('no path secret is given for the sender', expected === undefined)
      continue
    }
    if (expected === undefined) throw new Error(`no path secret is given for leaf ${leafIndex}`)
    const received = await receive(group, merged, path, leafIndex)
    expectBytes(`the commit secret of leaf ${leafIndex}`, received.commitSecret.bytes, given.commit_secret)
    await checkPathSecret(group, merged, path, leafIndex, expected, received.privateKeys)
  }
}

/** A path of our own from the same leaf, which all others must agree on. */
async function checkFreshPath(group: Group, sender: number): Promise<void> {
  const { suite, vector, tree, leaves } = group
  const before = leafAt(tree, sender)
  const secrets = leaves.get(sender)
  if (before === undefined || secrets === undefined) throw new Error(`leaf ${sender} is blank`)
  const { publicKey } = await suite.kem.generateKeyPair()
  const update = await freshPath(suite, tree, sender, (parentHash) =>
    signLeafNode(
      suite,
      secrets.signatureKeyPair,
      { ...before, encryptionKey: publicKey, origin: { source: LeafNodeSource.commit, parentHash } },
      { groupId: bytes(vector.group_id), leafIndex: sender },
    ),
  )
  const path = await encryptPath(suite, update, contextOf(group, update.tree), NONE_ADDED)
  const sent = decode(decodeUpdatePath, encode(encodeUpdatePath, path))
  const merged = await mergeChecked(group, sender, sent)
  expectBytes('the tree hash of others', treeHash(suite, merged.tree.root), toHex(treeHash(suite, update.tree.root)))
  for (const { leafIndex } of members(tree)) {
    if (leafIndex === sender) continue
    const { commitSecret } = await receive(group, merged, sent, leafIndex)
    expectBytes(`the commit secret of leaf ${leafIndex}`, commitSecret.bytes, toHex(update.commitSecret.bytes))
  }
}

/** Puts a path into the tree and checks that the outcome is parent-hash valid and the new leaf signed. */
async function mergeChecked({ suite, vector, tree }: Group, sender: number, path: UpdatePath): Promise<MergedPath> {
  const merged = mergePath(suite, tree, sender, path, NONE_ADDED)
  checkParentHashes(suite, merged.tree.root)
  const signatures = new SignatureBatch()
  signatures.leaf(path.leafNode, { groupId: bytes(vector.group_id), leafIndex: sender })
  await signatures.verify(suite)
  return merged
}

function receive(
  group: Group,
  merged: MergedPath,
  path: UpdatePath,
  leafIndex: number,
): ReturnType<typeof decryptPath> {
  const privateKeys = group.leaves.get(leafIndex)?.privateKeys
  if (privateKeys === undefined) throw new Error(`the keys of leaf ${leafIndex} are not given`)
  const context = contextOf(group, merged.tree)
  return decryptPath(group.suite, merged, path, leafIndex, privateKeys, context, NONE_ADDED)
}

/** The expected path secret gives the very keys that the leaf has derived from the one it decrypted. */
async function checkPathSecret(
  { suite }: Group,
  merged: MergedPath,
  path: UpdatePath,
  leafIndex: number,
  pathSecret: string,
  received: PrivateKeys,
): Promise<void> {
  const from = merged.steps.findIndex(({ copath }) => contains(copath, leafIndex))
  const nodes = merged.steps.slice(from).map(({ branch }) => branch.nodeIndex)
  const publicKeys = path.nodes.slice(from).map(({ encryptionKey }) => encryptionKey)
  const { privateKeys } = await privateKeysFrom(suite, new Secret(bytes(pathSecret)), nodes, publicKeys)
  expectTrue(`leaf ${leafIndex} derives the keys of its path`, [...received.keys()].join() === nodes.join())
  for (const [nodeIndex, { privateKey }] of privateKeys) {
    const derived = received.get(nodeIndex)?.privateKey.bytes ?? new Uint8Array()
    expectBytes(`the private key of node ${nodeIndex}`, derived, toHex(privateKey.bytes))
  }
}

/** The GroupContext that path secrets are encrypted under: with the tree hash after the path. */
function contextOf({ suite, vector }: Group, after: RatchetTree): Uint8Array {
  return encodedGroupContext({
    version: MLS10,
    cipherSuite: suite.id,
    groupId: bytes(vector.group_id),
    epoch: BigInt(vector.epoch),
    treeHash: treeHash(suite, after.root),
    confirmedTranscriptHash: bytes(vector.confirmed_transcript_hash),
    extensions: [],
  })
}

const NONE_ADDED: ReadonlySet<number> = new Set()
