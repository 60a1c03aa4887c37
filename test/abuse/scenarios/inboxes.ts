// Somebody with a contact card floods the inbox that it is of, while others leave Welcomes there: directly, by offering frames
// to whoever reconciles, and at the relay while the owner is off.

import { MEBIBYTE, MEMORY, REMEMBERED_DISK } from '../bounds.ts'
import { inboxOf, keptBy } from '../kept.ts'
import { check, isInTime, type Latency, latencyOf, type Outcome, type Row } from '../measures.ts'
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
export async function inboxOffline(frames: number): Promise<Outcome> {
  const outcomes = [await atRelay(frames), await atFullRelay(frames)]
  return { rows: outcomes.flatMap(({ rows }) => rows), checks: outcomes.flatMap(({ checks }) => checks) }
}

/** By few names, and the relay has room for everything. */
function atRelay(frames: number): Promise<Outcome> {
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
    const { frames: kept } = await relay.actor.ask('relayStatus')
    const back = await returning(stage, 'owner', relay, [first, second])
    const latency = { calm: calm.latency, flooded: back.latency }
    const row = { scenario: 'inbox: at a relay, owner off', thrown, kept, ...back.grown, latency }
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

/** By many names, with several times as much as the relay keeps of a topic. */
function atFullRelay(frames: number): Promise<Outcome> {
  return Stage.during(async (stage) => {
    const room = Math.ceil(frames / TIMES_TOO_MANY)
    const relay = await stage.relay('relay', 4 * room)
    const friend = await stage.client('friend', [relay.address])
    const owner = await stage.client('owner', [relay.address], false)
    await pause(SETTLE_MS)
    await owner.actor.ask('close')
    const groups = [await left(friend, owner)]
    const flooding = stage
      .attacker()
      .ask('inboxJunk', { address: relay.address, card: owner.card, frames, names: NAMES })
    groups.push(...(await leftDuring(friend, owner, flooding)))
    const { thrown } = await flooding
    groups.push(await left(friend, owner))
    const { frames: kept } = await relay.actor.ask('relayStatus')
    const { latency, grown: ofOwner } = await returning(stage, 'owner', relay, groups)
    return {
      rows: [{ scenario: 'inbox: at a relay that is full', thrown, kept, ...ofOwner }],
      checks: [
        check('an inbox at a relay that is full', {
          'everything was thrown': thrown >= frames,
          'the relay was full': kept >= room,
          // The frames of the groups that the Welcomes are to are there as well.
          'the relay keeps no more than it may': kept <= room + MOST_OF_GROUPS,
          'memory is bounded': ofOwner.memory < MEMORY,
          'the disk is bounded': ofOwner.disk < frames * REMEMBERED_DISK + 8 * MEBIBYTE,
          'all Welcomes are found': latency.count === groups.length && Number.isFinite(latency.late),
        }),
      ],
    }
  })
}

/** Leaves Welcomes for somebody who is off as long as something goes on. @returns the groups' ids */
async function leftDuring(inviter: Person, owner: Person, meanwhile: Promise<unknown>): Promise<string[]> {
  let isOver = false
  const over = meanwhile.finally(() => {
    isOver = true
  })
  over.catch(() => undefined)
  const groups = [await left(inviter, owner)]
  while (!isOver && groups.length < LEAST_INVITATIONS) groups.push(await left(inviter, owner))
  return groups
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
    'Welcomes arrive in time': rows.every(({ latency }) => latency !== undefined && isInTime(latency)),
  })
}

const NAMES = 16
/** How many times as much is thrown at a full relay as it keeps of a topic. */
const TIMES_TOO_MANY = 5
/** What a relay keeps at most of the groups to which somebody who is off is invited. */
const MOST_OF_GROUPS = 200
const LEAST_INVITATIONS = 5
const MOST_INVITATIONS = 30
/** What is left at a relay is there by then. */
const SETTLE_MS = 3_000
const JOINING_MS = 180_000
