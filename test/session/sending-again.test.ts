// Messages for a device that was added again: those that it says it lacks, and all of them together.
import { expect, test } from 'vitest'
import type { Effects } from '../../src/session/effects.ts'
import { GroupSession } from '../../src/session/group-session.ts'
import type { Actor } from '../attacks/actor.ts'
import { agree, Stage } from '../attacks/stage.ts'

/** Of each frame with messages that a device makes from now on: how many are in it. */
function countMessages(actor: Actor): number[] {
  const counts: number[] = []
  const write = actor.write.bind(actor)
  actor.write = (effects: Effects): void => {
    counts.push(...effects.frames.map(({ messages }) => messages.length).filter((count) => count > 0))
    write(effects)
  }
  return counts
}

test('whoever comes back with new keys is sent what it lacks, in one message, and nothing else', async () => {
  const stage = await Stage.open({ seed: 'sending again', members: ['ann', 'bob', 'cid', 'dee'], admins: 4 })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  for (const text of ['one', 'two', 'three']) await stage.say(ann, text)
  await stage.run(100)
  // Dee has them, and its acknowledgement never gets to ann.
  expect(dee.texts).toEqual(['one', 'two', 'three'])
  dee.online = false
  for (const text of ['four', 'five', 'six']) await stage.say(ann, text)
  for (let epoch = 0; epoch < 12; epoch++) {
    await stage.submit(bob, { kind: 'rename', name: `${epoch}` })
    await stage.run(1_000)
  }
  // What was said meanwhile is nowhere to be had any more.
  for (const frame of ann.archive.values()) dee.archive.set(frame.id, frame)
  const again = countMessages(ann)
  dee.online = true
  await stage.run(200_000)
  expect(dee.told('readded')).toHaveLength(1)
  expect(agree([ann, bob, cid, dee])).toBe(true)
  expect(dee.texts).toEqual(['one', 'two', 'three', 'four', 'five', 'six'])
  expect(again).toEqual([3])
  expect(ann.here.inspect().outbox).toEqual([])
})

test('what a device lacks is sent again although its sender was restarted meanwhile, and nobody says anything', async () => {
  const stage = await Stage.open({ seed: 'restarted', members: ['ann', 'bob', 'cid', 'dee'] })
  const [ann, dee] = stage.cast('ann', 'dee')
  await stage.say(ann, 'one')
  const lost = ann.published.at(-1)
  if (lost !== undefined) dee.archive.set(lost.id, lost)
  await stage.say(ann, 'two')
  await stage.run(5_000)
  // It is the first one that is missing: dee cannot know.
  expect(dee.texts).toEqual(['two'])
  ann.session = await GroupSession.restore(ann.context({}), ann.records)
  await stage.perform(ann, (session) => session.poll(stage.nowMs))
  await stage.run(60_000)
  expect(dee.texts).toEqual(['two', 'one'])
  expect(ann.here.inspect().outbox).toEqual([])
})

test.each([
  ['runs on', false],
  ['is restarted', true],
])(
  'the last message goes again to one who was further where nobody heard it, and its sender %s',
  async (_, restart) => {
    const stage = await Stage.open({ seed: 'further', members: ['ann', 'bob', 'cid', 'dee'], admins: 4 })
    const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
    const goOn = async (actor: Actor, epochs: number): Promise<void> => {
      for (let epoch = 0; epoch < epochs; epoch++) {
        await stage.submit(actor, { kind: 'rename', name: `${actor.name} ${epoch}` })
        await stage.run(1_000)
      }
    }
    stage.reaches = (from, to) => from !== ann && to !== ann
    for (const text of ['one', 'two']) await stage.say(ann, text)
    await goOn(bob, 6)
    stage.reaches = (from, to) => ![ann, dee].includes(from) && ![ann, dee].includes(to)
    const before = dee.published.length
    await goOn(dee, 3)
    const alone = dee.published.slice(before)
    await goOn(bob, 1)
    stage.reaches = (from, to) => from !== ann && to !== ann
    stage.reconcile(dee)
    await stage.run(5_000)
    expect(agree([bob, cid, dee])).toBe(true)
    // What dee said while it was alone never comes to ann.
    for (const frame of alone) ann.archive.set(frame.id, frame)
    stage.heal()
    await stage.run(5_000)
    expect(bob.texts).toEqual(['one', 'two'])
    expect(dee.texts).toEqual([])
    if (restart) {
      ann.session = await GroupSession.restore(ann.context({}), ann.records)
      await stage.perform(ann, (session) => session.poll(stage.nowMs))
    }
    await stage.say(dee, 'here')
    await stage.run(120_000)
    expect(agree([ann, bob, cid, dee])).toBe(true)
    expect(dee.told('readded')).toEqual([])
    expect(dee.texts.toSorted()).toEqual(['one', 'two'])
    expect(ann.here.inspect().outbox).toEqual([])
  },
)

test('who speaks and never acknowledges is sent the last message again, more and more rarely', async () => {
  const stage = await Stage.open({ seed: 'never', members: ['ann', 'bob', 'cid'] })
  const [ann, bob, cid] = stage.cast('ann', 'bob', 'cid')
  stage.reaches = (from, to) => from !== ann || to !== cid
  const again = countMessages(ann)
  for (const text of ['one', 'two', 'three']) await stage.say(ann, text)
  for (let minute = 0; minute < 60; minute++) {
    await stage.say(cid, `minute ${minute}`)
    await stage.run(60_000)
  }
  expect(bob.texts.slice(0, 3)).toEqual(['one', 'two', 'three'])
  // The three of them once, and then the last one.
  expect(again.slice(0, 3)).toEqual([1, 1, 1])
  expect(again.slice(3).every((count) => count === 1)).toBe(true)
  expect(again.length - 3).toBeGreaterThan(2)
  expect(again.length - 3).toBeLessThan(12)
  stage.heal()
  await stage.run(60_000)
  expect(cid.texts).toEqual(['one', 'two', 'three'])
  expect(ann.here.inspect().outbox).toEqual([])
})

test('what is for one whom a branch that loses has removed is kept until it has it', async () => {
  const stage = await Stage.open({ seed: 'removed meanwhile', members: ['ann', 'bob', 'cid', 'dee', 'eve'], admins: 5 })
  const [ann, bob, cid, dee, eve] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve')
  // The frame never gets to cid, nor to those on its side.
  stage.reaches = (_, to) => to === ann || to === bob
  await stage.say(ann, 'for cid too')
  for (const one of [cid, dee, eve]) for (const frame of ann.published.slice(-1)) one.archive.set(frame.id, frame)
  await stage.run(2_000)
  const apart = new Set([cid, dee, eve])
  stage.reaches = (from, to) => apart.has(from) === apart.has(to)
  for (const gone of [cid, dee, eve]) {
    await stage.submit(bob, { kind: 'remove', identity: gone.own.identity })
    await stage.run(2_000)
  }
  await stage.run(10_000)
  // He would remove them once more.
  bob.online = false
  expect(ann.told('delivery').at(-1)?.delivery.state).toBe('delivered')
  for (let epoch = 0; epoch < 9; epoch++) {
    await stage.submit(dee, { kind: 'rename', name: `dee ${epoch}` })
    await stage.run(1_000)
  }
  ann.session = await GroupSession.restore(ann.context({}), ann.records)
  stage.heal()
  await stage.run(60_000)
  for (const one of [cid, dee, eve]) expect(one.texts).toEqual(['for cid too'])
  expect(agree([ann, cid, dee, eve])).toBe(true)
})

test('what is for one who was removed is forgotten when its epoch is', async () => {
  const stage = await Stage.open({ seed: 'removed', members: ['ann', 'bob', 'cid'], admins: 3 })
  const [ann, bob, cid] = stage.cast('ann', 'bob', 'cid')
  cid.online = false
  await stage.say(ann, 'one')
  await stage.submit(ann, { kind: 'remove', identity: cid.own.identity })
  await stage.run(2_000)
  await stage.say(ann, 'two')
  await stage.run(10_000)
  const waiting = (): number[] => ann.here.inspect().outbox.map(({ seq }) => Number(seq))
  expect(waiting()).toEqual([0])
  for (let epoch = 0; epoch < 9; epoch++) {
    await stage.submit(bob, { kind: 'rename', name: `${epoch}` })
    await stage.run(1_000)
  }
  expect(waiting()).toEqual([])
})

test('what was said while somebody was out is not for them when they are in again, and what was said before is', async () => {
  const stage = await Stage.open({ seed: 'out and in', members: ['ann', 'bob', 'cid', 'dee'], admins: 4 })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  await stage.run(10_000)
  // Dee is away all the time, so that everything waits; and cid hears nothing of what ann says.
  dee.online = false
  const say = async (text: string): Promise<void> => {
    await stage.say(ann, text)
    for (const frame of ann.published.slice(-1)) cid.archive.set(frame.id, frame)
    await stage.run(1_000)
  }
  await say('before')
  await stage.submit(bob, { kind: 'remove', identity: cid.own.identity })
  await stage.run(2_000)
  await say('meanwhile')
  await stage.submit(bob, { kind: 'add', newcomers: [cid.card] })
  await stage.run(2_000)
  await stage.say(ann, 'after')
  await stage.say(cid, 'here again')
  await stage.run(120_000)
  expect(cid.texts.toSorted()).toEqual(['after', 'before'])
})
