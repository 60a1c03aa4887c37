// Somebody has a relay's disk with its key, and tries to pass for those who use it, or to tell which topics belong together.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { concat, toHex, utf8 } from '../../src/bytes.ts'
import { RelayConversation } from '../../src/client/relay-conversation.ts'
import type { KeyPair } from '../../src/crypto/contract.ts'
import { Pins } from '../../src/relay/pins.ts'
import { openStore } from '../../src/storage/level/open-store.ts'
import { until } from '../../src/testing/until.ts'
import { FrameArchive } from '../../src/topics/frame-archive.ts'
import { libp2pTransport } from '../../src/transport/libp2p/libp2p-transport.ts'
import { readContactCard } from '../../src/wire/contact-card.ts'
import { readFrame } from '../../src/wire/frame.ts'
import { inboxChannel } from '../../src/wire/inbox.ts'
import { stockKeys } from '../../src/wire/relay-messages.ts'
import { topicPublicKey } from '../../src/wire/topic.ts'
import { deadline, heard } from '../client/cast.ts'
import { wire } from '../client/sync/holder.ts'
import { stageForEach } from './people.ts'
import type { RelayProcess } from './relay-process.ts'
import { openedRecords } from './seized.ts'

const stage = stageForEach()

test('there is no private key on it, nothing made from it is accepted, and no record ties two topics together', async () => {
  const relay = await stage.relay('relay')
  const [alice, bob] = [await stage.enter('alice', relay.address), await stage.enter('bob', relay.address)]
  await until('both are known', async () => (await relay.metric('one_time_key_packages')) === 40)
  const card = await bob.card()
  const group = await alice.groups.create({ name: 'Book club' })
  await group.add(card)
  const theirs = await bob.groups.next(deadline())
  for (let i = 0; i < 5; i++) await group.send(`number ${i}`)
  await heard(theirs, 'number 4')
  await until('the Welcome is there', async () => (await stage.inInbox(relay.address, card)) >= 1)
  await stage.leave(alice, bob)
  expect(await relay.stop()).toBe(0)

  const folder = join(stage.folder, 'relay')
  const records = await openedRecords(folder)
  const { topics, devices, frames } = await contentsOf(folder)
  expect(topics.length).toBeGreaterThanOrEqual(3)
  expect(devices).toHaveLength(2)
  expect(new Set(frames.map(({ topic }) => topic)).size).toBeGreaterThanOrEqual(2)
  expect(await privateKeysIn(records, [...topics, ...devices])).toEqual([])
  // One would be found: whoever has the card has the key of the stock.
  const { keyPair } = await stockKeys(wire, (await readContactCard(wire, card)).inbox)
  expect(records.some((record) => Buffer.from(record).includes(Buffer.from(keyPair.publicKey)))).toBe(true)
  const planted = concat(utf8('before'), keyPair.privateKey.bytes, keyPair.publicKey)
  expect(await privateKeysIn([planted], [])).toEqual([toHex(keyPair.publicKey)])
  await noForgedFrames(topics, frames)
  nothingTies(topics, frames, records)
  await noForgedRequests(await stage.relay('relay'), card, topics, devices)
})

interface KeptFrame {
  readonly topic: string
  readonly bytes: Uint8Array
}

/** As a relay itself finds it. */
async function contentsOf(
  folder: string,
): Promise<{ topics: readonly string[]; devices: readonly string[]; frames: readonly KeptFrame[] }> {
  const store = await openStore({ storage: folder }, wire.randomBytes, [])
  try {
    const { topics } = await Pins.open(store)
    const devices: string[] = []
    for await (const [device] of store.entries('devices')) devices.push(device)
    const archive = new FrameArchive(store, Date.now)
    const frames: KeptFrame[] = []
    for (const topic of topics) {
      for (const one of await archive.within(topic, await archive.window(topic))) {
        const bytes = await archive.read(topic, one)
        if (bytes !== undefined) frames.push({ topic, bytes })
      }
    }
    return { topics, devices, frames }
  } finally {
    await store.close()
  }
}

/** Any 32 bytes may be the seed of a key. @returns the public keys among the same bytes, and these, that one leads to */
async function privateKeysIn(records: readonly Uint8Array[], names: readonly string[]): Promise<string[]> {
  const windows = new Map<string, Uint8Array>()
  for (const record of records) {
    for (let at = 0; at + 32 <= record.length; at++) {
      const window = record.slice(at, at + 32)
      windows.set(toHex(window), window)
    }
  }
  const found: string[] = []
  for (const window of windows.values()) {
    const pairs = [await wire.signature.importPrivateKey(window), await wire.kem.importPrivateKey(window)]
    for (const { publicKey } of pairs) {
      const key = toHex(publicKey)
      if (windows.has(key) || names.includes(key)) found.push(key)
    }
  }
  return found
}

/** Kept frames are frames of their topics, and of no others; whatever is changed about one, it is none any more. */
async function noForgedFrames(topics: readonly string[], frames: readonly KeptFrame[]): Promise<void> {
  for (const { topic, bytes } of frames) {
    await readFrame(wire, topic, bytes)
    for (const other of topics) {
      if (other === topic) continue
      await expect(readFrame(wire, other, bytes)).rejects.toMatchObject({ code: 'FRAME_SIGNATURE' })
    }
    // From the time at its beginning to the signature at its end.
    for (const place of [1, 4, 20, Math.floor(bytes.length / 2), bytes.length - 1]) {
      const changed = bytes.slice()
      changed[place] = (changed[place] ?? 0) ^ 1
      await expect(readFrame(wire, topic, changed)).rejects.toMatchObject({ code: 'FRAME_SIGNATURE' })
    }
  }
}

/** Beyond names, sizes and times: no record names two topics, and frames of two topics have nothing in common. */
function nothingTies(topics: readonly string[], frames: readonly KeptFrame[], records: readonly Uint8Array[]): void {
  for (const record of records) {
    const place = Buffer.from(record)
    const named = topics.filter(
      (topic) => place.includes(Buffer.from(utf8(topic))) || place.includes(Buffer.from(topic, 'hex')),
    )
    expect(named.length).toBeLessThanOrEqual(1)
  }
  const seen = new Map<string, string>()
  for (const { topic, bytes } of frames) {
    for (let at = 0; at + 16 <= bytes.length; at++) {
      const part = toHex(bytes.subarray(at, at + 16))
      expect(seen.get(part) ?? topic).toBe(topic)
      seen.set(part, topic)
    }
  }
}

/** @param card - of one whose device is known, to see that what is refused here would be accepted of others */
async function noForgedRequests(
  relay: RelayProcess,
  card: string,
  topics: readonly string[],
  devices: readonly string[],
): Promise<void> {
  const { inbox, keyPackage } = await readContactCard(wire, card)
  const own = await wire.signature.generateKeyPair()
  const asIf = (publicKey: Uint8Array): KeyPair => ({ ...own, publicKey })
  const transport = libp2pTransport({ mdns: false, listen: [] })
  await transport.start()
  try {
    const peer = await transport.connect(relay.address)
    const ask = <T>(talk: (conversation: RelayConversation) => Promise<T>): Promise<T> =>
      RelayConversation.with({ wire, transport }, peer, talk)
    for (const topic of topics) {
      const keys = { name: topic, keyPair: asIf(topicPublicKey(topic) ?? new Uint8Array(0)) }
      const pinning = ask((conversation) => conversation.pin(keys, 3_600, true))
      await expect(pinning).rejects.toMatchObject({ code: 'RELAY_REFUSED' })
    }
    for (const name of devices) {
      const device = new Uint8Array(Buffer.from(name, 'hex'))
      const packages = { stock: own.publicKey, oneTime: [], lastResort: undefined }
      const depositing = ask((conversation) => conversation.deposit(asIf(device), packages))
      await expect(depositing).rejects.toMatchObject({ code: 'RELAY_REFUSED' })
      const taking = ask((conversation) => conversation.take(device, own))
      await expect(taking).rejects.toMatchObject({ code: 'RELAY_REFUSED' })
    }
    const stock = await stockKeys(wire, inbox)
    const { topic } = await inboxChannel(wire, inbox)
    expect(topics).toContain(topic.name)
    expect(await ask((conversation) => conversation.pin(topic, 3_600, true))).toBeGreaterThan(0)
    const { signatureKey } = keyPackage.leafNode
    expect(await ask((conversation) => conversation.take(signatureKey, stock.keyPair))).toBeDefined()
  } finally {
    await transport.stop()
  }
}
