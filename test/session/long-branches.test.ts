// Branches that are longer than what is kept beside the way: whoever has the keys of where they begin follows, also where
// somebody has used up the room for branches.
import { expect, test } from 'vitest'
import { GroupSession } from '../../src/session/group-session.ts'
import { DEFAULT_SETTINGS } from '../../src/session/settings.ts'
import { parseFrame } from '../../src/wire/frame.ts'
import type { Actor, OnAir } from '../attacks/actor.ts'
import { Hand } from '../attacks/hand.ts'
import { agree, Stage } from '../attacks/stage.ts'

const { branchEpochs, retainedEpochs, unreadFrames } = DEFAULT_SETTINGS
/** Beside the way: what the settings say, and two commits of each of six members in each epoch with keys. */
const MOST_KEYS = retainedEpochs + 1 + branchEpochs + 2 * 6 * (retainedEpochs + 1)

test.each([
  ['100 epochs', 100, 0, unreadFrames],
  ['150 epochs', 150, 0, unreadFrames],
  ['150 epochs, most of them read again in the archive', 150, 0, 32],
  ['100 epochs with 3 topics', 100, 3, unreadFrames],
])('a branch of those who were more is followed: %s', async (title, length, removals, mostUnread) => {
  const others = ['x', 'y', 'z'].slice(0, removals)
  const members = ['ann', 'bob', 'cid', 'dee', ...others]
  const stage = await Stage.open({ seed: title, members, settings: { unreadFrames: mostUnread } })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  await stage.run(60_000)
  for (const name of others) stage.actor(name).online = false
  stage.reaches = (from, to) => (from === dee) === (to === dee)
  await renames(stage, [dee], 3)
  const removed = others.map((name) => stage.actor(name).own.identity)
  const part = Math.ceil(length / (removals + 1))
  for (let done = 0; done < length; done += part) {
    await renames(stage, [ann], part)
    const identity = removed.pop()
    if (identity !== undefined) await stage.submit(ann, { kind: 'remove', identity })
  }
  let most = 0
  stage.heal()
  for (let i = 0; i < 200; i++) {
    await stage.run(50)
    most = Math.max(most, dee.keys)
  }
  await stage.run(60_000)
  expect(agree([ann, bob, cid, dee])).toBe(true)
  expect(most).toBeLessThanOrEqual(MOST_KEYS)
  expect(dee.told('detached')).toEqual([])
  expect(dee.told('readded')).toEqual([])
  await talk(stage, [ann, dee])
})

test('a long branch of many, while one fills the room for branches', async () => {
  const stage = await Stage.open({ seed: 'filled', members: ['ann', 'bob', 'cid', 'dee', 'eve', 'fox'] })
  const [ann, bob, cid, dee, eve, fox] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve', 'fox')
  await stage.run(60_000)
  eve.online = false
  // Two, so that eve alone does not carry them away.
  const few = [dee, fox]
  stage.reaches = (from, to) => few.includes(from) === few.includes(to)
  const junk = Hand.of(eve, stage.nowMs)
  await renames(stage, few, 3)
  for (let at = junk, i = 0; i < 100; i++) {
    const { frame, next } = await at.commit()
    await stage.show([frame], few)
    at = next
  }
  expect(dee.keys).toBeGreaterThanOrEqual(branchEpochs)
  await renames(stage, [ann, bob], 100)
  stage.heal()
  await stage.run(60_000)
  expect(agree([ann, bob, cid, dee, fox])).toBe(true)
  for (const one of few) expect(one.told('detached')).toEqual([])
  await talk(stage, [ann, dee])
})

test('of two long branches that come at once, the shorter one first, that of most is followed', async () => {
  const stage = await Stage.open({ seed: 'two at once', members: ['ann', 'bob', 'cid', 'dee', 'eve', 'fox'] })
  const [ann, bob, cid, dee, eve, fox] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve', 'fox')
  await stage.run(60_000)
  // Fox has not heard of the epoch at which they part either, nor of anybody's votes.
  stage.reaches = (from, to) => from !== fox && to !== fox
  await renames(stage, [ann], 2)
  const few = [dee, eve]
  stage.reaches = (from, to) => from !== fox && to !== fox && few.includes(from) === few.includes(to)
  await renames(stage, [ann, bob, cid], 100)
  await renames(stage, [dee], 80)
  await hearAtOnce(stage, fox, [...dee.archive.values(), ...ann.archive.values()])
  expect(fox.keys).toBeLessThanOrEqual(MOST_KEYS)
  stage.heal()
  await stage.run(60_000)
  expect(agree([ann, bob, cid, fox])).toBe(true)
  expect(fox.told('detached')).toEqual([])
  expect(fox.told('readded')).toEqual([])
})

test('who is far behind goes on where there was no room, also when it is restarted in between', async () => {
  const stage = await Stage.open({ seed: 'behind', members: ['ann', 'bob', 'cid'] })
  const [ann, bob, cid] = stage.cast('ann', 'bob', 'cid')
  await stage.run(60_000)
  stage.reaches = (from, to) => from !== cid && to !== cid
  const start = ann.here.epoch
  await renames(stage, [ann, bob], 100)
  await hearAtOnce(stage, cid, [...ann.archive.values()])
  expect(cid.here.epoch).toBeLessThanOrEqual(start + BigInt(branchEpochs))
  cid.session = await GroupSession.restore(cid.context({}), cid.records)
  await stage.perform(cid, (session) => session.poll(stage.nowMs))
  // It wants something too, and does not commit before it is where the others are.
  await stage.submit(cid, { kind: 'rename', name: 'of cid' })
  await stage.run(1_000)
  expect(cid.here.epoch).toBe(start + 101n)
  expect(cid.told('fork-resolved')).toEqual([])
})

/** Commits in turns, each heard by those on the same side. */
async function renames(stage: Stage, by: readonly Actor[], times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const actor = by[i % by.length]
    if (actor !== undefined) await stage.submit(actor, { kind: 'rename', name: `${actor.name} ${i}` })
    await stage.run(1_000)
  }
}

/** What it has not heard, in one batch, as it comes from a peer's archive. */
async function hearAtOnce(stage: Stage, actor: Actor, frames: readonly OnAir[]): Promise<void> {
  const fresh = frames.filter(({ id, topic }) => !actor.archive.has(id) && actor.topics.includes(topic))
  for (const frame of fresh) actor.archive.set(frame.id, frame)
  const parsed = fresh.map(({ topic, bytes }) => parseFrame(actor.wire, topic, bytes))
  await stage.perform(actor, (session) => session.receive(parsed, stage.nowMs))
}

async function talk(stage: Stage, actors: readonly Actor[]): Promise<void> {
  for (const one of actors) await stage.say(one, `word of ${one.name}`)
  await stage.run(10_000)
  for (const one of actors)
    for (const other of actors) if (one !== other) expect(other.texts).toContain(`word of ${one.name}`)
}
