// How far forward secrecy reaches while epochs are kept (docs/convergence.md): exactly what a stolen store gives away.
import { expect, test } from 'vitest'
import type { Actor, OnAir } from './actor.ts'
import { Hand } from './hand.ts'
import { leafKey } from './ranks.ts'
import { Stage } from './stage.ts'
import { plunder, plunderWelcomes } from './thief.ts'

const NAMES = ['ann', 'bob', 'cid', 'dee']

test('a stolen store: epochs that others began, and those that its device began', async () => {
  const stage = await Stage.open({ seed: 'stolen store', members: NAMES })
  const [ann, bob, cid] = stage.cast('ann', 'bob', 'cid')
  await commits(stage, bob)
  await stage.say(cid, 'begun by bob')
  await stage.say(ann, 'said by ann, begun by bob')
  await commits(stage, ann)
  await stage.say(cid, 'begun by ann')
  await stage.say(ann, 'said by ann, begun by ann')
  await commits(stage, cid)
  await stage.say(bob, 'begun by cid')
  await commits(stage, bob)
  await stage.say(bob, 'begun by bob again')
  await stage.run(1_000)
  expect(ann.texts).toEqual(['begun by bob', 'begun by ann', 'begun by cid', 'begun by bob again'])
  const { direct, again } = await plunder(stage, ann)
  // Each was read, and its key is gone.
  expect(direct).toEqual(new Set())
  // Whoever enters an epoch anew has all of its keys, those of the device's own messages included. A device's own commit is
  // encrypted to the others.
  expect(again).toEqual(new Set(['begun by bob', 'said by ann, begun by bob', 'begun by cid', 'begun by bob again']))
})

test('a stolen store: what has not been read', async () => {
  const stage = await Stage.open({ seed: 'unread', members: NAMES })
  const [ann, bob] = stage.cast('ann', 'bob')
  await commits(stage, ann)
  stage.reaches = (_, to) => to !== ann
  await stage.say(bob, 'never came')
  await stage.run(1_000)
  expect((await plunder(stage, ann)).direct).toEqual(new Set(['never came']))
})

test('a stolen store: epochs that are over', async () => {
  const stage = await Stage.open({ seed: 'over', members: NAMES })
  const [ann, bob, cid] = stage.cast('ann', 'bob', 'cid')
  await commits(stage, bob)
  await stage.say(bob, 'long read')
  await stage.say(cid, 'never came')
  loses(ann, cid.published.at(-1))
  for (let epoch = 1; epoch <= 7; epoch++) await commits(stage, bob)
  expect(ann.texts).toEqual(['long read'])
  expect(await plunder(stage, ann)).toEqual({
    direct: new Set(['never came']),
    again: new Set(['long read', 'never came']),
  })
  // The keys of the epoch before it go.
  await commits(stage, bob)
  expect(await plunder(stage, ann)).toEqual({ direct: new Set(['never came']), again: new Set() })
  // Its own go.
  await commits(stage, bob)
  expect(ann.texts).toEqual(['long read'])
  expect(await plunder(stage, ann)).toEqual({ direct: new Set(), again: new Set() })
})

test('a stolen store: the key package of a contact card', async () => {
  const stage = await Stage.open({ seed: 'card', members: NAMES })
  const [bob, dee] = stage.cast('bob', 'dee')
  await stage.say(bob, 'after dee came')
  for (let epoch = 1; epoch <= 12; epoch++) await commits(stage, bob)
  await stage.say(bob, 'before dee committed')
  await commits(stage, dee)
  await stage.say(bob, 'after dee committed')
  await commits(stage, bob)
  await stage.say(bob, 'later')
  await stage.run(1_000)
  expect(dee.texts).toEqual(['after dee came', 'before dee committed', 'after dee committed', 'later'])
  const found = await plunderWelcomes(stage, dee, [dee.own.keyPackage])
  expect(found).toEqual(new Set(['after dee came', 'before dee committed']))
})

test('a stolen store: the key package of a return', async () => {
  const stage = await Stage.open({ seed: 'return', members: NAMES })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  const readableFor = [bob, cid].map((one) => leafKey(ann, one))
  const made = await Hand.of(ann, stage.nowMs).commit({ readableFor })
  ann.online = false
  await stage.show([made.frame], [bob, cid, dee])
  for (let waited = 0; dee.told('readded').length === 0 && waited < 100; waited++) await stage.run(100)
  await stage.say(bob, 'read on its return')
  await stage.run(1_000)
  expect(dee.texts).toEqual(['read on its return'])
  expect(await plunder(stage, dee)).toEqual({ direct: new Set(), again: new Set() })
  const found = await plunderWelcomes(stage, dee, dee.here.reentryKeyPackages)
  expect(found).toEqual(new Set(['read on its return']))
  await stage.run(10_000)
  expect(dee.here.reentryKeyPackages).toEqual([])
  expect([...dee.records.keys()].filter((name) => name.startsWith('entry/'))).toEqual([])
})

/** A frame that never reaches somebody. */
function loses(actor: Actor, frame: OnAir | undefined): void {
  if (frame !== undefined) actor.archive.set(frame.id, frame)
}

async function commits(stage: Stage, actor: Actor): Promise<void> {
  await stage.submit(actor, { kind: 'rename', name: `${actor.name} ${stage.nowMs}` })
  await stage.run(500)
}
