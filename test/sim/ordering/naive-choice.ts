// The choice of spec/ordering.md once more, written from its text alone: slow, plain, with nothing of the library in it.
import { createHash } from 'node:crypto'

/** An epoch as the vectors write it. */
export interface NaiveEpoch {
  readonly name: string
  readonly parent: string | null
  readonly height: number
  readonly committer: number | null
  readonly removed: readonly number[]
  /** Signature keys in hexadecimal. */
  readonly roster: readonly string[]
}

export interface NaivePathEntry {
  readonly name: string
  readonly height: number
  readonly committer: number | null
  readonly removed: readonly number[]
}

/** What a device said. */
export interface NaiveStatement {
  readonly device: string
  readonly number: number
  readonly path: readonly NaivePathEntry[]
}

export interface NaiveInput {
  /** In hexadecimal. */
  readonly group_id: string
  readonly epochs: readonly NaiveEpoch[]
  readonly statements: readonly NaiveStatement[]
}

export interface NaiveChoice {
  /** The epoch that is chosen. */
  readonly chosen: string
  /** Whether it is known by name only. */
  readonly by_name_only: boolean
  /** At each fork on the way the children, the one that is chosen first, with their weights. */
  readonly forks: readonly { readonly at: string; readonly children: readonly (readonly [string, number])[] }[]
}

export function naiveChoice({ group_id: groupId, epochs, statements }: NaiveInput): NaiveChoice {
  const find = (name: string): NaiveEpoch | undefined => epochs.find((epoch) => epoch.name === name)
  const counting = countingStatements(statements)
  const root = epochs.find(({ parent }) => parent === null || find(parent) === undefined)
  if (root === undefined) throw new Error('a tree without a root')
  const forks: NaiveChoice['forks'][number][] = []

  const anchorOf = (statement: NaiveStatement): number =>
    statement.path.findIndex(({ name }) => find(name) !== undefined)
  const namedBy = (statement: NaiveStatement, x: NaiveEpoch): NaivePathEntry | undefined => {
    const at = anchorOf(statement)
    if (at < 1 || statement.path[at]?.name !== x.name) return undefined
    const before = statement.path[at - 1]
    return before !== undefined && before.height === x.height + 1 ? before : undefined
  }
  const isInSubtree = (name: string, top: string): boolean => {
    if (name === top) return true
    const parent = find(name)?.parent
    return parent !== null && parent !== undefined && isInSubtree(parent, top)
  }

  for (let x = root; ; ) {
    const here = x
    const children: NaivePathEntry[] = epochs.filter(({ parent }) => parent === here.name)
    const heard = counting
      .filter(({ device }) => here.roster.includes(device))
      .flatMap((one) => namedBy(one, here) ?? [])
    for (const name of new Set(heard.map((entry) => entry.name))) {
      children.push(mostFrequent(heard.filter((entry) => entry.name === name)))
    }
    const weightOf = ({ name }: NaivePathEntry): number =>
      counting.filter((statement) => {
        if (!here.roster.includes(statement.device)) return false
        if (namedBy(statement, here)?.name === name) return true
        const anchor = statement.path[anchorOf(statement)]
        return anchor !== undefined && isInSubtree(anchor.name, name)
      }).length
    const [first] = children
    if (first === undefined) return { chosen: here.name, by_name_only: false, forks }
    const sorted = children.toSorted(
      (a, b) => weightOf(b) - weightOf(a) || tie(groupId, here, children, weightOf, a, b),
    )
    if (children.length > 1) {
      forks.push({ at: here.name, children: sorted.map((child) => [child.name, weightOf(child)] as const) })
    }
    const best = sorted[0] ?? first
    const next = find(best.name)
    if (next === undefined) return { chosen: best.name, by_name_only: true, forks }
    x = next
  }
}

/** For each device the one with the greatest number; none where it said two things under that number. */
export function countingStatements(statements: readonly NaiveStatement[]): NaiveStatement[] {
  return [...new Set(statements.map(({ device }) => device))].flatMap((device) => {
    const own = statements.filter((statement) => statement.device === device)
    const greatest = Math.max(...own.map(({ number }) => number))
    const last = own.filter(({ number }) => number === greatest)
    const different = new Set(last.map((statement) => JSON.stringify(statement)))
    return different.size > 1 ? [] : last.slice(0, 1)
  })
}

function tie(
  groupId: string,
  x: NaiveEpoch,
  children: readonly NaivePathEntry[],
  weightOf: (child: NaivePathEntry) => number,
  a: NaivePathEntry,
  b: NaivePathEntry,
): number {
  const rivals = children.filter((child) => weightOf(child) === weightOf(a))
  const removedBy = ({ committer }: NaivePathEntry): number =>
    committer === null ? 0 : rivals.filter(({ removed }) => removed.includes(committer)).length
  if (removedBy(a) !== removedBy(b)) return removedBy(a) - removedBy(b)
  const [rankA, rankB] = [rankOf(groupId, x.height, a.committer), rankOf(groupId, x.height, b.committer)]
  if (rankA !== rankB) return rankA === undefined || (rankB !== undefined && rankA > rankB) ? 1 : -1
  return a.name < b.name ? -1 : 1
}

/** Undefined is behind all others. */
function rankOf(groupId: string, height: number, committer: number | null): string | undefined {
  if (committer === null) return undefined
  const numbers = Buffer.alloc(12)
  numbers.writeBigUInt64BE(BigInt(height), 0)
  numbers.writeUInt32BE(committer, 8)
  const preimage = Buffer.concat([opaque(Buffer.from('coterie rank')), opaque(Buffer.from(groupId, 'hex')), numbers])
  return createHash('sha256').update(preimage).digest('hex')
}

/** RFC 9420 §2.1.2, for less than 64 bytes. */
function opaque(bytes: Buffer): Buffer {
  if (bytes.length > 63) throw new Error('too long for a length of one byte')
  return Buffer.concat([Buffer.of(bytes.length), bytes])
}

function mostFrequent(claims: readonly NaivePathEntry[]): NaivePathEntry {
  const text = ({ committer, removed }: NaivePathEntry): string => `${committer ?? ''} ${removed.join(',')}`
  const count = (claim: NaivePathEntry): number => claims.filter((other) => text(other) === text(claim)).length
  const [best] = claims.toSorted((a, b) => count(b) - count(a) || (text(a) < text(b) ? -1 : 1))
  if (best === undefined) throw new Error('nobody names this epoch')
  return best
}
