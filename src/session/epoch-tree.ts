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

/** Whether frames on a topic may be under keys that are at hand. */
export function isOnOpenEpoch(tree: EpochTree, topic: string): boolean {
  return tree.open().some((node) => node.topic === topic)
}

/** An immutable tree of epochs. */
export class EpochTree {
  /** Few: they change with every message. */
  readonly #open: ReadonlyMap<NodeId, OpenEpoch>
  /** Many: they change with commits only. */
  readonly #closed: ReadonlyMap<NodeId, EpochNode>
  readonly #children: ReadonlyMap<NodeId, readonly NodeId[]>
  readonly root: NodeId

  private constructor(
    open: ReadonlyMap<NodeId, OpenEpoch>,
    closed: ReadonlyMap<NodeId, EpochNode>,
    children: ReadonlyMap<NodeId, readonly NodeId[]>,
    root: NodeId,
  ) {
    this.#open = open
    this.#closed = closed
    this.#children = children
    this.root = root
  }

  static from(nodes: readonly EpochNode[]): EpochTree {
    const known = new Map(nodes.map((node) => [node.id, node] as const))
    const roots = nodes.filter(({ parent }) => parent === undefined || !known.has(parent))
    const [root] = roots
    if (root === undefined || roots.length > 1)
      return fail('INTERNAL_INVARIANT', `a tree of epochs with ${roots.length} roots`)
    return EpochTree.#of(known.values(), root.id)
  }

  static #of(nodes: Iterable<EpochNode>, root: NodeId): EpochTree {
    const open = new Map<NodeId, OpenEpoch>()
    const closed = new Map<NodeId, EpochNode>()
    for (const node of nodes) {
      if (isOpen(node)) open.set(node.id, node)
      else closed.set(node.id, node)
    }
    return new EpochTree(open, closed, childrenOf([...closed.values(), ...open.values()]), root)
  }

  get size(): number {
    return this.#open.size + this.#closed.size
  }

  *nodes(): Generator<EpochNode, void, undefined> {
    yield* this.#closed.values()
    yield* this.#open.values()
  }

  /** Those with keys. */
  open(): OpenEpoch[] {
    return [...this.#open.values()]
  }

  /** Whether another tree has the same epochs, and keys of the same, so that at most states are different. */
  hasShapeOf(other: EpochTree): boolean {
    return this.#closed === other.#closed && this.#children === other.#children && this.root === other.root
  }

  get(id: NodeId): EpochNode | undefined {
    return this.#open.get(id) ?? this.#closed.get(id)
  }

  /** @throws CoterieError `INTERNAL_INVARIANT` */
  at(id: NodeId): EpochNode {
    return this.get(id) ?? fail('INTERNAL_INVARIANT', 'an epoch that is not in the tree')
  }

  children(id: NodeId): EpochNode[] {
    return (this.#children.get(id) ?? []).map((child) => this.at(child))
  }

  /** Adds an epoch, or replaces what is known of it. */
  with(node: EpochNode): EpochTree {
    const isNew = this.get(node.id) === undefined
    const open = isOpen(node) ? new Map(this.#open).set(node.id, node) : leaving(this.#open, node.id)
    const closed = isOpen(node) ? leaving(this.#closed, node.id) : new Map(this.#closed).set(node.id, node)
    if (!isNew || node.parent === undefined) return new EpochTree(open, closed, this.#children, this.root)
    const siblings = this.#children.get(node.parent) ?? []
    return new EpochTree(open, closed, new Map(this.#children).set(node.parent, [...siblings, node.id]), this.root)
  }

  /** Without some epochs: neither the root nor one with descendants that stay. */
  without(ids: ReadonlySet<NodeId>): EpochTree {
    if (ids.size === 0) return this
    return EpochTree.#of(
      [...this.nodes()].filter(({ id }) => !ids.has(id)),
      this.root,
    )
  }

  /** The tree below another root: everything that does not descend from it is gone. */
  rootedAt(id: NodeId): EpochTree {
    const kept: EpochNode[] = []
    const waiting = [this.at(id)]
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      kept.push(node)
      waiting.push(...this.children(node.id))
    }
    return EpochTree.#of(kept, id)
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

function leaving<V>(nodes: ReadonlyMap<NodeId, V>, id: NodeId): ReadonlyMap<NodeId, V> {
  if (!nodes.has(id)) return nodes
  const rest = new Map(nodes)
  rest.delete(id)
  return rest
}

function childrenOf(nodes: readonly EpochNode[]): Map<NodeId, NodeId[]> {
  const known = new Set(nodes.map(({ id }) => id))
  const children = new Map<NodeId, NodeId[]>()
  for (const { id, parent } of nodes) {
    if (parent === undefined || !known.has(parent)) continue
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [id])
    else siblings.push(id)
  }
  return children
}
