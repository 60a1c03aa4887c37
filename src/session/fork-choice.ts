// Which of several branches a group is on: a pure function of the epochs and statements that a device holds
// (spec/ordering.md). Two devices that hold the same agree.

import { toHex, utf8 } from '../bytes.ts'
import { encode } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { members } from '../tree/ratchet-tree.ts'
import type { EpochNode, EpochTree, NodeId } from './epoch-tree.ts'

/** Where each device's latest statement puts it, by signature key in hexadecimal. */
export type Statements = ReadonlyMap<string, NodeId>

/**
 * The head. From the root down, the child where most of the members at the fork stand; then the smallest rank; then the
 * smallest name.
 */
export function chooseHead(tree: EpochTree, statements: Statements): EpochNode {
  let at = tree.at(tree.root)
  for (let children = tree.children(at.id); children.length > 0; children = tree.children(at.id)) {
    const voters = new Set([...members(at.state.tree)].map(({ leafNode }) => toHex(leafNode.signatureKey)))
    at = children
      .map((child) => ({ child, weight: weightOf(tree, child.id, voters, statements) }))
      .reduce((best, other) => (precedes(other, best) ? other : best)).child
  }
  return at
}

/**
 * Orders commits that race, by nothing that the committer can choose: group, epoch and leaf. @returns hexadecimal
 */
export function commitRank(suite: CipherSuite, groupId: Uint8Array, epoch: bigint, leafIndex: number): string {
  const preimage = encode((writer) => {
    writer.opaque(LABEL)
    writer.opaque(groupId)
    writer.uint64(epoch)
    writer.uint32(leafIndex)
  }, undefined)
  return toHex(suite.hash.digest(preimage))
}

interface Weighed {
  readonly child: EpochNode
  readonly weight: number
}

function precedes(a: Weighed, b: Weighed): boolean {
  if (a.weight !== b.weight) return a.weight > b.weight
  if (a.child.rank !== b.child.rank) return a.child.rank < b.child.rank
  return a.child.id < b.child.id
}

/** How many distinct members at the fork stand in the branch. Those whom a branch added have no weight there. */
function weightOf(tree: EpochTree, branch: NodeId, voters: ReadonlySet<string>, statements: Statements): number {
  let weight = 0
  for (const [device, node] of statements) {
    if (voters.has(device) && tree.path(node).some(({ id }) => id === branch)) weight++
  }
  return weight
}

const LABEL = /* @__PURE__ */ utf8('coterie rank')
