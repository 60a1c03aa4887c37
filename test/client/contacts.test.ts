// Somebody who has a card sends their own: it arrives once, stays over restarts until it is dismissed, and no flood hides it.

import { MemoryLevel } from 'memory-level'
import { beforeEach, describe, expect, test } from 'vitest'
import { utf8 } from '../../src/bytes.ts'
import type { Client } from '../../src/client/client.ts'
import { ContactDesk } from '../../src/client/contact-desk.ts'
import { ownIdentity } from '../../src/client/own-identity.ts'
import { GROUP_SUITE, suiteOf, WIRE_SUITE } from '../../src/client/suites.ts'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { CoterieError } from '../../src/errors.ts'
import { until } from '../../src/testing/until.ts'
import { FrameArchive } from '../../src/topics/frame-archive.ts'
import { encodeContactCard } from '../../src/wire/contact-card.ts'
import { encodeContactRequest, readContactRequest } from '../../src/wire/contact-request.ts'
import { type Frame, parseFrame, sealFrame } from '../../src/wire/frame.ts'
import { addressOf, castForEach, deadline } from './cast.ts'
import { memoryStore } from './sync/holder.ts'

const cast = castForEach()
const [suite, wire] = [suiteOf(nodeProvider, GROUP_SUITE), suiteOf(nodeProvider, WIRE_SUITE)]

describe('a contact request', () => {
  test('brings a card that can be added, with a note', async () => {
    const [alice, bob] = [await cast.enter('alice'), await cast.enter('bob')]
    await bob.contacts.ask(await alice.card(), 'We met at the book fair.')
    const request = await alice.contacts.next(deadline())
    expect(request).toMatchObject({ identity: bob.identity, name: 'bob', note: 'We met at the book fair.' })
    const group = await alice.groups.create({ name: 'Book club' })
    await group.add(request.card)
    expect((await bob.groups.next(deadline())).name).toBe('Book club')
  })

  test('waits for one who is off, with whoever sent it', async () => {
    const key = new Uint8Array(32).fill(7)
    const storage = await levelOf()
    const first = await cast.enter('alice', { storage, key })
    const card = await first.card()
    await first.close()
    const bob = await cast.enter('bob')
    await bob.contacts.ask(card)
    const alice = await cast.enter('alice', { storage, key })
    await alice.connect(addressOf(bob))
    const { identity } = await alice.contacts.next(deadline())
    expect(identity).toBe(bob.identity)
    await alice.close()
    // It is still there the next time, and not when it was dismissed.
    const again = await cast.enter('alice', { storage, key })
    await again.contacts.get(bob.identity).dismiss()
    expect(again.contacts.list()).toEqual([])
    await again.close()
    const last = await cast.enter('alice', { storage, key })
    expect(last.contacts.list()).toEqual([])
    await expect(async () => last.contacts.get(bob.identity)).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
    await last.connect(addressOf(bob))
    await bob.contacts.ask(card, 'again')
    await until('whoever was dismissed can ask again', () => last.contacts.list().some(({ note }) => note === 'again'))
  })

  test('is one for each identity: the latest', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    for (const note of ['one', 'two', 'three']) await bob.contacts.ask(await alice.card(), note)
    await until('the last is there', () => notesOf(alice).includes('three'))
    expect(notesOf(alice)).toEqual(['three'])
  })

  test('is refused where it cannot be sent', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const card = await alice.card()
    await expect(bob.contacts.ask(card, 'x'.repeat(257))).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    await expect(bob.contacts.ask('coterie:card/AAAA')).rejects.toMatchObject({ code: 'CARD_MALFORMED' })
  })
})

describe('the desk', () => {
  let desk: ContactDesk
  let warnings: CoterieError[]
  let own: Awaited<ReturnType<typeof ownIdentity>>
  let known: Set<string>

  beforeEach(async () => {
    warnings = []
    known = new Set()
    const store = await memoryStore()
    own = await ownIdentity(suite, wire, store, 'alice', Date.now)
    desk = new ContactDesk({
      ...{ suite, wire, store, own, clock: Date.now },
      archive: new FrameArchive(store, Date.now),
      transport: cast.network.transport('desk'),
      relays: () => ({ addresses: [], use: async () => undefined, noteLeft: () => undefined }),
      isKnown: (identity) => known.has(identity),
      inTurn: (operation) => operation(),
      noteTopic: () => undefined,
      warn: (error) => {
        if (CoterieError.is(error)) warnings.push(error)
      },
    })
  })

  test('a flood by one peer hides neither what came by others nor what came before', async () => {
    const early = await leave('early', 'flooder')
    for (let i = 0; i < 130; i++) await leave(`flood ${i}`, 'flooder')
    const late = await leave('late', 'friend')
    const friend = await stranger('friend')
    known.add(friend.identity)
    await desk.take(await requestOf(friend, 'known'), await someFrame(), 'flooder')
    const names = desk.contacts.list().map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['early', 'late', 'friend']))
    expect(names).toHaveLength(101)
    expect([early, late].every((identity) => desk.contacts.get(identity).identity === identity)).toBe(true)
    expect(new Set(warnings.map(({ code }) => code))).toEqual(new Set(['REQUEST_DROPPED']))
  }, 60_000)

  test('nobody introduces two others to each other, and nothing is taken twice', async () => {
    const bob = await stranger('bob')
    const body = await requestOf(bob, 'hello')
    const elsewhere = { seed: new Uint8Array(32).fill(1), publicKey: own.inbox.address.publicKey }
    await expect(readContactRequest(wire, elsewhere, body)).rejects.toMatchObject({ code: 'INBOX_UNREADABLE' })
    await desk.take(body, await someFrame(), 'bob')
    await desk.contacts.get(bob.identity).dismiss()
    await desk.take(body, await someFrame(), 'mallory')
    expect(desk.contacts.list()).toEqual([])
    for (let at = 0; at < body.length; at += 7) {
      const changed = body.with(at, (body[at] ?? 0) ^ 0x20)
      const error = await desk.take(changed, await someFrame(), 'mallory').catch((cause: unknown) => cause)
      expect(error instanceof CoterieError && error.origin).toBe('peer')
    }
    expect(desk.contacts.list()).toEqual([])
  })

  async function leave(name: string, from: string): Promise<string> {
    const sender = await stranger(name)
    await desk.take(await requestOf(sender, ''), await someFrame(), from)
    return sender.identity
  }

  async function stranger(name: string): Promise<typeof own> {
    return ownIdentity(suite, wire, await memoryStore(), name, Date.now)
  }

  async function requestOf(sender: typeof own, note: string): Promise<Uint8Array> {
    const { keyPackage } = await sender.keyPackages.current()
    const card = await encodeContactCard(wire, sender.device, {
      ...{ keyPackage, inbox: sender.inbox.address, addresses: [], relays: [] },
    })
    return encodeContactRequest(wire, sender.device, own.inbox.address, { card, note, sentAtMs: Date.now() })
  }

  async function someFrame(): Promise<Frame> {
    const { topic, frameKey } = own.inbox.channel
    return parseFrame(wire, topic.name, await sealFrame(wire, topic, frameKey, utf8('anything'), Date.now()))
  }
})

async function levelOf(): Promise<MemoryLevel<Uint8Array, Uint8Array>> {
  return new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: 'view', valueEncoding: 'view' })
}

function notesOf(client: Client): string[] {
  return client.contacts.list().map(({ note }) => note)
}
