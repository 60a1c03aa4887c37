// Proposals of members in random schedules; who sees them when is decided when somebody commits.
import { utf8 } from '../../src/bytes.ts'
import { type GroupState, type Proposal, propose, proposeUpdate } from '../../src/mls.ts'
import { knowing } from '../negative/cases/groups.ts'
import { forgeMessage } from '../negative/forge/message.ts'
import { MOST_MEMBERS } from './schedule-commits.ts'
import { ifPossible, needs, type Perform, wireFormat } from './schedule-possible.ts'
import { EXTRA, judgement, keyPackageOf, newClient, someone, stateOf, type World } from './schedule-world.ts'

/** A member proposes something; who sees it when is decided when somebody commits. */
export function proposing(make: (world: World, state: GroupState, b: number) => Proposal | Promise<Proposal>): Perform {
  return async (world, { a, b, c }) => {
    const name = someone(world, a)
    const state = stateOf(world, name)
    const proposal = await make(world, state, b)
    const sent = await ifPossible(propose(state, proposal, { ...judgement, wireFormat: wireFormat(c) }))
    world.members.set(name, sent.state)
    world.proposals.push({ message: sent.message, from: name })
  }
}

export async function newcomer(world: World): Promise<Proposal> {
  needs(world.members.size + world.proposed.size < MOST_MEMBERS)
  const name = await newClient(world)
  const keyPackage = await keyPackageOf(world, name)
  world.proposed.set(name, keyPackage)
  return { proposalType: 1, keyPackage: keyPackage.keyPackage }
}

/** Something that the group as it is cannot do, sent by a member who does not ask: it is kept, and left alone. */
export const proposeUnfit: Perform = async (world, { a, b }) => {
  const name = someone(world, a)
  const state = stateOf(world, name)
  const extension = { extensionType: EXTRA.extension + 1, data: utf8('nobody supports this') }
  const proposal: Proposal =
    b % 2 === 0
      ? { proposalType: EXTRA.proposal + 1, data: utf8('nobody supports this') }
      : { proposalType: 7, extensions: [extension] }
  const message = await forgeMessage(state, { contentType: 2, proposal })
  world.members.set(name, knowing(state, message).state)
  world.proposals.push({ message, from: name })
}

export const proposeKeys: Perform = async (world, { a, b, c }) => {
  const name = someone(world, a)
  const changes = b % 3 === 0 ? { signatureKeyPair: await world.suite.signature.generateKeyPair() } : {}
  const sent = await proposeUpdate(stateOf(world, name), { ...judgement, wireFormat: wireFormat(c) }, changes)
  world.members.set(name, sent.state)
  world.proposals.push({ message: sent.message, from: name })
}
