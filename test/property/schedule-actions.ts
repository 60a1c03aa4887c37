// What happens in random schedules: every operation of a group, by members and from outside.
import { utf8 } from '../../src/bytes.ts'
import { restoreState, stateRecords } from '../../src/mls.ts'
import { add, commitCustom, commitExtensions, commitPending, commitPsk, remove, rivals } from './schedule-commits.ts'
import { deliverSome, sendData } from './schedule-data.ts'
import { joinFromOutside, letIn, proposeFromOutside } from './schedule-outsiders.ts'
import { Impossible, type Numbers, type Perform } from './schedule-possible.ts'
import { newcomer, proposeKeys, proposeUnfit, proposing } from './schedule-proposals.ts'
import { branch, reinitialise } from './schedule-successions.ts'
import { EXTRA, extensionsBy, leafOf, pskId, someone, stateOf, type World } from './schedule-world.ts'

/** What happens, and to whom. */
export interface Action extends Numbers {
  readonly kind: ActionKind
}

/** Does something, unless it makes no sense in the group as it is. */
export async function perform(world: World, { kind, ...numbers }: Action): Promise<void> {
  world.log.push(`${kind} ${numbers.a} ${numbers.b} ${numbers.c}`)
  try {
    await ACTIONS[kind](world, numbers)
    world.done.set(kind, (world.done.get(kind) ?? 0) + 1)
  } catch (error) {
    if (!(error instanceof Impossible)) throw error
  }
}

const restore: Perform = async (world, { a }) => {
  const name = someone(world, a)
  world.members.set(name, restoreState(world.suite, new Map(stateRecords(stateOf(world, name)).put)))
}

export const ACTIONS = {
  add,
  remove,
  commitPending,
  letIn,
  commitPsk,
  commitExtensions,
  commitCustom,
  proposeAdd: proposing((world) => newcomer(world)),
  proposeRemove: proposing((world, _, b) => ({ proposalType: 3, removed: leafOf(world, someone(world, b)) })),
  proposePsk: proposing((world) => ({ proposalType: 4, psk: pskId(world.suite) })),
  proposeExtensions: proposing((world, _, b) => ({ proposalType: 7, extensions: extensionsBy(world, b) })),
  proposeCustom: proposing((_, __, b) => ({ proposalType: EXTRA.proposal, data: utf8(`custom ${b}`) })),
  proposeReinit: proposing((world, _, b) => ({
    proposalType: 5,
    groupId: utf8(`proposed ${b}`),
    version: 1,
    cipherSuite: world.suite.id,
    extensions: [],
  })),
  proposeKeys,
  proposeUnfit,
  proposeFromOutside,
  joinFromOutside,
  rivals,
  restore,
  sendData,
  deliverSome,
  branch,
  reinitialise,
} satisfies Record<string, Perform>

export type ActionKind = keyof typeof ACTIONS
