// Where devices stand: each says it with its commits and votes, and the latest counts (spec/ordering.md).

import type { DeviceId, EpochNode, EpochTree, NodeId } from './epoch-tree.ts'

/** An epoch on the way to where somebody stands, with what orders it among its siblings. */
export interface PathEntry {
  readonly id: NodeId
  readonly height: bigint
  /** See `EpochOutline`. */
  readonly committer: number | undefined
  readonly removed: readonly number[]
}

export interface Statement {
  readonly device: DeviceId
  /** Grows with every statement of the device. */
  readonly number: bigint
  /** From where the device stands back towards the root; empty where that has nothing to do with this device's tree any more. */
  readonly path: readonly PathEntry[]
  /** Whether the device stays there because it cannot process a commit that it sees. */
  readonly stuck: boolean
  /** Whether the device said two different things under this number: then it has no weight until it says another. */
  readonly conflict: boolean
}

/** The epoch where a statement stands. */
export function standOf(statement: Statement): NodeId | undefined {
  return statement.path[0]?.id
}

/**
 * The way to an epoch: the last of it densely, what is older at every 32nd epoch and where others went another way.
 * @param forks - the last epochs that the way has in common with theirs
 */
export function pathTo(tree: EpochTree, id: NodeId, forks: ReadonlySet<NodeId> = new Set()): PathEntry[] {
  const told: PathEntry[] = []
  const rare: PathEntry[] = []
  let node: EpochNode | undefined = tree.at(id)
  const { height } = node
  while (node !== undefined) {
    const isAtFork = forks.has(node.id) || (node.parent !== undefined && forks.has(node.parent))
    if (height - node.height < DENSE || isAtFork) told.push(entryOf(node))
    else if (node.height % SPARSE === 0n) rare.push(entryOf(node))
    node = node.parent === undefined ? undefined : tree.get(node.parent)
  }
  const path = told.slice(0, MAX_PATH)
  path.push(...rare.slice(0, MAX_PATH - path.length))
  return path.sort((a, b) => (a.height > b.height ? -1 : 1))
}

/** Where the ways of others part from the way to an epoch: the last epoch that they have in common, for each way. */
export function partings(tree: EpochTree, id: NodeId, statements: Iterable<Statement>): Set<NodeId> {
  const forks = new Set<NodeId>()
  for (const { path } of statements) {
    const at = path.findIndex((entry) => tree.get(entry.id) !== undefined)
    const anchor = path[at]
    if (anchor === undefined) continue
    const meeting = tree.meeting(anchor.id, id).id
    // Who stands on the way, or goes on from where it ends, has not parted from it.
    const isOnWay = meeting === anchor.id && (at === 0 || anchor.id === id)
    if (!isOnWay) forks.add(meeting)
  }
  return forks
}

export function entryOf({ id, height, committer, removed }: PathEntry): PathEntry {
  return { id, height, committer, removed }
}

/** Which of two statements of one device counts. */
export function laterOf(known: Statement | undefined, next: Statement): Statement {
  if (known === undefined || next.number > known.number) return next
  if (next.number < known.number || known.conflict) return known
  if (known.path.length === 0) return next
  return sameStatement(known, next) ? known : { ...known, conflict: true }
}

/** Whatever differs may decide what others choose: so nothing may, whichever of the two they heard first. */
function sameStatement(a: Statement, b: Statement): boolean {
  const text = ({ stuck, path }: Statement): string =>
    [stuck, ...path.map(({ id, height, committer, removed }) => [id, height, committer, ...removed].join())].join(' ')
  return text(a) === text(b)
}

/** How many epochs of a path are told one by one. */
const DENSE = 32n
/** Behind them, those whose number this divides. */
const SPARSE = 32n
/** The longest path. */
export const MAX_PATH = 64
