// The choice between branches once more, as spec/ordering.md tells it and as plainly as possible: no index, no early end, each
// weight counted anew. For comparison with the library's.
import type { CipherSuite } from '../../src/crypto/labels.ts'
import type { EpochNode } from '../../src/session/epoch-tree.ts'
import type { PathEntry, Statement } from '../../src/session/statement.ts'

/** What is public of an epoch. */
export type EpochOutline = Pick<EpochNode, 'id' | 'parent' | 'height' | 'committer' | 'removed' | 'roster'>

export interface NaiveBranch {
  readonly id: string
  readonly known: boolean
  readonly weight: number
}

export interface NaiveChoice {
  /** From the root on; the last one may be known by name only. */
  readonly path: readonly string[]
  /** The epochs with more than one child on the chosen way, with their children, the chosen one first. */
  readonly forks: readonly { readonly at: string; readonly branches: readonly NaiveBranch[] }[]
}

export type NaiveContext = { readonly suite: Pick<CipherSuite, 'hash'>; readonly groupId: Uint8Array }

export function naiveChoice(
  context: NaiveContext,
  tree: readonly EpochOutline[],
  statements: readonly Statement[],
): NaiveChoice {
  const root = tree.find(({ parent }) => tree.every(({ id }) => id !== parent))
  if (root === undefined) throw new Error('a tree without a root')
  const counted = statements.filter(({ conflict }) => !conflict)
  const path = [root.id]
  const forks: NaiveChoice['forks'][number][] = []
  for (let x: EpochOutline | undefined = root; x !== undefined; ) {
    const children = childrenOf(tree, counted, x)
    if (children.length === 0) break
    const ordered = inOrder(context, tree, counted, x, children)
    if (ordered.length > 1)
      forks.push({ at: x.id, branches: ordered.map(({ id, known, weight }) => ({ id, known, weight })) })
    const chosen = ordered[0]?.id
    if (chosen === undefined) break
    path.push(chosen)
    x = tree.find(({ id }) => id === chosen)
  }
  return { path, forks }
}

interface Child extends PathEntry {
  readonly known: boolean
}

/** The epochs in the tree whose parent is x, and those that a member of roster(x) names as a child of x. */
function childrenOf(tree: readonly EpochOutline[], statements: readonly Statement[], x: EpochOutline): Child[] {
  const known = tree.filter(({ parent }) => parent === x.id).map((node) => ({ ...node, known: true }))
  const claims = statements
    .filter(({ device }) => x.roster.devices.has(device))
    .flatMap((statement) => namedBy(tree, statement, x) ?? [])
  const names = [...new Set(claims.map(({ id }) => id))]
  return [...known, ...names.map((name) => ({ ...mostSay(claims.filter(({ id }) => id === name)), known: false }))]
}

/** The first epoch of the statement's path that the tree knows. */
function anchorOf(tree: readonly EpochOutline[], { path }: Statement): EpochOutline | undefined {
  for (const entry of path) {
    const node = tree.find(({ id }) => id === entry.id)
    if (node !== undefined) return node
  }
  return undefined
}

/** The entry before the anchor, if the anchor is x and the entry exactly one higher. */
function namedBy(tree: readonly EpochOutline[], statement: Statement, x: EpochOutline): PathEntry | undefined {
  if (anchorOf(tree, statement)?.id !== x.id) return undefined
  const before = statement.path[statement.path.findIndex(({ id }) => id === x.id) - 1]
  return before?.height === x.height + 1n ? before : undefined
}

/** What most of those who name it say of it; of several as frequent claims the smallest as text. */
function mostSay(claims: readonly PathEntry[]): PathEntry {
  const text = ({ committer, removed }: PathEntry): string =>
    `${committer === undefined ? '' : committer.toString(10)} ${removed.map((leaf) => leaf.toString(10)).join(',')}`
  const texts = [...new Set(claims.map(text))].sort()
  const count = (one: string): number => claims.filter((claim) => text(claim) === one).length
  const most = Math.max(...texts.map(count))
  const said = texts.find((one) => count(one) === most)
  const claim = claims.find((one) => text(one) === said)
  if (claim === undefined) throw new Error('nobody claims it')
  return claim
}

/** How many devices in roster(x) have their anchor in the subtree of the child, or name it. */
function weightOf(
  tree: readonly EpochOutline[],
  statements: readonly Statement[],
  x: EpochOutline,
  child: Child,
): number {
  const devices = new Set<string>()
  for (const statement of statements) {
    if (!x.roster.devices.has(statement.device)) continue
    const anchor = anchorOf(tree, statement)
    const below = anchor !== undefined && waysUp(tree, anchor).includes(child.id)
    if (below || namedBy(tree, statement, x)?.id === child.id) devices.add(statement.device)
  }
  return devices.size
}

/** An epoch and all before it. */
function waysUp(tree: readonly EpochOutline[], node: EpochOutline): string[] {
  const parent = tree.find(({ id }) => id === node.parent)
  return [node.id, ...(parent === undefined ? [] : waysUp(tree, parent))]
}

function inOrder(
  context: NaiveContext,
  tree: readonly EpochOutline[],
  statements: readonly Statement[],
  x: EpochOutline,
  children: readonly Child[],
): (Child & { readonly weight: number })[] {
  const left = children.map((child) => ({ ...child, weight: weightOf(tree, statements, x, child) }))
  const ordered: typeof left = []
  while (left.length > 0) {
    const most = Math.max(...left.map(({ weight }) => weight))
    const tied = left.filter(({ weight }) => weight === most)
    const removals = (one: Child): number =>
      tied.filter(({ removed }) => one.committer !== undefined && removed.includes(one.committer)).length
    const keyed = tied.map((one) => ({ one, key: [removals(one), rankOf(context, x, one), one.id] as const }))
    keyed.sort((a, b) => a.key[0] - b.key[0] || byText(a.key[1], b.key[1]) || byText(a.key[2], b.key[2]))
    for (const { one } of keyed) ordered.push(...left.splice(left.indexOf(one), 1))
  }
  return ordered
}

/** H(label ‖ group_id ‖ height ‖ committer) with opaque<V> for the first two; without a committer behind all ranks. */
function rankOf({ suite, groupId }: NaiveContext, x: EpochOutline, { committer }: Child): string {
  if (committer === undefined) return 'without'
  const label = new TextEncoder().encode('coterie rank')
  if (groupId.length > 63) throw new Error('the length of a group id that takes more than one byte')
  const numbers = new DataView(new ArrayBuffer(12))
  numbers.setBigUint64(0, x.height)
  numbers.setUint32(8, committer)
  const preimage = [label.length, ...label, groupId.length, ...groupId, ...new Uint8Array(numbers.buffer)]
  return Buffer.from(suite.hash.digest(Uint8Array.from(preimage))).toString('hex')
}

function byText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
