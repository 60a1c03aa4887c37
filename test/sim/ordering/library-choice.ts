// The library's choice, for what the vectors write.
import { fromHex } from '../../../src/bytes.ts'
import { nobleProvider } from '../../../src/crypto/providers/noble/provider.ts'
import { type EpochNode, EpochTree } from '../../../src/session/epoch-tree.ts'
import { chooseHead } from '../../../src/session/fork-choice.ts'
import { laterOf, type PathEntry, type Statement } from '../../../src/session/statement.ts'
import type { NaiveChoice, NaiveEpoch, NaiveInput, NaivePathEntry, NaiveStatement } from './naive-choice.ts'

export function libraryChoice({ group_id: groupId, epochs, statements }: NaiveInput): NaiveChoice {
  const suite = nobleProvider.suite(3)
  const group = fromHex(groupId)
  if (suite === undefined || group === undefined) throw new Error('no such suite or group')
  const tree = EpochTree.from(epochs.map(nodeOf))
  const choice = chooseHead({ suite, groupId: group }, tree, libraryStatements(statements))
  return {
    chosen: choice.beyond?.id ?? choice.known.id,
    by_name_only: choice.beyond !== undefined,
    forks: choice.forks.map(({ at, branches }) => ({
      at: at.id,
      children: branches.map(({ entry, weight }) => [entry.id, weight] as const),
    })),
  }
}

/** Statements as they replace one another, in the order in which they come. */
export function libraryStatements(statements: readonly NaiveStatement[]): Statement[] {
  const latest = new Map<string, Statement>()
  for (const { device, number, path } of statements) {
    const next = { device, number: BigInt(number), path: path.map(entryOf), stuck: false, conflict: false }
    latest.set(device, laterOf(latest.get(device), next))
  }
  return [...latest.values()]
}

function nodeOf(epoch: NaiveEpoch): EpochNode {
  const { id, ...entry } = entryOf(epoch)
  return {
    ...entry,
    id,
    parent: epoch.parent ?? undefined,
    roster: { name: epoch.roster.join(), devices: new Set(epoch.roster) },
    device: undefined,
    readded: [],
    topic: '',
    state: undefined,
    broken: false,
  }
}

function entryOf({ name, height, committer, removed }: NaivePathEntry): PathEntry {
  return { id: name, height: BigInt(height), committer: committer ?? undefined, removed }
}
