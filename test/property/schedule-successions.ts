// Groups that follow others in random schedules: branches, and what becomes of a ReInit (RFC 9420 §11.2, §11.3).

import { utf8 } from '../../src/bytes.ts'
import {
  branchGroup,
  type CommitResult,
  commit,
  type GroupState,
  joinGroup,
  type OwnKeyPackage,
  reinitGroup,
} from '../../src/mls.ts'
import type { Numbers } from './schedule-possible.ts'
import {
  checkAgreement,
  expectThat,
  follow,
  judgement,
  keyPackageOf,
  someone,
  stateOf,
  type World,
} from './schedule-world.ts'

/** Some members make a group of their own, agree in it, and let it be. */
export async function branch(world: World, { a, b }: Numbers): Promise<void> {
  const founder = someone(world, a)
  const others = [...world.members.keys()].filter((name, i) => name !== founder && (b >>> (i % 16)) % 2 === 0)
  const { keyPackages, options } = await founding(world, founder, others)
  const result = await branchGroup(stateOf(world, founder), { ...options, groupId: utf8(`branch ${b}`) })
  checkAgreement(world, await joinAll(world, founder, result, keyPackages))
}

/** Everybody goes over to a successor. */
export async function reinitialise(world: World, { a, b, c }: Numbers): Promise<void> {
  const committer = someone(world, a)
  const proposal = {
    proposalType: 5,
    groupId: utf8(`successor ${b}`),
    version: 1,
    cipherSuite: world.suite.id,
    extensions: stateOf(world, committer).groupContext.extensions,
  } as const
  const ended = await commit(stateOf(world, committer), { ...judgement, proposals: [proposal], references: [] })
  world.proposed.clear()
  await follow(world, committer, ended, c)
  await succeed(world, b)
}

/** After a ReInit was committed, somebody makes the successor. */
export async function succeed(world: World, number: number): Promise<void> {
  const founder = someone(world, number)
  const others = [...world.members.keys()].filter((name) => name !== founder)
  const { keyPackages, options } = await founding(world, founder, others)
  const result = await reinitGroup(world.suite, stateOf(world, founder), options)
  world.members = await joinAll(world, founder, result, keyPackages)
  world.inFlight = []
  checkAgreement(world)
}

async function founding(world: World, founder: string, others: readonly string[]) {
  const client = world.clients.get(founder)
  expectThat(client !== undefined, `${founder} is nobody`)
  const keyPackages = new Map<string, OwnKeyPackage>()
  for (const name of others) keyPackages.set(name, await keyPackageOf(world, name))
  const options = {
    ...client,
    ...judgement,
    keyPackages: [...keyPackages.values()].map(({ keyPackage }) => keyPackage),
  }
  return { keyPackages, options }
}

async function joinAll(
  world: World,
  founder: string,
  { state, welcome }: CommitResult,
  keyPackages: ReadonlyMap<string, OwnKeyPackage>,
): Promise<Map<string, GroupState>> {
  const states = new Map([[founder, state]])
  for (const [name, keyPackage] of keyPackages) {
    expectThat(welcome !== undefined, 'there is no Welcome')
    const predecessor = stateOf(world, name)
    states.set(name, await joinGroup(world.suite, welcome, [keyPackage], { ...judgement, predecessor }))
  }
  return states
}
