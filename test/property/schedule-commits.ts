// Commits of members in random schedules: of whatever was proposed, of wishes by value, and of two members at once.
import { utf8 } from '../../src/bytes.ts'
import {
  type CommitOptions,
  type CommitResult,
  commit,
  epoch,
  exportRatchetTree,
  type GroupState,
  groupId,
  type OwnKeyPackage,
  type Proposal,
  processMessage,
  resumptionPskId,
} from '../../src/mls.ts'
import { ifPossible, needs, type Perform, wireFormat } from './schedule-possible.ts'
import { succeed } from './schedule-successions.ts'
import {
  addedByProposal,
  checkAgreement,
  EXTRA,
  expectThat,
  extensionsBy,
  follow,
  judgement,
  keyPackageOf,
  leafOf,
  newClient,
  pskId,
  receiveProposals,
  someone,
  stateOf,
  type World,
  welcome,
} from './schedule-world.ts'

/** The most members that a schedule may lead to. */
export const MOST_MEMBERS = 30

/** Adds by value, beside whatever was proposed. */
export const add: Perform = async (world, { a, b, c }) => {
  const count = Math.min(1 + (b % 5), MOST_MEMBERS - world.members.size)
  needs(count > 0)
  const newcomers = new Map<string, OwnKeyPackage>()
  for (let i = 0; i < count; i++) {
    const name = await newClient(world)
    newcomers.set(name, await keyPackageOf(world, name))
  }
  const proposals = [...newcomers.values()].map(({ keyPackage }): Proposal => ({ proposalType: 1, keyPackage }))
  const options = { path: b % 2 === 0 ? 'always' : 'whenRequired', groupInfo: { ratchetTree: c % 3 !== 0 } } as const
  await commitBy(world, someone(world, a), c, { proposals, ...options }, newcomers)
}

export const remove: Perform = async (world, { a, b, c }) => {
  const committer = someone(world, a)
  const target = someone(world, b)
  needs(target !== committer && world.members.size > 2)
  await commitBy(world, committer, c, { proposals: [{ proposalType: 3, removed: leafOf(world, target) }] })
}

/** Nothing by value: an empty commit, or one of all that was proposed. */
export const commitPending: Perform = async (world, { a, b, c }) => {
  const committer = someone(world, a)
  const path = b % 3 === 0 ? 'whenRequired' : 'always'
  const leaf = b % 5 === 0 ? { signatureKeyPair: await world.suite.signature.generateKeyPair() } : undefined
  await commitBy(world, committer, c, { path, ...(leaf && path === 'always' && { leaf }) })
}

export const commitPsk: Perform = async (world, { a, b, c }) => {
  const committer = someone(world, a)
  const psk =
    b % 2 === 0
      ? pskId(world.suite)
      : resumptionPskId(world.suite, groupId(stateOf(world, committer)), epoch(stateOf(world, committer)))
  await commitBy(world, committer, c, { proposals: [{ proposalType: 4, psk }], path: 'whenRequired' })
}

export const commitExtensions: Perform = async (world, { a, b, c }) => {
  const proposals: Proposal[] = [{ proposalType: 7, extensions: extensionsBy(world, b) }]
  await commitBy(world, someone(world, a), c, { proposals })
}

export const commitCustom: Perform = async (world, { a, b, c }) => {
  const proposals: Proposal[] = [{ proposalType: EXTRA.proposal, data: utf8(`custom ${b}`) }]
  await commitBy(world, someone(world, a), c, { proposals })
}

export async function commitBy(
  world: World,
  committer: string,
  number: number,
  options: Partial<CommitOptions>,
  newcomers: ReadonlyMap<string, OwnKeyPackage> = new Map(),
): Promise<void> {
  const before = await receiveProposals(world, committer, number)
  const all = { ...judgement, wireFormat: wireFormat(number), ...options }
  const byValue = options.proposals ?? []
  // What was proposed can always be committed. With wishes beside it, it may have to stand back.
  const result =
    byValue.length === 0
      ? await commit(before, all)
      : await commit(before, all).catch(() => ifPossible(commit(before, { ...all, references: [] })))
  const joining = new Map([...newcomers, ...addedByProposal(world, result)])
  await follow(world, committer, result, number)
  const withTree = options.groupInfo?.ratchetTree !== false
  await welcome(world, result, joining, withTree ? undefined : exportRatchetTree(result.state))
  checkAgreement(world)
  if (result.state.status === 'frozen') await succeed(world, number)
}

/** Two members commit at once: both commits are processed from the same states, before one of them is adopted. */
export const rivals: Perform = async (world, { a, b, c }) => {
  const [first, second] = [someone(world, a), someone(world, a + 1 + (b % world.members.size))]
  needs(first !== second && world.members.size > 2)
  const states = new Map<string, GroupState>()
  for (const [i, name] of [...world.members.keys()].entries()) {
    states.set(name, await receiveProposals(world, name, c + i))
  }
  const results = new Map<string, CommitResult>()
  for (const [i, name] of [first, second].entries()) {
    const own = states.get(name) ?? stateOf(world, name)
    results.set(name, await commit(own, { ...judgement, wireFormat: wireFormat(c + i), references: [] }))
  }
  const branches: Map<string, GroupState>[] = []
  for (const [committer, result] of results) {
    const after = new Map<string, GroupState>([[committer, result.state]])
    for (const [name, state] of states) {
      // The rival goes on from what its own commit left.
      const before = results.get(name)?.parent ?? state
      if (name !== committer) after.set(name, (await processMessage(before, result.message, judgement)).state)
    }
    checkAgreement(world, after)
    branches.push(after)
  }
  const adopted = branches[c % 2]
  expectThat(adopted !== undefined, 'there are two branches')
  world.members = new Map([...world.members.keys()].map((name) => [name, adopted.get(name) ?? stateOf(world, name)]))
  world.proposals = []
  world.proposed.clear()
}
