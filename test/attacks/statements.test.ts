// Members who say what contradicts itself, and others who say again what was said long ago.
import { expect, test } from 'vitest'
import { decodePayload } from '../../src/session/payload.ts'
import { type Frame, isForKey, openFrame } from '../../src/wire/frame.ts'
import { rendezvousFrom } from '../../src/wire/topic.ts'
import type { Actor, OnAir } from './actor.ts'
import { Hand } from './hand.ts'
import { agree, Stage } from './stage.ts'

test('two statements with one number', async () => {
  const stage = await Stage.open({ seed: 'one number', members: ['ann', 'bob', 'cid', 'dee', 'eve'] })
  const [ann, bob, cid, dee, eve] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve')
  const honest = [ann, bob, cid, dee]
  const hand = Hand.of(eve, stage.nowMs)
  eve.online = false
  const side = (one: Actor): boolean => one === ann || one === bob
  stage.reaches = (from, to) => side(from) === side(to)
  await stage.submit(ann, { kind: 'rename', name: 'one' })
  await stage.submit(cid, { kind: 'rename', name: 'other' })
  await stage.run(1_000)
  // Two against two: eve tells each side that it stands there, under one number.
  const standing = (one: Actor): Promise<OnAir> => {
    const { path } = Hand.of(one, stage.nowMs)
    return hand.vote(77n, path)
  }
  await stage.show([await standing(ann)], [ann, bob])
  await stage.show([await standing(cid)], [cid, dee])
  for (const one of honest) expect(voteOf(one, eve)).toMatchObject({ number: 77n, conflict: false })
  stage.heal()
  await stage.run(10_000)
  expect(agree(honest)).toBe(true)
  for (const one of honest) {
    expect(voteOf(one, eve)).toMatchObject({ number: 77n, conflict: true })
    expect(one.told('equivocation')).toEqual([{ type: 'equivocation', identity: eve.own.identity, device: eve.device }])
  }
  // With a greater number it counts again.
  const { path } = Hand.of(ann, stage.nowMs)
  await stage.show([await hand.vote(78n, path)], honest)
  for (const one of honest) expect(voteOf(one, eve)).toMatchObject({ number: 78n, conflict: false })
})

test('a vote for an epoch far ahead that nobody has made', async () => {
  const stage = await Stage.open({ seed: 'far ahead', members: ['ann', 'bob', 'cid', 'eve', 'fay', 'gus', 'mal'] })
  const [ann, bob, cid, eve, fay, gus, mal] = stage.cast('ann', 'bob', 'cid', 'eve', 'fay', 'gus', 'mal')
  const honest = [ann, bob, cid, fay, gus]
  // Of ann the others have heard that she is here; of them she has heard nothing for several epochs.
  for (let i = 0; i < 4; i++) {
    await stage.submit(ann, { kind: 'rename', name: `name ${i}` })
    await stage.run(2_000)
  }
  const invent = async (liar: Actor): Promise<OnAir> => {
    const hand = Hand.of(liar, stage.nowMs)
    const [here] = hand.path
    if (here === undefined) throw new Error(`${liar.name} stands nowhere`)
    const invented = { id: 'ee'.repeat(32), height: here.height + 500n, committer: 3, removed: [] }
    return hand.vote(900n, [invented, ...hand.path])
  }
  // As many as may lie, and then one more: now it takes those who hear it to speak.
  eve.online = false
  mal.online = false
  await stage.show([await invent(eve), await invent(mal)], honest)
  await stage.run(120_000)
  for (const one of honest) expect(one.told('detached')).toEqual([])
  gus.online = false
  await stage.show([await invent(gus)], honest)
  await stage.run(120_000)
  honest.pop()
  for (const one of honest) expect(one.told('detached')).toEqual([])
  await stage.submit(ann, { kind: 'rename', name: 'last' })
  await stage.say(bob, 'still here')
  await stage.run(5_000)
  expect(agree(honest)).toBe(true)
  expect(ann.here.profile.name).toBe('last')
  expect(cid.texts).toContain('still here')
})

test('replayed frames and votes', async () => {
  const stage = await Stage.open({ seed: 'replay', members: ['ann', 'bob', 'cid', 'dee'] })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  const all = [ann, bob, cid, dee]
  await stage.say(ann, 'once')
  const side = (one: Actor): boolean => one === ann || one === bob
  stage.reaches = (from, to) => side(from) === side(to)
  await stage.submit(ann, { kind: 'rename', name: 'one' })
  await stage.submit(cid, { kind: 'rename', name: 'other' })
  await stage.say(bob, 'only once')
  stage.heal()
  await stage.run(10_000)
  await stage.submit(dee, { kind: 'rename', name: 'last' })
  await stage.run(30_000)
  const before = all.map(knowledge)
  const told = all.map(({ events }) => events.length)
  const frames = all.flatMap(({ published }) => published)
  const again = [...frames, ...(await sealedAgain(stage, dee, frames))]
  expect(again.length).toBeGreaterThan(frames.length)
  // Straight into the sessions: no archive has told them apart from what is new.
  for (const one of all) {
    for (const frame of again.toReversed()) {
      const checked: Frame = await one.here.check(frame.topic, frame.bytes)
      await stage.perform(one, (session) => session.receive([checked], stage.nowMs))
    }
  }
  const published = all.map((one) => one.published.length)
  await stage.run(30_000)
  expect(all.map(knowledge)).toEqual(before)
  expect(all.map((one) => one.published.length)).toEqual(published)
  all.forEach((one, i) => {
    expect(one.events.slice(told[i]).filter(({ type }) => type !== 'rejected')).toEqual([])
  })
})

function knowledge({ texts, here }: Actor): unknown {
  const { head, votes, unread } = here.inspect()
  return { texts, head, votes, unread }
}

/** What was said to all branches, in frames of another id. */
async function sealedAgain(stage: Stage, actor: Actor, frames: readonly OnAir[]): Promise<OnAir[]> {
  const hand = Hand.of(actor, stage.nowMs)
  const { topic, controlKey } = await rendezvousFrom(actor.wire, actor.here.profile.rendezvousSecret)
  const again: OnAir[] = []
  for (const frame of frames.filter((one) => one.topic === topic.name)) {
    const checked = await actor.here.check(frame.topic, frame.bytes)
    if (!isForKey(actor.wire, checked, controlKey)) continue
    const { kind, body } = decodePayload(openFrame(actor.wire, controlKey, checked))
    again.push(await hand.toAll(kind, body))
  }
  return again
}

function voteOf(seenBy: Actor, device: Actor): unknown {
  return seenBy.here.inspect().votes.find((vote) => vote.device === device.device)
}
