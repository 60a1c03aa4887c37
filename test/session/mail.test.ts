// Mail between sessions: what cannot be used is told with an error of its own, or ignored, and what can be used is not lost by it.

import { expect, test } from 'vitest'
import { concat } from '../../src/bytes.ts'
import type { Mail } from '../../src/session/effects.ts'
import { encodeMail } from '../../src/session/mail.ts'
import { PayloadKind } from '../../src/session/payload.ts'
import type { Actor, OnAir } from '../attacks/actor.ts'
import { Hand } from '../attacks/hand.ts'
import { Stage } from '../attacks/stage.ts'

const GOOD: Mail = { topicSeed: new Uint8Array(32).fill(5), frames: [new Uint8Array(300).fill(1), new Uint8Array(20)] }

test('a member tells the others, and they are told to hold it', async () => {
  const stage = await Stage.open({ seed: 'mail', members: ['ann', 'bob', 'cid'] })
  const [ann, bob, cid] = stage.cast('ann', 'bob', 'cid')
  const told = await tell(stage, ann, [GOOD])
  expect(told).toHaveLength(1)
  for (const one of [bob, cid]) expect(await take(stage, one, told)).toEqual([GOOD])
})

test('what is too large is left out, and nobody is told who is alone', async () => {
  const stage = await Stage.open({ seed: 'large mail', members: ['ann', 'bob'] })
  const [ann, bob] = stage.cast('ann', 'bob')
  const large = { ...GOOD, frames: [new Uint8Array(65_536), new Uint8Array(1)] }
  expect(await tell(stage, ann, [large])).toEqual([])
  const told = await tell(stage, ann, [large, GOOD, { ...GOOD, frames: [new Uint8Array(65_536)] }])
  expect((await take(stage, bob, told)).map(({ frames }) => frames.length)).toEqual([2, 1])
  const alone = await Stage.open({ seed: 'alone', members: ['ann'] })
  expect(await tell(alone, alone.actor('ann'), [GOOD])).toEqual([])
})

test('what is malformed, too much or of an unknown kind is told; what comes with it is not lost', async () => {
  const stage = await Stage.open({ seed: 'bad mail', members: ['ann', 'bob'] })
  const [ann, bob] = stage.cast('ann', 'bob')
  const { unread } = bob.here.inspect()
  const hand = Hand.of(ann, stage.nowMs)
  const good = encodeMail(GOOD)
  const large = encodeMail({ ...GOOD, frames: [new Uint8Array(65_537)] })
  const bad = [new Uint8Array(0), good.slice(0, 32), good.slice(0, -1), concat(good, Uint8Array.of(0)), large]
  const frames: OnAir[] = []
  for (const body of bad) frames.push(await hand.inEpoch(PayloadKind.mail, body))
  frames.push(await hand.inEpoch(99 as PayloadKind, good))
  frames.push(await hand.inEpoch(PayloadKind.mail, good))
  // It is for the epoch's members: what is said to all branches is no mail.
  frames.push(await hand.toAll(PayloadKind.mail, good))
  expect(await take(stage, bob, frames)).toEqual([GOOD])
  expect(bob.rejected).toEqual(Array.from({ length: 6 }, () => 'FRAME_MALFORMED'))
  expect(bob.here.inspect().unread).toBe(unread)
  await stage.say(ann, 'and on it goes')
  await stage.run(5_000)
  expect(bob.texts).toEqual(['and on it goes'])
})

/** @returns the frames for the others */
async function tell(stage: Stage, actor: Actor, mail: readonly Mail[]): Promise<OnAir[]> {
  let told: OnAir[] = []
  await stage.perform(actor, async (session) => {
    const effects = await session.tellOfMail(mail, stage.nowMs)
    told = effects.frames.map(({ topic, bytes }) => actor.onAir(topic, bytes))
    return effects
  })
  return told
}

/** All at once. @returns what is to be held */
async function take(stage: Stage, actor: Actor, frames: readonly OnAir[]): Promise<readonly Mail[]> {
  const checked = await Promise.all(frames.map(({ topic, bytes }) => actor.here.check(topic, bytes)))
  let mail: readonly Mail[] = []
  await stage.perform(actor, async (session) => {
    const effects = await session.receive(checked, stage.nowMs)
    mail = effects.mail
    return effects
  })
  return mail
}
