// Application data in random schedules: sent now, read by everybody in an order of their own, or late.

import { utf8 } from '../../src/bytes.ts'
import { CoterieError } from '../../src/errors.ts'
import { encryptMessage, epoch, processMessage } from '../../src/mls.ts'
import type { Numbers } from './schedule-possible.ts'
import {
  expectThat,
  type InFlight,
  judgement,
  leafOf,
  shuffled,
  someone,
  stateOf,
  type World,
} from './schedule-world.ts'

/** A member says something, unless proposals are pending: then it must not. */
export async function sendData(world: World, { a, b }: Numbers): Promise<void> {
  const name = someone(world, a)
  const state = stateOf(world, name)
  for (let i = 0; i <= b % 3; i++) {
    const data = `${name} says ${b} ${i}`
    const sending = encryptMessage(stateOf(world, name), utf8(data))
    if (state.proposals.size > 0) {
      expectThat((await codeOf(sending)) === 'GROUP_PENDING_PROPOSALS', 'data are sent while proposals are pending')
      return
    }
    const sent = await sending
    world.members.set(name, sent.state)
    const readers = new Set([...world.members.keys()].filter((other) => other !== name))
    world.inFlight.push({ message: sent.message, data, epoch: epoch(state), leafIndex: leafOf(world, name), readers })
  }
}

/** Some of what was said arrives, in any order. */
export async function deliverSome(world: World, { a, b, c }: Numbers): Promise<void> {
  for (const message of shuffled(world.inFlight, a).slice(0, 1 + (b % 4))) {
    for (const reader of shuffled([...message.readers], c).slice(0, 5)) await read(world, message, reader)
  }
  world.inFlight = world.inFlight.filter(({ readers }) => readers.size > 0)
}

async function read(world: World, message: InFlight, reader: string): Promise<void> {
  const state = stateOf(world, reader)
  const late = epoch(state) - message.epoch
  const reading = processMessage(state, message.message, judgement)
  message.readers.delete(reader)
  if (late > BigInt(state.limits.pastEpochs)) {
    expectThat((await codeOf(reading)) === 'GROUP_EPOCH_PAST', 'data of a forgotten epoch are read')
    return
  }
  const result = await reading
  expectThat(result.kind === 'application', `data are received as ${result.kind}`)
  expectThat(new TextDecoder().decode(result.data) === message.data, 'other data are received')
  expectThat(result.sender.leafIndex === message.leafIndex, 'data are attributed to somebody else')
  world.members.set(reader, result.state)
  const again = await codeOf(processMessage(result.state, message.message, judgement))
  expectThat(again === 'FRAMING_GENERATION_USED', `data that were read already end in ${again}`)
}

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt
    return 'success'
  } catch (error) {
    if (CoterieError.is(error)) return error.code
    throw error
  }
}
