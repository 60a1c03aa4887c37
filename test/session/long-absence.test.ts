// Members who are away for longer than frames are kept, while the group goes on, and to other topics. Nothing is said twice in
// the archives: what they have missed is nowhere any more, and what they say has to be heard all the same.
import { expect, test } from 'vitest'
import { agree, Stage } from '../attacks/stage.ts'

test('a member who was away for a fortnight is heard on the topic where the group was, and comes back', async () => {
  const stage = await Stage.open({ seed: 'fortnight', members: ['ann', 'bob', 'cid', 'dee', 'eve'] })
  const [ann, bob, cid, dee, eve] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve')
  dee.online = false
  await stage.submit(ann, { kind: 'remove', identity: eve.own.identity })
  for (let epoch = 0; epoch < 10; epoch++) {
    await stage.submit(bob, { kind: 'rename', name: `after ${epoch}` })
    await stage.run(1_000)
  }
  await stage.days(10, () => stage.say(cid, 'another day'))
  await stage.submit(bob, { kind: 'rename', name: 'ten days later' })
  await stage.days(5, () => stage.say(cid, 'another day'))
  const [moved = ''] = ann.topics.filter((topic) => !dee.topics.includes(topic))
  expect(moved).not.toBe('')

  dee.online = true
  await stage.say(dee, 'here again')
  await stage.days(2)
  expect(agree([ann, bob, cid, dee])).toBe(true)
  for (const other of [ann, bob, cid]) expect(other.texts.filter((text) => text === 'here again')).toHaveLength(1)
  expect(dee.texts.filter((text) => text === 'another day')).toHaveLength(15)
  expect(dee.topics).toContain(moved)
})

test('nobody listens where everybody was heard behind it', async () => {
  const stage = await Stage.open({ seed: 'moved', members: ['ann', 'bob', 'cid'] })
  const [ann, bob, cid] = stage.cast('ann', 'bob', 'cid')
  const [before = ''] = ann.topics
  await stage.submit(ann, { kind: 'remove', identity: cid.own.identity })
  await stage.run(60_000)
  for (let epoch = 0; epoch < 10; epoch++) {
    await stage.submit(bob, { kind: 'rename', name: `after ${epoch}` })
    await stage.say(ann, `in ${epoch}`)
    await stage.run(60_000)
  }
  await stage.days(8)
  await stage.submit(bob, { kind: 'rename', name: 'a week later' })
  await stage.run(60_000)
  expect(ann.topics).not.toContain(before)
  expect(ann.topics).toHaveLength(1)
})

test('the topics that were left first go, where there are more than may be', async () => {
  const settings = { leftTopics: 3 }
  const members = ['ann', 'bob', 'cid', 'dee']
  const stage = await Stage.open({ seed: 'many topics', members, others: ['eve'], settings })
  const [ann, bob, cid, dee, eve] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve')
  // It is not heard any more, and might be anywhere.
  dee.online = false
  const topics = new Set(ann.topics)
  for (let removal = 0; removal < 12; removal++) {
    await stage.submit(ann, { kind: 'add', newcomers: [eve.card] })
    await stage.run(2_000)
    await stage.submit(ann, { kind: 'remove', identity: eve.own.identity })
    await stage.run(2_000)
    for (const topic of ann.topics) topics.add(topic)
  }
  // Of the nine epochs that keep their keys, and the one that is about to lose them, every other one is on a topic of its own.
  for (const one of [ann, bob, cid]) {
    expect(one.topics.toSorted()).toStrictEqual([...topics].slice(-3 - 6).sort())
  }
})

test('whoever was added while it was away has its Welcome weeks later', async () => {
  const stage = await Stage.open({ seed: 'late newcomer', members: ['ann', 'bob', 'cid'], others: ['zoe'] })
  const [ann, bob, cid, zoe] = stage.cast('ann', 'bob', 'cid', 'zoe')
  zoe.online = false
  await stage.submit(ann, { kind: 'add', newcomers: [zoe.card] })
  await stage.run(2_000)
  await stage.days(20, async () => {
    await stage.submit(bob, { kind: 'rename', name: `day ${stage.nowMs}` })
    await stage.say(cid, 'another day')
  })
  expect(zoe.session).toBeUndefined()

  zoe.online = true
  stage.reconcile(zoe)
  await stage.days(2)
  expect(agree([ann, bob, cid, zoe])).toBe(true)
  expect(zoe.texts.filter((text) => text === 'another day')).toHaveLength(20)
  // Once it was heard, nothing more is left for it.
  const { length } = stage.left
  await stage.days(10)
  expect(stage.left).toHaveLength(length)
})

test('a Welcome is left again by who was added again itself meanwhile', async () => {
  const stage = await Stage.open({ seed: 'twice away', members: ['ann', 'bob', 'cid', 'dee'], others: ['zoe'] })
  const [ann, bob, cid, dee, zoe] = stage.cast('ann', 'bob', 'cid', 'dee', 'zoe')
  zoe.online = false
  await stage.submit(ann, { kind: 'add', newcomers: [zoe.card] })
  await stage.run(2_000)
  ann.online = false
  await stage.days(12, () => stage.submit(bob, { kind: 'rename', name: `day ${stage.nowMs}` }))
  ann.online = true
  stage.reconcile(ann)
  await stage.days(5)
  expect(ann.told('readded')).toHaveLength(1)

  zoe.online = true
  stage.reconcile(zoe)
  await stage.days(2)
  expect(agree([ann, bob, cid, dee, zoe])).toBe(true)
})

test('a member that has gone on by itself is told again what everybody else has said', async () => {
  const stage = await Stage.open({ seed: 'parted', members: ['ann', 'bob', 'cid', 'dee'], admins: 4 })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  stage.reaches = (from, to) => from !== dee && to !== dee
  for (let epoch = 0; epoch < 3; epoch++) {
    await stage.submit(bob, { kind: 'rename', name: `there ${epoch}` })
    await stage.run(1_000)
  }
  await stage.submit(dee, { kind: 'rename', name: 'here' })
  await stage.say(dee, 'from my epoch')
  await stage.days(2)
  // It is heard, and all say where they stand; it does not hear them.
  await stage.show(dee.published, [ann, bob, cid])
  dee.online = false
  await stage.days(9, () => stage.say(cid, 'another day'))

  dee.online = true
  stage.heal()
  await stage.days(3, () => stage.say(cid, 'another day'))
  expect(agree([ann, bob, cid, dee])).toBe(true)
  expect(dee.texts.filter((text) => text === 'another day')).toHaveLength(12)
  for (const other of [ann, bob, cid]) expect(other.texts.filter((text) => text === 'from my epoch')).toHaveLength(1)
})

test('two sides that have gone to topics of their own find each other on the one that both know', async () => {
  const stage = await Stage.open({ seed: 'two topics', members: ['ann', 'bob', 'cid', 'dee', 'eve', 'fay'], admins: 5 })
  const [ann, bob, cid, dee, eve, fay] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve', 'fay')
  const side = new Set([dee, eve])
  stage.reaches = (from, to) => side.has(from) === side.has(to)
  for (const [admin, other] of [
    [ann, bob],
    [dee, eve],
  ] as const) {
    await stage.submit(admin, { kind: 'remove', identity: fay.own.identity })
    await stage.run(2_000)
    for (let epoch = 0; epoch < 12; epoch++) {
      await stage.submit(other, { kind: 'rename', name: `by ${other.name} ${epoch}` })
      await stage.run(1_000)
    }
  }
  const talk = async (): Promise<void> => {
    await stage.say(cid, 'on one side')
    await stage.say(eve, 'on the other')
  }
  await stage.days(9, talk)
  expect(ann.topics.filter((topic) => dee.topics.includes(topic))).toHaveLength(1)

  stage.heal()
  await stage.days(3, talk)
  expect(agree([ann, bob, cid, dee, eve])).toBe(true)
  expect(ann.texts.filter((text) => text === 'on the other')).toHaveLength(12)
})
