// Somebody who has the link floods the topic of an invite: members look at so much of one peer, and others get in all the same.

import { expect, test } from 'vitest'
import { utf8 } from '../../src/bytes.ts'
import type { Client } from '../../src/client/client.ts'
import { GROUP_SUITE, suiteOf } from '../../src/client/suites.ts'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import type { CoterieError } from '../../src/errors.ts'
import { deviceIdentity } from '../../src/testing/simulation/device-identity.ts'
import { until } from '../../src/testing/until.ts'
import { answerReconciliation, RECONCILE_PROTOCOL } from '../../src/topics/reconciliation.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { encodeContactCard } from '../../src/wire/contact-card.ts'
import { type Frame, parseFrame, sealFrame } from '../../src/wire/frame.ts'
import type { InboxChannel } from '../../src/wire/inbox.ts'
import { inviteChannel, sealAdmissionRequest } from '../../src/wire/invite.ts'
import { type InviteLink, readInviteLink } from '../../src/wire/invite-link.ts'
import { addressOf, castForEach, deadline } from './cast.ts'
import { holder, wire } from './sync/holder.ts'

const cast = castForEach()

test('by the topic, with requests that are good: others are heard, shown and let in', async () => {
  const alice = await cast.enter('alice')
  const club = await alice.groups.create({ name: 'Book club' })
  const invite = await club.invite({ approve: true, uses: 2 })
  const flooder = await Flooder.enter(alice, invite.link)
  const flood = await Promise.all(Array.from({ length: 300 }, () => flooder.request()))
  const startedAt = performance.now()
  for (const { bytes } of flood) await flooder.transport.publish(flooder.topic, bytes)
  const bob = await cast.enter('bob')
  const joining = bob.groups.join(invite.link, { note: 'honest', signal: deadline() })
  await until('bob is shown', () => club.applicants.list().some(({ identity }) => identity === bob.identity))
  const seconds = (performance.now() - startedAt) / 1_000
  expect(club.inspect().admissions).toBeGreaterThanOrEqual(128)
  expect(club.inspect().admissions).toBeLessThanOrEqual(129 + Math.ceil(2 * seconds))
  await club.applicants.get(bob.identity).approve()
  expect((await joining).id).toBe(club.id)
})

test('over streams, with what is no request: it ends, and others are let in', async () => {
  const alice = await cast.enter('alice')
  const club = await alice.groups.create({ name: 'Book club' })
  const { link } = await club.invite()
  const warnings: CoterieError[] = []
  alice.onWarning((error) => warnings.push(error))
  const count = (code: string): number => warnings.filter((one) => one.code === code).length
  const flooder = await Flooder.enter(alice, link)
  const startedAt = performance.now()
  await flooder.offer(await Promise.all(Array.from({ length: 2_500 }, (_, i) => flooder.frame(utf8(`junk ${i}`)))))
  await until('alice has had enough', () => count('SYNC_LIMIT') > 0)
  const bob = await cast.enter('bob')
  const inBob = await bob.groups.join(link, { signal: deadline() })
  expect(inBob.id).toBe(club.id)
  const seconds = (performance.now() - startedAt) / 1_000
  expect(count('REQUEST_MALFORMED')).toBeGreaterThan(256)
  expect(count('REQUEST_MALFORMED')).toBeLessThanOrEqual(1_024 + Math.ceil(2 * seconds))
})

/** A peer that is connected to somebody and has the link, and no client. */
class Flooder {
  readonly transport: Transport
  readonly #link: InviteLink
  readonly #channel: InboxChannel

  private constructor(transport: Transport, link: InviteLink, channel: InboxChannel) {
    this.transport = transport
    this.#link = link
    this.#channel = channel
  }

  static async enter(target: Client, url: string): Promise<Flooder> {
    const link = await readInviteLink(wire, url)
    const transport = cast.network.transport('mallory')
    await transport.start()
    await transport.connect(addressOf(target))
    return new Flooder(transport, link, await inviteChannel(wire, link.topicSeed))
  }

  get topic(): string {
    return this.#channel.topic.name
  }

  async frame(payload: Uint8Array): Promise<Frame> {
    const { topic, frameKey } = this.#channel
    return parseFrame(wire, topic.name, await sealFrame(wire, topic, frameKey, payload, Date.now()))
  }

  /** By somebody new each time. */
  async request(): Promise<Frame> {
    const { device, keyPackage, inbox } = await deviceIdentity(
      suiteOf(nodeProvider, GROUP_SUITE),
      wire,
      'm',
      Date.now(),
    )
    const card = await encodeContactCard(wire, device, {
      ...{ keyPackage: keyPackage.keyPackage, inbox: inbox.address },
      ...{ addresses: [], relays: [] },
    })
    const request = { card, answerKey: wire.randomBytes(32), note: 'flood' }
    return this.frame(await sealAdmissionRequest(wire, this.#link, request))
  }

  /** Has frames for whoever asks. */
  async offer(frames: readonly Frame[]): Promise<void> {
    const host = await holder('mallory', frames, { topic: this.#channel.topic, clock: Date.now })
    this.transport.handle(RECONCILE_PROTOCOL, async (stream) => {
      await answerReconciliation(host, stream)
    })
    this.transport.subscribe(this.topic, () => 'ignore')
  }
}
