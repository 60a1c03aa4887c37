// Groups of any size in no time, for counting costs: keys of most members are random bytes that nobody holds the private
// halves of, a few members are real. The tree is in its steady state, as if everybody had committed: all parents have keys
// and there are no unmerged leaves. Parent hashes and leaf signatures are made up; only joiners would look at them.
import { randomFillSync } from 'node:crypto'
import type { KeyPair } from '../../src/crypto/contract.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { begin, epochOf } from '../../src/group/epoch.ts'
import type { GroupLimits, GroupState } from '../../src/group/state.ts'
import type { LeafNode } from '../../src/messages/leaf-node.ts'
import { epochSecretsFromEpochSecret } from '../../src/schedule/key-schedule.ts'
import { treeHash } from '../../src/tree/hash.ts'
import { leafToNode, parent } from '../../src/tree/math.ts'
import { leafCount, type RatchetTree, treeOf } from '../../src/tree/ratchet-tree.ts'
import { Branch, Leaf, type Subtree } from '../../src/tree/subtree.ts'

/** How long making the largest groups may take on a busy machine; on an idle one it is some seconds. */
export const BUILDING_MS = 240_000

export interface SyntheticGroup {
  readonly tree: RatchetTree
  /** The states of the real members, in the order in which they were asked for. */
  readonly states: readonly GroupState[]
}

export interface SyntheticOptions {
  /** Width of the tree, a power of two. */
  readonly leaves: number
  /** Leaf indices of the members that have states. */
  readonly real: readonly number[]
  /** Leaf indices without a member. */
  readonly blank?: readonly number[]
  readonly limits?: Partial<GroupLimits>
}

/** A group in its steady state, in epoch 1. */
export async function syntheticGroup(suite: CipherSuite, options: SyntheticOptions): Promise<SyntheticGroup> {
  const { leaves, real, blank = [], limits } = options
  const encryptionKeys = new Map<number, KeyPair>()
  const signatureKeys = new Map<number, KeyPair>()
  for (const leafIndex of real) {
    signatureKeys.set(leafIndex, await suite.signature.generateKeyPair())
    for (const nodeIndex of pathOf(leafIndex, leaves)) {
      if (!encryptionKeys.has(nodeIndex)) encryptionKeys.set(nodeIndex, await suite.kem.generateKeyPair())
    }
  }
  const random = randomSource(leaves * 512)
  const tree = treeOf(build({ suite, encryptionKeys, signatureKeys, blank: new Set(blank), random }, leaves, 0))
  const groupContext = {
    version: 1,
    cipherSuite: suite.id,
    groupId: random(16),
    epoch: 1n,
    treeHash: treeHash(suite, tree.root),
    confirmedTranscriptHash: random(32),
    extensions: [],
  }
  const epochSecret = random(32)
  const states = real.map((leafIndex) => {
    const secrets = epochSecretsFromEpochSecret(suite, Secret.copyOf(epochSecret))
    const privateKeys = new Map<number, KeyPair>()
    for (const nodeIndex of pathOf(leafIndex, leaves)) privateKeys.set(nodeIndex, held(encryptionKeys, nodeIndex))
    const own = { leafIndex, signatureKeyPair: held(signatureKeys, leafIndex), privateKeys }
    return begin(suite, epochOf(suite, groupContext, tree, secrets), own, limits)
  })
  if (leafCount(tree) !== leaves) throw new Error(`${leaves} is not the width of a tree`)
  return { tree, states }
}

interface Material {
  readonly suite: CipherSuite
  /** By node index. */
  readonly encryptionKeys: ReadonlyMap<number, KeyPair>
  /** By leaf index. */
  readonly signatureKeys: ReadonlyMap<number, KeyPair>
  readonly blank: ReadonlySet<number>
  random(length: number): Uint8Array
}

function build(material: Material, leaves: number, firstLeaf: number): Subtree {
  if (leaves === 1)
    return new Leaf(firstLeaf, material.blank.has(firstLeaf) ? undefined : leafNode(material, firstLeaf))
  const left = build(material, leaves / 2, firstLeaf)
  const right = build(material, leaves / 2, firstLeaf + leaves / 2)
  // Nobody's filtered direct path has a node of which one side is empty.
  if (left.occupied === 0 || right.occupied === 0) return new Branch(undefined, left, right)
  const { nodeIndex } = new Branch(undefined, left, right)
  const encryptionKey = material.encryptionKeys.get(nodeIndex)?.publicKey ?? material.random(32)
  return new Branch({ encryptionKey, parentHash: material.random(32), unmergedLeaves: [] }, left, right)
}

function leafNode(material: Material, leafIndex: number): LeafNode {
  const { suite, encryptionKeys, signatureKeys, random } = material
  return {
    encryptionKey: encryptionKeys.get(leafToNode(leafIndex))?.publicKey ?? random(32),
    signatureKey: signatureKeys.get(leafIndex)?.publicKey ?? random(32),
    credential: { credentialType: 1, identity: random(16) },
    capabilities: { versions: [1], cipherSuites: [suite.id], extensions: [], proposals: [], credentials: [1] },
    origin: { source: 3, parentHash: random(32) },
    extensions: [],
    signature: random(64),
  }
}

/** The node indices from a leaf to the root, both included. */
function pathOf(leafIndex: number, leaves: number): number[] {
  const path: number[] = []
  for (let node: number | undefined = leafToNode(leafIndex); node !== undefined; node = parent(node, leaves)) {
    path.push(node)
  }
  return path
}

function held(keys: ReadonlyMap<number, KeyPair>, index: number): KeyPair {
  const pair = keys.get(index)
  if (pair === undefined) throw new Error(`no key pair was made for ${index}`)
  return pair
}

/** Random bytes out of one large piece, which are cheap to take. */
function randomSource(bytes: number): (length: number) => Uint8Array {
  const pool = randomFillSync(new Uint8Array(bytes + 1024))
  let next = 0
  return (length) => {
    next += length
    if (next > pool.length) throw new Error('the random pool is empty')
    return pool.slice(next - length, next)
  }
}
