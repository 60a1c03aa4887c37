// A group in its steady state that members of any stack can join: keys, signatures and parent hashes are all valid, as if
// everybody had committed (all parents have keys, no unmerged leaves). Its members' keys are made here, so that this takes
// n commits on a bare tree instead of n² processed messages.

import type { KeyPair } from '../../src/crypto/contract.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { begin, currentKeys, epochOf } from '../../src/group/epoch.ts'
import { LeafNodeSource } from '../../src/messages/code-points.ts'
import { signLeafNode } from '../../src/messages/leaf-node.ts'
import {
  addProposal,
  type CipherSuite,
  commit,
  decodeMlsMessage,
  type GroupState,
  type OwnKeyPackage,
  processMessage,
} from '../../src/mls.ts'
import { epochSecretsFromEpochSecret } from '../../src/schedule/key-schedule.ts'
import { treeHash } from '../../src/tree/hash.ts'
import { leafToNode } from '../../src/tree/math.ts'
import { addLeaves, leafAt, type RatchetTree, replaceLeaves, singletonTree } from '../../src/tree/ratchet-tree.ts'
import { freshPath } from '../../src/tree/update-path.ts'

/** Two members whose states are held here: one at the left end of each half of the tree. */
export interface SteadyGroup {
  readonly groupId: Uint8Array
  readonly left: GroupState
  readonly right: GroupState
}

/** What two joiners get; the first of them also gets the commit that adds the second. */
export interface Invitations {
  readonly first: Uint8Array
  readonly commit: Uint8Array
  readonly second: Uint8Array
}

/**
 * Makes the group, in epoch 1. The leaves next to the two members are blank, and the spare ones.
 * @param members - one for each leaf of the tree, a power of two that is at least 4
 */
export async function steadyGroup(suite: CipherSuite, members: readonly OwnKeyPackage[]): Promise<SteadyGroup> {
  const leaves = members.length
  const groupId = suite.randomBytes(16)
  const [first, ...rest] = members.map(({ keyPackage }) => keyPackage.leafNode)
  if (first === undefined) throw new Error('a group without members')
  const full = addLeaves(singletonTree(first), rest).tree
  const blank = [1, leaves / 2 + 1]
  for (let leafIndex = leaves - spareLeaves(leaves); leafIndex < leaves; leafIndex++) blank.push(leafIndex)
  let tree = replaceLeaves(full, new Map(blank.map((leafIndex) => [leafIndex, undefined])))
  const keys = new Map<number, KeyPair>()
  for (let leafIndex = 0; leafIndex < leaves; leafIndex += 2) {
    const own = members[leafIndex]
    if (own !== undefined && leafAt(tree, leafIndex) !== undefined) {
      tree = await withFreshPath({ suite, groupId, keys }, tree, leafIndex, own)
    }
  }
  const groupContext = {
    version: 1,
    cipherSuite: suite.id,
    groupId,
    epoch: 1n,
    treeHash: treeHash(suite, tree.root),
    confirmedTranscriptHash: suite.randomBytes(suite.hash.length),
    extensions: [],
  }
  const epochSecret = suite.randomBytes(suite.hash.length)
  const stateOf = (leafIndex: number): GroupState => {
    const secrets = epochSecretsFromEpochSecret(suite, Secret.copyOf(epochSecret))
    const signatureKeyPair = members[leafIndex]?.secrets.signatureKeyPair
    if (signatureKeyPair === undefined) throw new Error(`there is no member ${leafIndex}`)
    const own = { leafIndex, signatureKeyPair, privateKeys: currentKeys(tree, leafIndex, keys) }
    return begin(suite, epochOf(suite, groupContext, tree, secrets), own, undefined)
  }
  return { groupId, left: stateOf(0), right: stateOf(leaves / 2) }
}

/**
 * Adds two members, given by their encoded key packages, one in each half, each by its neighbour: whose path covers all
 * parents of the new leaf, so that it is merged at once. The group itself stays as it is.
 */
export async function invite(group: SteadyGroup, first: Uint8Array, second: Uint8Array): Promise<Invitations> {
  const one = await add(group.left, first)
  const right = await processMessage(group.right, one.commit, { nowMs: Date.now() })
  const other = await add(right.state, second)
  return { first: one.welcome, commit: other.commit, second: other.welcome }
}

/** How many leaves at the right end are blank, for members that come later. */
function spareLeaves(leaves: number): number {
  return leaves < 16 ? 0 : leaves / 8
}

interface Making {
  readonly suite: CipherSuite
  readonly groupId: Uint8Array
  /** The newest key pair of each node, by node index. */
  readonly keys: Map<number, KeyPair>
}

async function withFreshPath(
  making: Making,
  tree: RatchetTree,
  leafIndex: number,
  own: OwnKeyPackage,
): Promise<RatchetTree> {
  const { suite, groupId, keys } = making
  const leafKeyPair = await suite.kem.generateKeyPair()
  const update = await freshPath(suite, tree, leafIndex, (parentHash) =>
    signLeafNode(
      suite,
      own.secrets.signatureKeyPair,
      {
        ...own.keyPackage.leafNode,
        encryptionKey: leafKeyPair.publicKey,
        origin: { source: LeafNodeSource.commit, parentHash },
      },
      { groupId, leafIndex },
    ),
  )
  keys.set(leafToNode(leafIndex), leafKeyPair)
  for (const { branch, keyPair } of update.steps) keys.set(branch.nodeIndex, keyPair)
  return update.tree
}

async function add(state: GroupState, message: Uint8Array): Promise<{ commit: Uint8Array; welcome: Uint8Array }> {
  const decoded = decodeMlsMessage(message)
  if (!('keyPackage' in decoded)) throw new Error('expected a key package')
  const proposals = [addProposal(decoded.keyPackage)]
  const sent = await commit(state, { nowMs: Date.now(), wireFormat: 'public', proposals })
  if (sent.welcome === undefined) throw new Error('a commit that adds came without Welcome')
  return { commit: sent.message, welcome: sent.welcome }
}
