// Somebody with a contact card floods the inbox that it is of, while others leave Welcomes there: directly, by offering frames
// to whoever reconciles, and at the relay while the owner is off.

import { FACTOR, MEBIBYTE, MEMORY, REMEMBERED_DISK } from '../bounds.ts'
import { inboxOf, keptBy } from '../kept.ts'
import { check, factorOf, type Latency, latencyOf, type Outcome, type Row } from '../measures.ts'
import { before, grown, joined, type Person, pause, Stage } from '../stage.ts'

/** The owner is there. */
export function inboxOnline(frames: number): Promise<Outcome> {
  return Stage.during(async (stage) => {
    const [owner, friend] = [await stage.client('owner'), await stage.client('friend')]
    await friend.actor.ask('connect', { address: owner.address })
    const attacker = stage.attacker()
    const calm = await invited(friend, owner, pause(0))
    const since = await before(owner)
    const target = { address: owner.address, card: owner.card }
    const rows: Row[] = []
    const flooding = attacker.ask('inboxJunk', { ...target, frames, names: NAMES })
    const flooded = await invited(friend, owner, flooding)
    const { thrown } = await flooding
    rows.push({
      scenario: 'inbox: by the topic',
      thrown,
      kept: 0,
      ...(await grown(owner, since)),
      latency: { calm, flooded },
    })
    const offering = attacker.ask('offerInboxJunk', { ...target, frames: Math.ceil(frames / 4), names: 4 })
    const whileOffered = await invited(friend, owner, offering)
    const { offered } = await offering
    const memory = await grown(owner, since)
    const kept = await keptBy(owner, [await inboxOf(owner.card)])
    const latency = { calm, flooded: whileOffered }
    rows.push({ scenario: 'inbox: by reconciliation', thrown: offered, kept, ...memory, latency })
    return { rows, checks: [checked('an inbox whose owner is there', rows, frames)] }
  })
}

/** The owner is off, and comes back when the flood is over. */
export function inboxOffline(frames: number): Promise<Outcome> {
  return Stage.during(async (stage) => {
    const relay = await stage.relay('relay')
    const friend = await stage.client('friend', [relay.address])
    const calmOwner = await stage.client('calm', [relay.address], false)
    const owner = await stage.client('owner', [relay.address], false)
    await pause(SETTLE_MS)
    for (const { actor } of [calmOwner, owner]) await actor.ask('close')
    const calm = await returning(stage, 'calm', relay, [await left(friend, calmOwner)])
    const first = await left(friend, owner)
    const { thrown } = await stage
      .attacker()
      .ask('inboxJunk', { address: relay.address, card: owner.card, frames, names: 2 })
    const second = await left(friend, owner)
    const { frames: atRelay } = await relay.actor.ask('relayStatus')
    const back = await returning(stage, 'owner', relay, [first, second])
    const latency = { calm: calm.latency, flooded: back.latency }
    const row = { scenario: 'inbox: at a relay, owner off', thrown, kept: atRelay, ...back.grown, latency }
    return {
      rows: [row],
      checks: [
        check('an inbox whose owner is off', {
          'everything was thrown': thrown >= frames,
          'memory is bounded': row.memory < MEMORY,
          'the disk is bounded': row.disk < frames * REMEMBERED_DISK + 8 * MEBIBYTE,
          'both Welcomes are found': Number.isFinite(back.latency.median),
        }),
      ],
    }
  })
}

/** Adds somebody to groups one after the other as long as something goes on. @returns how long joining took */
async function invited(inviter: Person, owner: Person, meanwhile: Promise<unknown>): Promise<Latency> {
  let isOver = false
  const over = meanwhile.finally(() => {
    isOver = true
  })
  over.catch(() => undefined)
  const times: number[] = []
  while (times.length < LEAST_INVITATIONS || (!isOver && times.length < MOST_INVITATIONS)) {
    const group = await inviter.actor.ask('create', { name: 'Book club' })
    const { atMs } = await inviter.actor.ask('add', { group, card: owner.card })
    times.push((await joined(owner.actor, group, JOINING_MS).catch(() => Number.POSITIVE_INFINITY)) - atMs)
  }
  await over
  return latencyOf(times)
}

/** Leaves a Welcome for somebody who is off. @returns the group's id */
async function left(inviter: Person, owner: Person): Promise<string> {
  const group = await inviter.actor.ask('create', { name: 'Book club' })
  await inviter.actor.ask('add', { group, card: owner.card })
  await pause(SETTLE_MS)
  return group
}

/** Somebody comes back. @returns how long it takes to be in the groups */
async function returning(
  stage: Stage,
  name: string,
  relay: Person,
  groups: readonly string[],
): Promise<{ latency: Latency; grown: Pick<Row, 'memory' | 'disk'> }> {
  const startedMs = performance.timeOrigin + performance.now()
  const person = await stage.client(name, [relay.address], false)
  const since = await before(person)
  const times: number[] = []
  for (const group of groups) {
    times.push((await joined(person.actor, group, JOINING_MS).catch(() => Number.POSITIVE_INFINITY)) - startedMs)
  }
  const result = { latency: latencyOf(times), grown: await grown(person, since) }
  await person.actor.ask('close')
  return result
}

function checked(name: string, rows: readonly Row[], frames: number): ReturnType<typeof check> {
  return check(name, {
    'everything was thrown': (rows[0]?.thrown ?? 0) >= frames,
    'memory is bounded': rows.every(({ memory }) => memory < MEMORY),
    'the disk is bounded': rows.every(({ disk }) => disk < frames * REMEMBERED_DISK + 8 * MEBIBYTE),
    'Welcomes arrive in time': rows.every(({ latency }) => latency !== undefined && factorOf(latency) <= FACTOR),
  })
}

const NAMES = 16
const LEAST_INVITATIONS = 5
const MOST_INVITATIONS = 30
/** What is left at a relay is there by then. */
const SETTLE_MS = 3_000
const JOINING_MS = 180_000
