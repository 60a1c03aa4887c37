// The epochs of a group that a device knows, as a tree: commits that race make siblings (spec/ordering.md). An epoch is
// named by its interim transcript hash (RFC 9420 §8.2), which chains every commit before it.

import { toHex } from '../bytes.ts'
import { fail } from '../errors.ts'
import type { GroupState } from '../group/state.ts'

/** The interim transcript hash in hexadecimal. */
export type NodeId = string

/** A device: its signature key in hexadecimal. */
export type DeviceId = string

/** Who is in an epoch. Epochs with the same members have the same. */
export interface Roster {
  /** A hash over the devices, in hexadecimal. */
  readonly name: string
  readonly devices: ReadonlySet<DeviceId>
}

/** What is public of an epoch: enough to verify who may vote, and to weigh branches. */
interface EpochOutline {
  readonly id: NodeId
  readonly parent: NodeId | undefined
  /** The epoch's number. */
  readonly height: bigint
  /** The leaf, in the parent's tree, whose commit began the epoch; undefined for the group's first. */
  readonly committer: number | undefined
  /** The leaves of the parent's tree that this epoch no longer has. */
  readonly removed: readonly number[]
  readonly roster: Roster
}

/** An epoch that this device has entered, could enter, or has left so long ago that its secrets are gone. */
export interface EpochNode extends EpochOutline {
  /** The device that committed it; undefined for a root. */
  readonly device: DeviceId | undefined
  /** Devices that were members before and took a new leaf. */
  readonly readded: readonly DeviceId[]
  /** Where its members meet. */
  readonly topic: string
  /**
   * Replaced as messages use up keys. Undefined where the secrets were given up, and where the commit is one that everybody
   * sees but that this device cannot process.
   */
  readonly state: GroupState | undefined
  /** Whether this device could not process the commit. */
  readonly broken: boolean
}

/** An epoch with its keys. */
export type OpenEpoch = EpochNode & { readonly state: GroupState }

export function nodeIdOf(state: GroupState): NodeId {
  return toHex(state.interimTranscriptHash)
}

export function isOpen(node: EpochNode): node is OpenEpoch {
  return node.state !== undefined
}

/** An immutable tree of epochs. */
export class EpochTree {
  readonly #nodes: ReadonlyMap<NodeId, EpochNode>
  readonly #children: ReadonlyMap<NodeId, readonly NodeId[]>
  readonly root: NodeId

  private constructor(
    nodes: ReadonlyMap<NodeId, EpochNode>,
    children: ReadonlyMap<NodeId, readonly NodeId[]>,
    root: NodeId,
  ) {
    this.#nodes = nodes
    this.#children = children
    this.root = root
  }

  static from(nodes: readonly EpochNode[]): EpochTree {
    const known = new Map(nodes.map((node) => [node.id, node] as const))
    const roots = nodes.filter(({ parent }) => parent === undefined || !known.has(parent))
    const [root] = roots
    if (root === undefined || roots.length > 1)
      return fail('INTERNAL_INVARIANT', `a tree of epochs with ${roots.length} roots`)
    return new EpochTree(known, childrenOf(known), root.id)
  }

  get size(): number {
    return this.#nodes.size
  }

  nodes(): Iterable<EpochNode> {
    return this.#nodes.values()
  }

  /** Those with keys. */
  open(): OpenEpoch[] {
    return [...this.#nodes.values()].filter(isOpen)
  }

  get(id: NodeId): EpochNode | undefined {
    return this.#nodes.get(id)
  }

  /** @throws CoterieError `INTERNAL_INVARIANT` */
  at(id: NodeId): EpochNode {
    return this.#nodes.get(id) ?? fail('INTERNAL_INVARIANT', 'an epoch that is not in the tree')
  }

  children(id: NodeId): EpochNode[] {
    return (this.#children.get(id) ?? []).map((child) => this.at(child))
  }

  /** Adds an epoch, or replaces what is known of it. */
  with(node: EpochNode): EpochTree {
    const isNew = !this.#nodes.has(node.id)
    const nodes = new Map(this.#nodes).set(node.id, node)
    if (!isNew || node.parent === undefined) return new EpochTree(nodes, this.#children, this.root)
    const siblings = this.#children.get(node.parent) ?? []
    return new EpochTree(nodes, new Map(this.#children).set(node.parent, [...siblings, node.id]), this.root)
  }

  /** Without some epochs: neither the root nor one with descendants that stay. */
  without(ids: ReadonlySet<NodeId>): EpochTree {
    if (ids.size === 0) return this
    const nodes = new Map([...this.#nodes].filter(([id]) => !ids.has(id)))
    return new EpochTree(nodes, childrenOf(nodes), this.root)
  }

  /** The tree below another root: everything that does not descend from it is gone. */
  rootedAt(id: NodeId): EpochTree {
    const kept = new Map<NodeId, EpochNode>()
    const waiting = [this.at(id)]
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      kept.set(node.id, node)
      waiting.push(...this.children(node.id))
    }
    return new EpochTree(kept, childrenOf(kept), id)
  }

  /** The epoch of a given number on the way to `id`; undefined where the tree does not reach back so far. */
  ancestorAt(id: NodeId, height: bigint): EpochNode | undefined {
    let node = this.get(id)
    while (node !== undefined && node.height > height)
      node = node.parent === undefined ? undefined : this.get(node.parent)
    return node?.height === height ? node : undefined
  }

  /** Whether one epoch is the other, or came before it. */
  isOnPath(ancestor: NodeId, descendant: NodeId): boolean {
    const node = this.get(ancestor)
    return node !== undefined && this.ancestorAt(descendant, node.height)?.id === ancestor
  }

  /** The last epoch that two have in common. */
  meeting(a: NodeId, b: NodeId): EpochNode {
    let one = this.at(a)
    let other = this.at(b)
    while (one.id !== other.id) {
      if (one.height >= other.height)
        one = this.at(one.parent ?? fail('INTERNAL_INVARIANT', 'two epochs without a common one'))
      else other = this.at(other.parent ?? fail('INTERNAL_INVARIANT', 'two epochs without a common one'))
    }
    return one
  }
}

function childrenOf(nodes: ReadonlyMap<NodeId, EpochNode>): Map<NodeId, NodeId[]> {
  const children = new Map<NodeId, NodeId[]>()
  for (const { id, parent } of nodes.values()) {
    if (parent === undefined || !nodes.has(parent)) continue
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [id])
    else siblings.push(id)
  }
  return children
}
