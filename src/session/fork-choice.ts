// Which of several branches a group is on: a pure function of the epochs and statements that a device holds
// (spec/ordering.md). Two devices that hold the same agree.

import { toHex, utf8 } from '../bytes.ts'
import { encode, type Writer } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import type { DeviceId, EpochNode, EpochTree, NodeId } from './epoch-tree.ts'
import { entryOf, type PathEntry, type Statement } from './statement.ts'

/** A child of an epoch at which a group forks. */
interface Branch {
  readonly entry: PathEntry
  /** Undefined where this device has only heard of it. */
  readonly node: EpochNode | undefined
  /** How many members of the epoch at the fork stand in it. */
  readonly weight: number
}

/** An epoch with more than one child, the heaviest first. */
export interface Fork {
  readonly at: EpochNode
  readonly branches: readonly [Branch, Branch, ...Branch[]]
  /** How many members of this epoch stand in none of the branches, as far as is known. */
  readonly unheard: number
}

export interface Choice {
  /** The last epoch on the chosen way that this device knows. */
  readonly known: EpochNode
  /** What the way goes on with, where this device has only heard of it. */
  readonly beyond: PathEntry | undefined
  /** On the chosen way, from the root on. */
  readonly forks: readonly Fork[]
}

/** What orders branches of equal weight. */
export interface RankContext {
  readonly suite: Pick<CipherSuite, 'hash'>
  readonly groupId: Uint8Array
}

/**
 * The way that the group goes: from the root down, at each fork the child where most of the members stand. Where two are
 * equal, first one that fewer of the others remove the committer of, then the one of smaller rank, then of smaller name.
 */
export function chooseHead(context: RankContext, tree: EpochTree, statements: Iterable<Statement>): Choice {
  const places = placesIn(tree, statements)
  const forks: Fork[] = []
  let at = tree.at(tree.root)
  for (;;) {
    const unweighed = branchesAt(tree, at, places)
    const fork = weigh(context, tree, at, unweighed, places)
    if (fork !== undefined) forks.push(fork)
    const best = fork === undefined ? unweighed[0] : fork.branches[0]
    if (best === undefined) return { known: at, beyond: undefined, forks }
    if (best.node === undefined) return { known: at, beyond: best.entry, forks }
    at = best.node
  }
}

/** The fork at an epoch, if the group forks there. */
export function forkOf(
  context: RankContext,
  tree: EpochTree,
  at: EpochNode,
  statements: Iterable<Statement>,
): Fork | undefined {
  const places = placesIn(tree, statements)
  return weigh(context, tree, at, branchesAt(tree, at, places), places)
}

/** Orders members at an epoch by nothing that any of them can choose: group, epoch and leaf. @returns hexadecimal */
export function commitRank(context: RankContext, epoch: bigint, leafIndex: number): string {
  return rankOf(context, `${epoch} ${leafIndex}`, (writer) => {
    writer.opaque(LABEL)
    writer.opaque(context.groupId)
    writer.uint64(epoch)
    writer.uint32(leafIndex)
  })
}

/** Orders devices, where several could do the same thing and one is enough. @returns hexadecimal */
export function deviceRank(context: RankContext, epoch: bigint, device: DeviceId): string {
  return rankOf(context, `${epoch} device ${device}`, (writer) => {
    writer.opaque(DEVICE_LABEL)
    writer.opaque(context.groupId)
    writer.uint64(epoch)
    writer.opaque(utf8(device))
  })
}

/** The hash of what is written, which has been made before more often than not: the last ones of each group are kept. */
function rankOf({ suite, groupId }: RankContext, name: string, write: (writer: Writer) => void): string {
  const cached = RANKS.get(groupId)
  const ranks = cached?.hash === suite.hash && cached.ranks.size < MAX_RANKS ? cached.ranks : new Map<string, string>()
  if (ranks !== cached?.ranks) RANKS.set(groupId, { hash: suite.hash, ranks })
  const rank = ranks.get(name) ?? toHex(suite.hash.digest(encode(write, undefined)))
  ranks.set(name, rank)
  return rank
}

/** Where a statement touches the tree. */
interface Place {
  readonly statement: Statement
  /** The last epoch on the way to the statement that is in the tree. */
  readonly anchor: EpochNode | undefined
  /** The epoch behind the anchor, where the statement names it. */
  readonly beyond: PathEntry | undefined
}

interface Places {
  readonly all: readonly Place[]
  /** Those that go on from an epoch of the tree to one that is not in it. */
  readonly beyond: ReadonlyMap<NodeId, readonly Place[]>
  /** For each anchor that was asked for, the child of each epoch on the way to it: there may be many forks behind it. */
  readonly ways: Map<NodeId, Map<NodeId, NodeId>>
}

function placesIn(tree: EpochTree, statements: Iterable<Statement>): Places {
  const all = [...statements].filter(({ conflict }) => !conflict).map((statement) => placeIn(tree, statement))
  const beyond = new Map<NodeId, Place[]>()
  for (const place of all) {
    if (place.anchor === undefined || place.beyond === undefined) continue
    const here = beyond.get(place.anchor.id)
    if (here === undefined) beyond.set(place.anchor.id, [place])
    else here.push(place)
  }
  return { all, beyond, ways: new Map() }
}

function placeIn(tree: EpochTree, statement: Statement): Place {
  const { path } = statement
  const at = path.findIndex(({ id }) => tree.get(id) !== undefined)
  const found = path[at]
  if (found === undefined) return { statement, anchor: undefined, beyond: undefined }
  const next = path[at - 1]
  const beyond = next !== undefined && next.height === found.height + 1n ? next : undefined
  return { statement, anchor: tree.at(found.id), beyond }
}

function branchesAt(tree: EpochTree, at: EpochNode, places: Places): Omit<Branch, 'weight'>[] {
  const known = tree.children(at.id).map((node) => ({ entry: entryOf(node), node }))
  const named = new Map<NodeId, PathEntry[]>()
  for (const { beyond, statement } of places.beyond.get(at.id) ?? []) {
    if (beyond === undefined || !at.roster.devices.has(statement.device)) continue
    named.set(beyond.id, [...(named.get(beyond.id) ?? []), beyond])
  }
  return [...known, ...[...named.values()].map((claims) => ({ entry: mostClaimed(claims), node: undefined }))]
}

/** Of an epoch that this device knows by name only: what most of those who stand behind it say of it. */
function mostClaimed(claims: readonly PathEntry[]): PathEntry {
  const text = ({ committer, removed }: PathEntry): string => `${committer ?? ''} ${removed.join(',')}`
  const counts = new Map<string, number>()
  for (const claim of claims) counts.set(text(claim), (counts.get(text(claim)) ?? 0) + 1)
  const isClaimedMore = (a: PathEntry, b: PathEntry): boolean => {
    const [countA, countB] = [counts.get(text(a)) ?? 0, counts.get(text(b)) ?? 0]
    return countA !== countB ? countA > countB : compare(text(a), text(b)) < 0
  }
  return claims.reduce((most, claim) => (isClaimedMore(claim, most) ? claim : most))
}

/** The fork that these branches make, if there is more than one. */
function weigh(
  context: RankContext,
  tree: EpochTree,
  at: EpochNode,
  unweighed: readonly Omit<Branch, 'weight'>[],
  places: Places,
): Fork | undefined {
  const [first, second, ...others] = unweighed
  if (first === undefined || second === undefined) return undefined
  const standing = new Map<NodeId, Set<DeviceId>>(unweighed.map(({ entry }) => [entry.id, new Set()]))
  for (const { statement, anchor, beyond } of places.all) {
    if (anchor === undefined || !at.roster.devices.has(statement.device)) continue
    const child = anchor.id === at.id ? beyond?.id : childTowards(tree, at, anchor, places)
    if (child !== undefined) standing.get(child)?.add(statement.device)
  }
  const weighed = (branch: Omit<Branch, 'weight'>): Branch => {
    return { ...branch, weight: standing.get(branch.entry.id)?.size ?? 0 }
  }
  const branches: [Branch, Branch, ...Branch[]] = [weighed(first), weighed(second), ...others.map(weighed)]
  const heard = branches.reduce((sum, { weight }) => sum + weight, 0)
  const betweenTied = tieOrder(context, at, branches)
  branches.sort((a, b) => b.weight - a.weight || betweenTied(a, b))
  return { at, branches, unheard: at.roster.devices.size - heard }
}

/** The child of `at` on the way to `descendant`. */
function childTowards(tree: EpochTree, at: EpochNode, descendant: EpochNode, { ways }: Places): NodeId | undefined {
  let way = ways.get(descendant.id)
  if (way === undefined) {
    way = new Map()
    for (let node: EpochNode | undefined = descendant; node?.parent !== undefined; node = tree.get(node.parent)) {
      way.set(node.parent, node.id)
    }
    ways.set(descendant.id, way)
  }
  return way.get(at.id)
}

/** What orders branches of equal weight, each looked at once: there may be many. */
function tieOrder(context: RankContext, at: EpochNode, all: readonly Branch[]): (a: Branch, b: Branch) => number {
  const known = new Map<Branch, { readonly removals: number; readonly rank: string }>()
  const orderOf = (branch: Branch): { readonly removals: number; readonly rank: string } => {
    const found = known.get(branch)
    if (found !== undefined) return found
    const { committer } = branch.entry
    const tied = all.filter(({ weight }) => weight === branch.weight)
    const order =
      committer === undefined
        ? { removals: 0, rank: LAST }
        : {
            removals: tied.filter(({ entry }) => entry.removed.includes(committer)).length,
            rank: commitRank(context, at.height, committer),
          }
    known.set(branch, order)
    return order
  }
  return (a, b) => {
    const [one, other] = [orderOf(a), orderOf(b)]
    return one.removals - other.removals || compare(one.rank, other.rank) || compare(a.entry.id, b.entry.id)
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Behind every rank. */
const LAST = '~'
/** By the identity of a group's id: a session has it as long as it lives. */
const RANKS = /* @__PURE__ */ new WeakMap<
  Uint8Array,
  { hash: RankContext['suite']['hash']; ranks: Map<string, string> }
>()
const MAX_RANKS = 4096
const LABEL = /* @__PURE__ */ utf8('coterie rank')
const DEVICE_LABEL = /* @__PURE__ */ utf8('coterie device rank')
