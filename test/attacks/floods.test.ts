// More than anybody has use for: what members and others send without end costs the victims no more than a fixed amount,
// and the group goes on.
import { expect, test } from 'vitest'
import { utf8 } from '../../src/bytes.ts'
import { encodeApplicationData } from '../../src/content/application-data.ts'
import { ContentType, WireFormat } from '../../src/messages/code-points.ts'
import { PayloadKind } from '../../src/session/payload.ts'
import { DEFAULT_SETTINGS } from '../../src/session/settings.ts'
import { frame as framed, seal, signFramed } from '../negative/forge/message.ts'
import type { Actor, OnAir } from './actor.ts'
import { Hand, type MadeCommit } from './hand.ts'
import { agree, Stage } from './stage.ts'

const NAMES = ['ann', 'bob', 'cid', 'dee']
const { branchEpochs, retainedEpochs, unreadFrames } = DEFAULT_SETTINGS

test('a flood of valid commits', async () => {
  const { stage, victims, hand } = await besieged('flood of commits')
  const flood: MadeCommit[] = []
  // Many on one epoch, and many on each of these.
  for (let i = 0n; i < 60n; i++) {
    const one = await hand.commit({ statement: 10n + 2n * i })
    flood.push(one, await one.next.commit())
  }
  for (const { frame } of flood) await stage.show([frame], victims)
  await stage.run(5_000)
  for (const victim of victims) {
    expect(victim.keys).toBeLessThanOrEqual(branchEpochs + retainedEpochs + 1)
    expect(victim.here.inspect().unread).toBeLessThanOrEqual(unreadFrames)
  }
  expect(agree(victims)).toBe(true)
  await goesOn(stage, victims)
})

test('a flood of valid commits, all in one batch', async () => {
  const { stage, victims, hand } = await besieged('flood of commits at once')
  const flood: MadeCommit[] = []
  for (let i = 0n; i < 150n; i++) flood.push(await hand.commit({ statement: 10n + i }))
  await stage.show(
    flood.map(({ frame }) => frame),
    victims,
  )
  await stage.run(5_000)
  for (const victim of victims) expect(victim.keys).toBeLessThanOrEqual(branchEpochs + retainedEpochs + 1)
  expect(agree(victims)).toBe(true)
  await goesOn(stage, victims)
})

test('a flood of valid commits, one after the other, beside the way', async () => {
  const { stage, victims, hand, ann } = await besieged('chain of commits')
  const [first, ...chain] = await chainFrom(hand, 150)
  await stage.submit(ann, { kind: 'rename', name: 'together' })
  await stage.run(1_000)
  for (const { frame } of [first, ...chain]) await stage.show([frame], victims)
  await stage.run(5_000)
  for (const victim of victims) {
    expect(victim.keys).toBeLessThanOrEqual(branchEpochs + retainedEpochs + 1)
    expect(victim.knows(first.id)).toBe(true)
  }
  expect(agree(victims)).toBe(true)
  await goesOn(stage, victims)
})

test('a flood of valid commits, one after the other, from where the group stands, while it forks there', async () => {
  const { stage, victims, hand, ann, bob } = await besieged('chain of commits on a fork')
  const chain = await chainFrom(hand, 150)
  for (const one of [ann, bob]) await stage.submit(one, { kind: 'rename', name: one.name })
  await stage.run(1)
  for (const { frame } of chain) await stage.show([frame], victims)
  for (const victim of victims) expect(victim.keys).toBeLessThanOrEqual(branchEpochs + retainedEpochs + 3)
  await stage.run(60_000)
  for (const victim of victims) expect(victim.keys).toBeLessThanOrEqual(branchEpochs + retainedEpochs + 3)
  expect(agree(victims)).toBe(true)
  await goesOn(stage, victims)
})

test('a flood of commits that nobody can decrypt', async () => {
  const { stage, victims, hand, bob } = await besieged('flood of broken commits')
  await stage.submit(bob, { kind: 'rename', name: 'together' })
  await stage.run(1_000)
  for (let i = 0n; i < 150n; i++) {
    const { frame } = await hand.commit({ statement: 1_000n + i, readableFor: [] })
    await stage.show([frame], victims)
  }
  await stage.run(5_000)
  for (const victim of victims) expect(brokenIn(victim)).toBeLessThanOrEqual(branchEpochs)
  expect(agree(victims)).toBe(true)
  await goesOn(stage, victims)
})

test('a flood of votes', async () => {
  const { stage, victims, hand, ann, bob } = await besieged('flood of votes')
  const before = victims.map(({ published }) => published.length)
  const [here] = hand.path
  if (here === undefined) throw new Error('a path without an end')
  for (let i = 0; i < 200; i++) {
    // For epochs that there are not, just ahead of where everybody is, far ahead of it, and beside it.
    const id = i.toString(16).padStart(64, '0')
    const entry = {
      id,
      height: here.height + BigInt(1 + ((i + 2) % 3)),
      committer: i % 4,
      removed: i % 5 === 0 ? [i % 3] : [],
    }
    await stage.show([await hand.vote(100n + BigInt(i), [entry, ...hand.path], i % 7 === 0)], victims)
  }
  await stage.run(10_000)
  for (const [i, victim] of victims.entries()) {
    expect(victim.here.inspect().votes.length).toBeLessThanOrEqual(NAMES.length)
    expect(victim.published.length - (before[i] ?? 0)).toBeLessThan(10)
  }
  await goesOn(stage, victims)
  // Nor does it help to go on and on, always one ahead of where the group is.
  await stage.submit(bob, { kind: 'rename', name: 'in spite of it' })
  for (let i = 0; i < 30; i++) {
    const { path } = Hand.of(ann, stage.nowMs)
    const height = (path[0]?.height ?? 0n) + 1n
    const entry = { id: (1_000 + i).toString(16).padStart(64, '0'), height, committer: i % 4, removed: [] }
    await stage.show([await hand.vote(1_000n + BigInt(i), [entry, ...path])], victims)
    await stage.run(4_000)
  }
  for (const victim of victims) {
    expect(victim.here.profile.name).toBe('in spite of it')
    expect(victim.told('detached')).toEqual([])
  }
  expect(agree(victims)).toBe(true)
})

test('a flood of far-future generations', async () => {
  const stage = await Stage.open({ seed: 'flood of generations', members: NAMES })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  const victims = [ann, bob, cid]
  const hand = Hand.of(dee, stage.nowMs)
  const flood: OnAir[] = []
  for (let i = 0; i < 60; i++) flood.push(await farFuture(hand, i % 2 === 0 ? 0xffff_ffff - i : 2_000_000 + i))
  for (const frame of flood) await stage.show([frame], victims)
  for (const victim of victims) {
    expect(victim.rejected).toEqual(flood.map(() => 'FRAMING_GENERATION_TOO_FAR'))
    expect(victim.texts).toEqual([])
  }
  // What is kept of it is nothing: the same member's next message is read as if nothing had been.
  await stage.say(dee, 'honestly')
  await stage.run(5_000)
  for (const victim of victims) expect(victim.texts).toEqual(['honestly'])
  await goesOn(stage, victims)
})

test('junk from non-members', async () => {
  const stage = await Stage.open({ seed: 'junk', members: NAMES, others: ['out'] })
  const [ann, bob, cid, dee, outsider] = stage.cast('ann', 'bob', 'cid', 'dee', 'out')
  const victims = [ann, bob, cid]
  const hand = Hand.of(dee, stage.nowMs)
  const member = Hand.of(ann, stage.nowMs)
  await stage.submit(ann, { kind: 'remove', identity: dee.own.identity })
  await stage.run(2_000)
  dee.online = false
  // Whoever knows no more than the topic's name cannot even have its frames passed on: one signature is what it costs.
  const [topic] = ann.topics
  const unsigned = (await member.junk(utf8('junk'))).bytes.fill(0, -64)
  await stage.show([outsider.onAir(topic ?? '', unsigned)], victims)
  for (const victim of victims) expect(victim.refused).toEqual(['FRAME_SIGNATURE'])
  // Who was removed still has the keys of the topic that the group was on.
  const stands = victims.map((victim) => ({ head: victim.head, votes: victim.here.inspect().votes }))
  for (let number = 500n; number < 510n; number++) await stage.show([await hand.vote(number)], victims)
  for (let i = 0; i < unreadFrames + 50; i++) await stage.show([await hand.junk(utf8(`junk ${i}`))], victims)
  const before = victims.map(({ published }) => published.length)
  await stage.run(60_000)
  for (const [i, victim] of victims.entries()) {
    const { head, unread, votes } = victim.here.inspect()
    expect(unread).toBe(unreadFrames)
    expect(head).toBe(stands[i]?.head)
    expect(votes.filter(({ device }) => device !== dee.device).length).toBeLessThanOrEqual(victims.length)
    // It says now and then where it stands, however much junk there is.
    expect(victim.published.length - (before[i] ?? 0)).toBeLessThan(10)
  }
  await goesOn(stage, victims)
})

/** Whatever anybody wants happens, and whatever anybody says is heard. */
async function goesOn(stage: Stage, actors: readonly Actor[]): Promise<void> {
  for (const [i, one] of actors.entries()) {
    await stage.submit(one, { kind: 'rename', name: `wish ${i}` })
    await stage.run(10_000)
    for (const other of actors) expect(other.here.profile.name).toBe(`wish ${i}`)
    await stage.say(one, `word ${i}`)
    await stage.run(5_000)
    for (const other of actors) if (other !== one) expect(other.texts).toContain(`word ${i}`)
  }
  expect(agree(actors)).toBe(true)
}

/** A group of which one member does nothing but harm, by its hand. */
async function besieged(
  seed: string,
): Promise<{ readonly stage: Stage; readonly victims: readonly Actor[]; readonly hand: Hand; ann: Actor; bob: Actor }> {
  const stage = await Stage.open({ seed, members: NAMES })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  dee.online = false
  return { stage, victims: [ann, bob, cid], hand: Hand.of(dee, stage.nowMs), ann, bob }
}

/** Commits of one member, each in the epoch that the one before it begins. */
async function chainFrom(hand: Hand, length: number): Promise<[MadeCommit, ...MadeCommit[]]> {
  const chain: [MadeCommit, ...MadeCommit[]] = [await hand.commit()]
  for (let last = chain[0]; chain.length < length; chain.push(last)) last = await last.next.commit()
  return chain
}

function brokenIn(actor: Actor): number {
  return actor.here.inspect().epochs.filter(({ broken }) => broken).length
}

/** A message of a member, properly signed and encrypted, which says that very many came before it. RFC 9420 §9.2. */
async function farFuture(hand: Hand, generation: number): Promise<OnAir> {
  const { state } = hand
  const applicationData = encodeApplicationData({ messages: [], acknowledgements: [] })
  const content = framed(state, { contentType: ContentType.application, applicationData })
  const signature = await signFramed(state, WireFormat.privateMessage, content)
  const tampering = { sealing: { senderData: (data: object) => ({ ...data, generation }) as never } }
  const auth = { signature, confirmationTag: undefined }
  return hand.inEpoch(PayloadKind.message, seal(state, WireFormat.privateMessage, content, auth, tampering))
}
