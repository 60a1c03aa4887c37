// Peers who mean no good: they claim to be somebody else, or say nonsense on everything that is answered. What they do ends
// in an error of its own or in nothing, and the chat goes on.

import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { leaveWelcome } from '../../src/client/left-welcome.ts'
import { leafOptions } from '../../src/client/own-identity.ts'
import { GROUP_SUITE, suiteOf, WIRE_SUITE } from '../../src/client/suites.ts'
import type { KeyPair } from '../../src/crypto/contract.ts'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { commit } from '../../src/group/commit.ts'
import { createGroup } from '../../src/group/create-group.ts'
import { joinGroup } from '../../src/group/join-welcome.ts'
import { createKeyPackage, lifetimeOfDays } from '../../src/group/key-packages.ts'
import { processMessage } from '../../src/group/process-message.ts'
import type { GroupState } from '../../src/group/state.ts'
import { certifyDevice } from '../../src/identity/device-credential.ts'
import { ProposalType } from '../../src/messages/code-points.ts'
import type { BasicCredential } from '../../src/messages/credential.ts'
import { isBasicCredential } from '../../src/messages/credential.ts'
import { DEFAULT_PERMISSIONS, groupProfileExtension } from '../../src/session/group-profile.ts'
import { encodeCommitNote } from '../../src/session/requests.ts'
import { sessionPolicy } from '../../src/session/session-policy.ts'
import { until } from '../../src/testing/until.ts'
import { FETCH_PROTOCOL } from '../../src/topics/frame-fetch.ts'
import { RECONCILE_PROTOCOL } from '../../src/topics/reconciliation.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { readContactCard, writeContactCard } from '../../src/wire/contact-card.ts'
import { sealFrame } from '../../src/wire/frame.ts'
import { inboxChannel } from '../../src/wire/inbox.ts'
import { topicFromSeed } from '../../src/wire/topic.ts'
import { addressOf, castForEach, groupOf, heard } from './cast.ts'

const cast = castForEach()
const suite = suiteOf(nodeProvider, GROUP_SUITE)
const wire = suiteOf(nodeProvider, WIRE_SUITE)
const NOW = Date.now()

describe('somebody who claims the identity of another', () => {
  test('cannot be added by a card', async () => {
    const alice = await cast.enter('alice')
    const bob = await cast.enter('bob')
    const club = await alice.groups.create({ name: 'Book club' })
    const card = await readContactCard(wire, await bob.card())
    const device = await suite.signature.generateKeyPair()
    const forged = await keyPackageOf(device, credentialOf(card.keyPackage.leafNode.credential))
    const url = await writeContactCard(wire, device, { ...card, keyPackage: forged.keyPackage })
    await expect(club.add(url)).rejects.toMatchObject({ code: 'IDENTITY_CERTIFICATE' })
    expect(club.members.length).toBe(1)
    await club.add(await bob.card())
    await until('bob is in', () => bob.groups.list().length === 1)
  })

  test('lets nobody into a group where he is', async () => {
    const bob = await cast.enter('bob')
    const alice = await cast.enter('alice')
    const warnings: string[] = []
    bob.onWarning(({ code }) => warnings.push(code))
    const bobsCard = await readContactCard(wire, await bob.card())
    const alicesCard = await readContactCard(wire, await alice.card())
    const mallory = await Mallory.enter()
    const alleged = await keyPackageOf(
      await suite.signature.generateKeyPair(),
      credentialOf(alicesCard.keyPackage.leafNode.credential),
    )
    // Nobody checks anything in his own group.
    const added = await commit(await mallory.group(), {
      nowMs: NOW,
      proposals: [alleged.keyPackage, bobsCard.keyPackage].map((keyPackage) => ({
        proposalType: ProposalType.add,
        keyPackage,
      })),
    })
    await leave(bobsCard.inbox, added.welcome, await peer(addressOf(bob)))
    await until('bob was told', () => warnings.length > 0)
    expect(warnings).toEqual(['IDENTITY_CERTIFICATE'])
    expect(bob.groups.list()).toEqual([])
    const club = await alice.groups.create({ name: 'Book club' })
    await alice.connect(addressOf(bob))
    await club.add(await bob.card())
    await until('bob is in an honest group', () => bob.groups.list().length === 1)
  })

  test('cannot become one who is in the group, nor anybody else', async () => {
    const mallory = await Mallory.enter()
    const other = await Mallory.enter()
    const policy = sessionPolicy(wire)
    const honest = await Mallory.enter()
    const own = await keyPackageOf(honest.device, await honest.credential())
    const added = await commit(await mallory.group(), {
      nowMs: NOW,
      proposals: [{ proposalType: ProposalType.add, keyPackage: own.keyPackage }],
    })
    const joined = await joinGroup(suite, added.welcome ?? new Uint8Array(0), [own], { nowMs: NOW, policy })
    const authenticatedData = encodeCommitNote({ statement: 1n, leaves: [] })
    const claims: readonly (readonly [string, BasicCredential])[] = [
      // The other has certified the device, which remains what it was: his own.
      ['IDENTITY_CHANGED', await certifyDevice(wire.signature, other.identity, 'other', mallory.device.publicKey)],
      ['IDENTITY_CERTIFICATE', await honest.credential()],
    ]
    for (const [code, credential] of claims) {
      const update = await commit(added.state, {
        nowMs: NOW,
        authenticatedData,
        leaf: leafOptions(mallory.device, credential),
      })
      await expect(processMessage(joined, update.message, { nowMs: NOW, policy })).rejects.toMatchObject({ code })
    }
    const update = await commit(added.state, { nowMs: NOW, authenticatedData })
    await expect(processMessage(joined, update.message, { nowMs: NOW, policy })).resolves.toMatchObject({
      kind: 'commit',
    })
  })
})

describe('a peer who talks nonsense', () => {
  test('on every protocol, topic and inbox is not listened to', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const [club, inBob] = await groupOf(alice, bob)
    if (inBob === undefined) throw new Error('bob is in no group')
    const warnings: string[] = []
    alice.onWarning(({ code }) => warnings.push(code))
    const stranger = await peer(addressOf(alice))
    const card = await readContactCard(wire, await alice.card())
    const { topic, frameKey } = await inboxChannel(wire, card.inbox)
    const messages = [new Uint8Array(0), Uint8Array.of(0), random(33), random(5_000), random(200_000)]
    for (const protocol of [RECONCILE_PROTOCOL, FETCH_PROTOCOL]) {
      for (const message of messages) {
        const stream = await stranger.open('alice', protocol)
        await stream.send(message).catch(() => undefined)
        await stream.send(message).catch(() => undefined)
        await stream.close().catch(() => undefined)
        // Whatever comes, something or an end: it does not hang.
        while ((await stream.receive().catch(() => undefined)) !== undefined);
      }
    }
    for (const message of messages) await stranger.publish(topic.name, message)
    // Well-formed frames of the inbox's topic that hold nothing.
    await stranger.publish(topic.name, await sealFrame(wire, topic, frameKey, random(100), NOW))
    await stranger.publish(topic.name, await sealFrame(wire, topic, new Secret(random(32)), random(100), NOW))
    // Frames for a topic of the stranger's own, on the topic of another.
    const own = await topicFromSeed(wire, random(32))
    await stranger.publish(topic.name, await sealFrame(wire, own, frameKey, random(100), NOW))
    await club.send('Still here')
    await heard(inBob, 'Still here')
    await inBob.send('So am I')
    await heard(club, 'So am I')
    expect(warnings.every((code) => /^(INBOX|FRAME|SYNC|CODEC|TRANSPORT)_/.test(code))).toBe(true)
    expect(warnings).toContain('INBOX_UNREADABLE')
  })

  test('on the topic of a group of which he knows the name is not listened to either', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const [club, inBob] = await groupOf(alice, bob)
    if (inBob === undefined) throw new Error('bob is in no group')
    const stranger = await peer(addressOf(alice))
    const topics = new Set<string>()
    stranger.onEvent((event) => {
      if (event.type === 'subscribed') topics.add(event.topic)
    })
    await stranger.connect(addressOf(bob))
    await until('he knows what they listen to', () => topics.size >= 2)
    for (const topic of topics) {
      for (const length of [0, 1, 100, 10_000]) await stranger.publish(topic, random(length))
      const own = await topicFromSeed(wire, random(32))
      await stranger.publish(topic, await sealFrame(wire, own, new Secret(random(32)), random(100), NOW))
    }
    await club.send('Still here')
    await heard(inBob, 'Still here')
  })
})

/** Somebody with an identity of his own, whose program checks nothing. */
class Mallory {
  readonly identity: KeyPair
  readonly device: KeyPair

  private constructor(identity: KeyPair, device: KeyPair) {
    this.identity = identity
    this.device = device
  }

  static async enter(): Promise<Mallory> {
    return new Mallory(await wire.signature.generateKeyPair(), await suite.signature.generateKeyPair())
  }

  credential(): Promise<BasicCredential> {
    return certifyDevice(wire.signature, this.identity, 'mallory', this.device.publicKey)
  }

  async group(): Promise<GroupState> {
    const profile = {
      name: 'Trap',
      description: '',
      admins: ['did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'],
      permissions: DEFAULT_PERMISSIONS,
      rendezvousSecret: new Secret(random(32)),
      invites: [],
    }
    return createGroup(suite, {
      ...leafOptions(this.device, await this.credential()),
      lifetime: lifetimeOfDays(NOW, 90),
      groupExtensions: [groupProfileExtension(profile)],
    })
  }
}

async function keyPackageOf(
  device: KeyPair,
  credential: BasicCredential,
): Promise<Awaited<ReturnType<typeof createKeyPackage>>> {
  return createKeyPackage(suite, { ...leafOptions(device, credential), lifetime: lifetimeOfDays(NOW, 90) })
}

function credentialOf(credential: Parameters<typeof isBasicCredential>[0]): BasicCredential {
  if (!isBasicCredential(credential)) throw new Error('this is not a basic credential')
  return credential
}

/** Somebody on the network who is no client. */
async function peer(known: string): Promise<Transport> {
  const transport = cast.network.transport('stranger')
  await transport.start()
  await transport.connect(known)
  return transport
}

async function leave(
  inbox: Parameters<typeof leaveWelcome>[1]['inbox'],
  welcome: Uint8Array | undefined,
  by: Transport,
): Promise<void> {
  if (welcome === undefined) throw new Error('there is no Welcome')
  const { topicKeys, frames } = await leaveWelcome(wire, { inbox, welcome }, NOW)
  for (const frame of frames) await by.publish(topicKeys.name, frame)
}

function random(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length))
}
