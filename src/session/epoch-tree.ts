// The epochs of a group that a device knows, as a tree: commits that race make siblings (spec/ordering.md). An epoch is
// named by its interim transcript hash (RFC 9420 §8.2), which chains every commit before it.

import { toHex } from '../bytes.ts'
import { fail } from '../errors.ts'
import type { GroupState } from '../group/state.ts'
import type { Rendezvous } from '../wire/topic.ts'

/** The interim transcript hash in hexadecimal. */
export type NodeId = string

/** An epoch that this device has entered, or could enter. */
export interface EpochNode {
  readonly id: NodeId
  readonly parent: NodeId | undefined
  /** The epoch's number. */
  readonly height: bigint
  /** Where the members of this epoch meet. */
  readonly rendezvous: Rendezvous
  /** Replaced as messages use up keys. */
  readonly state: GroupState
  /** The device whose commit began the epoch: its signature key in hexadecimal. */
  readonly committer: string | undefined
  /** Orders siblings of equal weight: the smallest wins. In hexadecimal. */
  readonly rank: string
}

export function nodeIdOf(state: GroupState): NodeId {
  return toHex(state.interimTranscriptHash)
}

/** An immutable tree of epochs. */
export class EpochTree {
  readonly #nodes: ReadonlyMap<NodeId, EpochNode>
  readonly root: NodeId

  private constructor(nodes: ReadonlyMap<NodeId, EpochNode>, root: NodeId) {
    this.#nodes = nodes
    this.root = root
  }

  static from(nodes: readonly EpochNode[]): EpochTree {
    const known = new Map(nodes.map((node) => [node.id, node] as const))
    const roots = nodes.filter(({ parent }) => parent === undefined || !known.has(parent))
    const [root] = roots
    if (root === undefined || roots.length > 1)
      return fail('INTERNAL_INVARIANT', `a tree of epochs with ${roots.length} roots`)
    return new EpochTree(known, root.id)
  }

  get nodes(): readonly EpochNode[] {
    return [...this.#nodes.values()]
  }

  get(id: NodeId): EpochNode | undefined {
    return this.#nodes.get(id)
  }

  /** @throws CoterieError `INTERNAL_INVARIANT` */
  at(id: NodeId): EpochNode {
    return this.#nodes.get(id) ?? fail('INTERNAL_INVARIANT', 'an epoch that is not in the tree')
  }

  children(id: NodeId): EpochNode[] {
    return this.nodes.filter(({ parent }) => parent === id)
  }

  /** Adds an epoch, or replaces its state. */
  with(node: EpochNode): EpochTree {
    return new EpochTree(new Map(this.#nodes).set(node.id, node), this.root)
  }

  /** The path from the root to an epoch. */
  path(id: NodeId): EpochNode[] {
    const path: EpochNode[] = []
    for (let at = this.get(id); at !== undefined; at = at.parent === undefined ? undefined : this.get(at.parent)) {
      path.unshift(at)
    }
    return path
  }

  /** The tree below another root: everything that does not descend from it is gone. */
  rootedAt(id: NodeId): EpochTree {
    const kept = this.nodes.filter((node) => this.path(node.id).some((above) => above.id === id))
    return new EpochTree(new Map(kept.map((node) => [node.id, node] as const)), id)
  }
}
