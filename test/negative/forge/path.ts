// Update paths with every step open to tampering (RFC 9420 §7.4–§7.6, §7.9).
import type { KeyPair } from '../../../src/crypto/contract.ts'
import { type CipherSuite, deriveSecret, encryptWithLabel } from '../../../src/crypto/labels.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import { LeafNodeSource } from '../../../src/messages/code-points.ts'
import type { UpdatePath, UpdatePathNode } from '../../../src/messages/commit.ts'
import { encodedGroupContext, type GroupContext } from '../../../src/messages/group-context.ts'
import type { LeafNode, LeafNodeContent, LeafNodePlace } from '../../../src/messages/leaf-node.ts'
import type { ParentNode } from '../../../src/messages/parent-node.ts'
import { treeHash } from '../../../src/tree/hash.ts'
import { parentHash } from '../../../src/tree/parent-hash.ts'
import { filteredDirectPath, type PathStep, type RatchetTree, setPath } from '../../../src/tree/ratchet-tree.ts'
import { resolution } from '../../../src/tree/subtree.ts'
import { forgeLeaf, type LeafTampering } from './leaf.ts'

/** Where an update path can be tampered with. */
export interface PathTampering {
  readonly leaf?: LeafTampering
  readonly leafKeyPair?: KeyPair
  /** The public keys of the nodes, before anything is computed from them. */
  readonly publicKeys?: (keys: readonly Uint8Array[], leafKey: Uint8Array) => readonly Uint8Array[]
  /** The parent hash in the leaf, before it is signed. */
  readonly parentHash?: (hash: Uint8Array) => Uint8Array
  /** What the path secrets are encrypted under in place of the provisional context. */
  readonly context?: (provisional: GroupContext) => GroupContext
  /** What is encrypted in place of a node's path secret. */
  readonly pathSecret?: (secret: Uint8Array, step: number) => Uint8Array
  /** The leaves that are left out of resolutions. */
  readonly excluded?: ReadonlySet<number>
  /** The nodes with their ciphertexts, before the commit is signed. */
  readonly nodes?: (nodes: readonly UpdatePathNode[]) => readonly UpdatePathNode[]
}

/** Who commits, from where. */
export interface PathMaker {
  readonly place: LeafNodePlace
  readonly signatureKeyPair: KeyPair
  /** The leaf without its encryption key and origin. */
  readonly content: Omit<LeafNodeContent, 'encryptionKey' | 'origin'>
}

export interface ForgedPath {
  readonly tree: RatchetTree
  readonly steps: readonly (PathStep & { readonly pathSecret: Secret })[]
  readonly commitSecret: Secret
  readonly leafNode: LeafNode
  readonly publicKeys: readonly Uint8Array[]
}

/** The keys of a path, put into the tree. */
export async function forgePath(
  suite: CipherSuite,
  tree: RatchetTree,
  maker: PathMaker,
  tampering: PathTampering = {},
): Promise<ForgedPath> {
  const { leafIndex } = maker.place
  const leafKeyPair = tampering.leafKeyPair ?? (await suite.kem.generateKeyPair())
  let pathSecret = new Secret(suite.randomBytes(suite.hash.length))
  const steps: (PathStep & { pathSecret: Secret })[] = []
  const derived: Uint8Array[] = []
  for (const step of filteredDirectPath(tree, leafIndex)) {
    steps.push({ ...step, pathSecret })
    derived.push((await suite.kem.deriveKeyPair(deriveSecret(suite, pathSecret, 'node').bytes)).publicKey)
    pathSecret = deriveSecret(suite, pathSecret, 'path')
  }
  const publicKeys = tampering.publicKeys?.(derived, leafKeyPair.publicKey) ?? derived
  const parents = new Map<number, ParentNode>()
  let above: Uint8Array = new Uint8Array(0)
  for (const [i, { branch, copath }] of [...steps.entries()].reverse()) {
    const parent = { encryptionKey: publicKeys[i] as Uint8Array, parentHash: above, unmergedLeaves: [] }
    parents.set(branch.nodeIndex, parent)
    above = parentHash(suite, parent, treeHash(suite, copath))
  }
  const content = {
    ...maker.content,
    encryptionKey: leafKeyPair.publicKey,
    origin: { source: LeafNodeSource.commit, parentHash: tampering.parentHash?.(above) ?? above },
  }
  const leafNode = await forgeLeaf(suite, maker.signatureKeyPair, content, maker.place, tampering.leaf)
  return { tree: setPath(tree, leafIndex, leafNode, parents), steps, commitSecret: pathSecret, leafNode, publicKeys }
}

/** Encrypts the path secrets. */
export async function sealPath(
  suite: CipherSuite,
  path: ForgedPath,
  provisional: GroupContext,
  added: ReadonlySet<number>,
  tampering: PathTampering = {},
): Promise<UpdatePath> {
  const context = encodedGroupContext(tampering.context?.(provisional) ?? provisional)
  const nodes: UpdatePathNode[] = []
  for (const [i, { copath, pathSecret }] of path.steps.entries()) {
    const plaintext = tampering.pathSecret?.(pathSecret.bytes, i) ?? pathSecret.bytes
    const encryptedPathSecret = []
    for (const { encryptionKey } of resolution(copath, tampering.excluded ?? added)) {
      encryptedPathSecret.push(await encryptWithLabel(suite, encryptionKey, 'UpdatePathNode', context, plaintext))
    }
    nodes.push({ encryptionKey: path.publicKeys[i] as Uint8Array, encryptedPathSecret })
  }
  return { leafNode: path.leafNode, nodes: tampering.nodes?.(nodes) ?? nodes }
}
