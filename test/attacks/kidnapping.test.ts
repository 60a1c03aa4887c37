// A member makes a group of its own under the same name, and leads another one into it by a Welcome: with the key package of
// its contact card, after a vote that makes it doubt where it stands.
import { expect, test } from 'vitest'
import { toHex } from '../../src/bytes.ts'
import { encodeApplicationData } from '../../src/content/application-data.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { encryptMessage } from '../../src/group/application.ts'
import { commit } from '../../src/group/commit.ts'
import { createGroup } from '../../src/group/create-group.ts'
import { exportSecret } from '../../src/group/exporter.ts'
import { lifetimeOfDays } from '../../src/group/key-packages.ts'
import type { GroupState } from '../../src/group/state.ts'
import { ProposalType } from '../../src/messages/code-points.ts'
import { DEFAULT_PERMISSIONS, groupProfileExtension } from '../../src/session/group-profile.ts'
import { type PastStep, pastExtension } from '../../src/session/past.ts'
import { encodePayload, PayloadKind } from '../../src/session/payload.ts'
import { rendezvousOf } from '../../src/session/rendezvous.ts'
import { encodeCommitNote } from '../../src/session/requests.ts'
import { sealFrame } from '../../src/wire/frame.ts'
import { rejectionCode } from '../support/errors.ts'
import type { Actor, OnAir } from './actor.ts'
import { Hand } from './hand.ts'
import { agree, Stage } from './stage.ts'

const NAMES = ['ann', 'bob', 'cid', 'dee', 'eve', 'fay']
/** A name of an epoch that nobody knows. */
const NOWHERE = 'ab'.repeat(32)

interface Trap {
  readonly group: GroupState
  readonly welcome: Uint8Array
}

/** A Welcome of dee to a group with nobody in it but cid, in an epoch of some number. */
async function trap(stage: Stage, epoch: bigint, past: readonly PastStep[]): Promise<Trap> {
  const [cid, dee] = stage.cast('cid', 'dee')
  const profile = {
    name: 'group',
    description: '',
    admins: [dee.own.identity],
    permissions: DEFAULT_PERMISSIONS,
    rendezvousSecret: new Secret(dee.here.profile.rendezvousSecret.bytes.slice()),
    invites: [],
  }
  let group = await createGroup(dee.suite, {
    ...dee.own.leaf,
    lifetime: lifetimeOfDays(stage.nowMs, 90),
    groupExtensions: [groupProfileExtension(profile)],
    limits: { pastEpochs: 0 },
    groupId: cid.here.groupId,
  })
  const common = {
    nowMs: stage.nowMs,
    wireFormat: 'public',
    authenticatedData: encodeCommitNote({ statement: 1n, leaves: [] }),
  } as const
  while (group.groupContext.epoch + 1n < epoch) group = (await commit(group, { ...common, proposals: [] })).state
  const { state, welcome } = await commit(group, {
    ...common,
    proposals: [{ proposalType: ProposalType.add, keyPackage: cid.card.keyPackage }],
    groupInfo: { ratchetTree: true, extensions: [pastExtension(past)] },
  })
  if (welcome === undefined) throw new Error('no Welcome was made')
  return { group: state, welcome }
}

/** Dee has what cid has said, and is the only one there. */
async function acknowledgement(stage: Stage, group: GroupState): Promise<OnAir> {
  const [dee] = stage.cast('dee')
  const said = { leafIndex: 1, ranges: [{ first: 0n, last: 0n }] }
  const { message } = await encryptMessage(group, encodeApplicationData({ messages: [], acknowledgements: [said] }))
  const { topic } = await rendezvousOf(dee.wire, group)
  const key = exportSecret(group, 'coterie frame', new Uint8Array(0), 32)
  const payload = encodePayload(PayloadKind.message, message)
  return dee.onAir(topic.name, await sealFrame(dee.wire, topic, key, payload, stage.nowMs))
}

const deviceOf = ({ own }: Actor): string => toHex(own.device.publicKey)

/** Cid doubts where it stands: dee says that it is somewhere else altogether. */
async function makeDoubt(stage: Stage): Promise<void> {
  const [cid, dee] = stage.cast('cid', 'dee')
  const hand = Hand.of(dee, stage.nowMs)
  const height = cid.here.epoch
  const vote = await hand.vote(100n, [{ id: NOWHERE, height, committer: 0, removed: [] }])
  await stage.show([vote], [...stage.actors.values()])
  expect(cid.here.needsWelcome).toBe(true)
}

test('a Welcome to a group of its own: with another past', async () => {
  const stage = await Stage.open({ seed: 'unrelated', members: NAMES })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  dee.online = false
  const { head } = cid
  await makeDoubt(stage)
  for (const past of [[], [{ parent: NOWHERE, committer: 0, removed: [], joined: [], left: [] }]]) {
    const { welcome } = await trap(stage, 1n, past)
    const welcomed = await cid.join(welcome, stage.nowMs)
    expect(await rejectionCode(cid.here.rejoin(welcomed, stage.nowMs))).toBe('GROUP_WELCOME_EARLY')
  }
  expect(cid.head).toBe(head)
  await stage.say(cid, 'for all')
  await stage.run(60_000)
  expect([ann, bob].map(({ texts }) => texts)).toEqual([['for all'], ['for all']])
})

test('a Welcome to a group of its own: as if it led on from where all stand', async () => {
  const stage = await Stage.open({ seed: 'from here', members: NAMES })
  const { others, step, known } = sceneOf(stage)
  await isCorrected(stage, [{ ...step, parent: known, left: others.map(deviceOf) }])
})

test('a Welcome to a group of its own: as if it led on from where the others stand', async () => {
  const stage = await Stage.open({ seed: 'from there', members: NAMES })
  const { ann, cid, others, step, known } = sceneOf(stage)
  cid.online = false
  await stage.submit(ann, { kind: 'rename', name: 'ahead' })
  await stage.run(2_000)
  cid.online = true
  // Nobody but dee was in the epoch that cid does not know, it says.
  const left = others.map(deviceOf)
  await isCorrected(stage, [
    { ...step, parent: ann.head },
    { ...step, parent: known, left },
  ])
})

function sceneOf(stage: Stage) {
  const [ann, bob, cid, dee, eve, fay] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve', 'fay')
  dee.online = false
  const step: PastStep = { parent: '', committer: 0, removed: [], joined: [], left: [] }
  return { ann, cid, others: [ann, bob, eve, fay], step, known: cid.head }
}

/** Cid goes where the Welcome leads, and comes back. @param past - what the Welcome tells */
async function isCorrected(stage: Stage, past: readonly PastStep[]): Promise<void> {
  const { ann, cid, others } = sceneOf(stage)
  await makeDoubt(stage)
  const { group, welcome } = await trap(stage, ann.here.epoch + 1n, past)
  const welcomed = await cid.join(welcome, stage.nowMs)
  await stage.perform(cid, (session) => session.rejoin(welcomed, stage.nowMs))
  expect(cid.here.members).toHaveLength(2)
  await stage.say(cid, 'for all')
  await stage.show([await acknowledgement(stage, group)], [cid])
  expect(cid.told('delivery').at(-1)?.delivery.state).toBe('delivered')
  await stage.submit(ann, { kind: 'rename', name: 'later' })
  await stage.run(120_000)
  expect(agree([...others, cid])).toBe(true)
  expect(cid.here.members).toHaveLength(NAMES.length)
  for (const { texts } of others) expect(texts).toEqual(['for all'])
}
