// Others' places in the group: asked for by those to whom they do not belong, and Welcomes in the wrong hands.
import { expect, test } from 'vitest'
import { createKeyPackage, lifetimeOfDays } from '../../src/group/key-packages.ts'
import { decodePayload, PayloadKind } from '../../src/session/payload.ts'
import { encodeReentryRequest, inboxHash, REENTRY_EXTENSION, reentryExtension } from '../../src/session/requests.ts'
import { openFrame } from '../../src/wire/frame.ts'
import { rendezvousFrom } from '../../src/wire/topic.ts'
import { rejectionCode } from '../support/errors.ts'
import type { Actor, OnAir } from './actor.ts'
import { Hand } from './hand.ts'
import { agree, Stage } from './stage.ts'

const NAMES = ['ann', 'bob', 'cid', 'dee']

test('a false re-add request: replayed', async () => {
  const stage = await Stage.open({ seed: 'replayed request', members: NAMES })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  dee.online = false
  const hand = Hand.of(dee, stage.nowMs)
  const { keyPackage } = await hand.reentry(5n)
  await stage.show([await hand.askFor(keyPackage)], [ann, bob, cid])
  await stage.run(5_000)
  // It serves once.
  expect([ann, bob, cid].map(({ here }) => here.epoch)).toEqual([2n, 2n, 2n])
  const { head } = ann
  const older = await hand.reentry(4n)
  for (const again of [keyPackage, keyPackage, older.keyPackage]) {
    await stage.show([await Hand.of(bob, stage.nowMs).askFor(again)], [ann, bob, cid])
    await stage.run(10_000)
  }
  for (const one of [ann, bob, cid]) {
    expect(one.head).toBe(head)
    expect(one.here.inspect().requests).toBe(0)
    expect(one.here.members).toHaveLength(4)
  }
})

test('a false re-add request: forged', async () => {
  const stage = await Stage.open({ seed: 'forged request', members: NAMES })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  const victims = [ann, bob, cid, dee]
  const { head } = ann
  const hand = Hand.of(bob, stage.nowMs)
  // From cid's contact card; with cid's key but bob's signature; and one that cid made for another group.
  const { leaf } = cid.own
  const made = async (signer: typeof bob, groupId: Uint8Array) =>
    createKeyPackage(bob.suite, {
      ...leaf,
      signatureKeyPair: { ...leaf.signatureKeyPair, privateKey: signer.own.device.privateKey },
      capabilities: { ...leaf.capabilities, extensions: [...(leaf.capabilities?.extensions ?? []), REENTRY_EXTENSION] },
      leafExtensions: [
        reentryExtension({ groupId, generation: 9n, inbox: inboxHash(cid.wire, bob.own.inbox.address) }),
      ],
      lifetime: lifetimeOfDays(stage.nowMs, 30),
    })
  const forged = [
    cid.own.keyPackage.keyPackage,
    (await made(bob, ann.here.groupId)).keyPackage,
    (await made(cid, Uint8Array.of(1, 2, 3))).keyPackage,
  ]
  for (const keyPackage of forged) await stage.show([await hand.askFor(keyPackage)], victims)
  await stage.run(10_000)
  for (const one of victims) {
    expect(one.head).toBe(head)
    expect(one.here.inspect().requests).toBe(0)
  }
  expect(ann.rejected).toEqual(['LEAF_SIGNATURE'])
  // Nor does anybody accept a commit that adds cid again without cid's asking.
  await expect(
    hand.commit({ proposals: [{ proposalType: 1, keyPackage: forged[1] as (typeof forged)[number] }] }),
  ).rejects.toThrow()
})

test('a false re-add request: a true one with another inbox', async () => {
  const stage = await Stage.open({ seed: 'another inbox', members: NAMES })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  dee.online = false
  const { keyPackage } = await Hand.of(dee, stage.nowMs).reentry(5n)
  // Bob is faster than dee, and wants the Welcome to go astray.
  const request = encodeReentryRequest({ keyPackage, inbox: bob.own.inbox.address })
  await stage.show([await Hand.of(bob, stage.nowMs).toAll(PayloadKind.reentry, request)], [ann, cid])
  await stage.show([await Hand.of(dee, stage.nowMs).askFor(keyPackage)], [ann, bob, cid])
  await stage.run(5_000)
  expect(ann.here.epoch).toBe(2n)
  const inbox = dee.own.inbox.channel.topic.name
  // One from when the group was founded, and the one that it has asked for.
  expect(stage.left.filter(({ topic }) => topic === inbox)).toHaveLength(2)
  expect([ann, cid].map(({ rejected }) => rejected)).toEqual([['REQUEST_SIGNATURE'], ['REQUEST_SIGNATURE']])
})

test('a false re-add request: of a removed one', async () => {
  const stage = await Stage.open({ seed: 'removed request', members: NAMES })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  const hand = Hand.of(dee, stage.nowMs)
  await stage.submit(ann, { kind: 'remove', identity: dee.own.identity })
  await stage.run(2_000)
  const { head } = ann
  for (const generation of [1n, 99n]) {
    const { keyPackage } = await hand.reentry(generation)
    await stage.show([await hand.askFor(keyPackage)], [ann, bob, cid])
  }
  await stage.run(40_000)
  for (const one of [ann, bob, cid]) {
    expect(one.head).toBe(head)
    expect(one.here.inspect().requests).toBe(0)
    expect(one.here.members.map(({ identity }) => identity)).not.toContain(dee.own.identity)
  }
  expect(dee.told('removed')).toHaveLength(1)
})

test('a stolen Welcome', async () => {
  const stage = await Stage.open({ seed: 'stolen', members: NAMES, others: ['new', 'thief'] })
  const [ann, newcomer, thief] = stage.cast('ann', 'new', 'thief')
  const before = stage.left.length
  await stage.submit(ann, { kind: 'add', newcomers: [newcomer.card] })
  await stage.run(2_000)
  const [stolen] = stage.left.slice(before)
  if (stolen === undefined) throw new Error('no Welcome was left')
  expect(newcomer.here.isMember).toBe(true)
  // On its way it is sealed; and whoever opened it all the same, its owner's relay or backup, lacks the key to it.
  expect(await rejectionCode(thief.openInbox(stolen.bytes))).toBe('FRAME_SIGNATURE')
  const welcome = await newcomer.openInbox(stolen.bytes)
  expect(await rejectionCode(thief.join(welcome, stage.nowMs))).toBe('JOIN_KEY_PACKAGE_UNKNOWN')
  // Given to its owner once more, it carries the owner nowhere.
  await stage.submit(ann, { kind: 'rename', name: 'later' })
  await stage.run(2_000)
  const { head } = newcomer
  const welcomed = await newcomer.join(welcome, stage.nowMs)
  await stage.perform(newcomer, (session) => session.rejoin(welcomed, stage.nowMs))
  expect(newcomer.head).toBe(head)
  expect(newcomer.told('readded')).toEqual([])
  expect(agree(stage.members)).toBe(true)
})

test('a request to leave: repeated by another', async () => {
  const stage = await Stage.open({ seed: 'leave', members: NAMES })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  dee.online = false
  await stage.submit(cid, { kind: 'leave' })
  const request = await openedByAll(ann, cid.published.at(-1))
  // Those who could let cid go wait for their turns, and dee wants them to wait for ever.
  for (let times = 0; times < 40; times++) {
    const again = await Hand.of(dee, stage.nowMs).toAll(PayloadKind.leave, request)
    await stage.show([again], [ann, bob])
    await stage.run(250)
  }
  for (const one of [ann, bob]) expect(one.here.members.map(({ name }) => name)).toEqual(['ann', 'bob', 'dee'])
  expect(cid.told('removed')).toHaveLength(1)
})

/** What a frame says that all branches read. */
async function openedByAll(reader: Actor, frame: OnAir | undefined): Promise<Uint8Array> {
  if (frame === undefined) throw new Error('there is no frame')
  const { controlKey } = await rendezvousFrom(reader.wire, reader.here.profile.rendezvousSecret)
  return decodePayload(openFrame(reader.wire, controlKey, await reader.here.check(frame.topic, frame.bytes))).body
}
