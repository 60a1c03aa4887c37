// Key packages at a relay: checked when they come, handed out once each to those who have the contact card.

import { afterEach, beforeAll, expect, test } from 'vitest'
import { toHex } from '../../src/bytes.ts'
import type { GivenKeyPackage } from '../../src/client/relay-conversation.ts'
import { decode } from '../../src/codec/reader.ts'
import { encode } from '../../src/codec/writer.ts'
import type { KeyPair } from '../../src/crypto/contract.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { createKeyPackage, lifetimeOfDays } from '../../src/group/key-packages.ts'
import { certifyDevice } from '../../src/identity/device-credential.ts'
import { decodeKeyPackage, encodeKeyPackage } from '../../src/messages/key-package.ts'
import type { RelayLimits } from '../../src/relay/limits.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { stockKeys } from '../../src/wire/relay-messages.ts'
import type { TopicKeys } from '../../src/wire/topic.ts'
import { wire } from '../client/sync/holder.ts'
import { RelayHere } from './relay-here.ts'

let stage: RelayHere
let suite: CipherSuite
let device: KeyPair
let identity: KeyPair
let stock: TopicKeys

beforeAll(async () => {
  const found = nodeProvider.suite(1)
  if (found === undefined) throw new Error('the provider lacks suite 1')
  suite = found
  device = await suite.signature.generateKeyPair()
  identity = await wire.signature.generateKeyPair()
  stock = await stockKeys(wire, { seed: new Uint8Array(32).fill(4), publicKey: new Uint8Array(32) })
})

afterEach(() => stage.close())

test('each is handed out once, to whoever asks and over restarts, and then the last-resort one again and again', async () => {
  await begin()
  const alice = await stage.peer('alice')
  const [oneTime, lastResort] = [await packages(3), (await packages(1))[0]]
  expect(await deposit(alice, oneTime, lastResort)).toBe(3)
  const [bob, carol] = [await stage.peer('bob'), await stage.peer('carol')]
  // At the same time.
  const first = await Promise.all([take(bob), take(carol)])
  await stage.restart()
  const dave = await stage.peer('dave')
  const taken = [...first, await take(dave)]
  expect(taken.map((given) => given?.isLastResort)).toEqual([false, false, false])
  expect(taken.map(hex).sort()).toEqual(oneTime.map(toHex).sort())
  const after = [await take(dave), await take(dave)]
  expect(after.map((given) => [given?.isLastResort, hex(given)])).toEqual(
    Array(2).fill([true, lastResort && toHex(lastResort)]),
  )
  expect(stage.errors).toEqual([])
})

test('a device without a stock has none, and an empty deposit makes none', async () => {
  await begin()
  const alice = await stage.peer('alice')
  await expect(take(alice)).rejects.toMatchObject({ code: 'RELAY_REFUSED' })
  expect(await deposit(alice, [])).toBe(0)
  await expect(take(alice)).rejects.toMatchObject({ code: 'RELAY_REFUSED' })
  expect(stage.relay.status.devices).toBe(0)
})

test('whoever has not got the card takes nothing, and whoever is not the device leaves nothing', async () => {
  await begin()
  const [alice, mallory] = [await stage.peer('alice'), await stage.peer('mallory')]
  await deposit(alice, await packages(1))
  const guessed = await stockKeys(wire, { seed: new Uint8Array(32).fill(5), publicKey: new Uint8Array(32) })
  await expect(take(mallory, guessed)).rejects.toMatchObject({ code: 'RELAY_REFUSED' })
  const forger = { ...(await wire.signature.generateKeyPair()), publicKey: device.publicKey }
  await expect(deposit(mallory, await packages(1), undefined, forger)).rejects.toMatchObject({ code: 'RELAY_REFUSED' })
  const other = await wire.signature.generateKeyPair()
  await expect(deposit(mallory, await packages(1), undefined, other)).rejects.toMatchObject({ code: 'RELAY_REFUSED' })
  expect(stage.relay.counters.of('requests_refused_proof')).toBe(2)
  expect(stage.relay.counters.of('requests_refused_content')).toBe(1)
  expect(stage.relay.status.oneTimeKeyPackages).toBe(1)
})

test('a package that is damaged, over, not begun or too large is refused, and what came with it too', async () => {
  await begin({ maxKeyPackageBytes: 4_096 })
  const alice = await stage.peer('alice')
  const [good, other] = await packages(2)
  if (good === undefined || other === undefined) throw new Error('there are two')
  const damaged = good.slice()
  damaged.set([(damaged.at(-1) ?? 0) ^ 1], damaged.length - 1)
  const over = await packages(1, stage.nowMs - 100 * DAY, 10)
  const early = await packages(1, stage.nowMs + 100 * DAY, 10)
  for (const bad of [damaged, ...over, ...early, new Uint8Array(5_000), Uint8Array.of(1, 2, 3)]) {
    await expect(deposit(alice, [other, bad])).rejects.toMatchObject({ code: 'RELAY_REFUSED' })
  }
  expect(stage.relay.status.oneTimeKeyPackages).toBe(0)
  expect(await deposit(alice, [good, other])).toBe(2)
})

test('what expires is dropped, the last-resort one too', async () => {
  await begin()
  const alice = await stage.peer('alice')
  const [short, long] = [await packages(2, stage.nowMs, 1), await packages(1, stage.nowMs, 10)]
  await deposit(alice, [...short, ...long], (await packages(1, stage.nowMs, 5))[0])
  stage.nowMs += 2 * DAY
  const bob = await stage.peer('bob')
  expect(hex(await take(bob))).toBe(long[0] && toHex(long[0]))
  expect((await take(bob))?.isLastResort).toBe(true)
  stage.nowMs += 4 * DAY
  await stage.relay.sweep()
  expect(stage.relay.status).toMatchObject({ devices: 0, oneTimeKeyPackages: 0, stockBytes: 0 })
  await stage.restart()
  expect(stage.relay.status.devices).toBe(0)
})

test('the one that is valid longest is handed out first, and what has expired counts no more', async () => {
  await begin({ maxOneTime: 3 })
  const alice = await stage.peer('alice')
  const [short, long] = [await packages(2, stage.nowMs, 2), await packages(1, stage.nowMs, 20)]
  await deposit(alice, [...short.slice(0, 1), ...long, ...short.slice(1)])
  const bob = await stage.peer('bob')
  expect(hex(await take(bob))).toBe(long[0] && toHex(long[0]))
  await stage.restart()
  await alice.connect(String(stage.relay.addresses[0]))
  expect(await deposit(alice, [])).toBe(2)
  // Before the relay has looked by itself.
  stage.nowMs += 3 * DAY
  expect(await deposit(alice, [])).toBe(0)
  expect(await deposit(alice, await packages(3))).toBe(3)
})

test('there is room for so many of a device, and so many in all', async () => {
  await begin({ maxOneTime: 3, maxStockBytes: 3_500 })
  const alice = await stage.peer('alice')
  expect(await deposit(alice, await packages(2))).toBe(2)
  await expect(deposit(alice, await packages(2))).rejects.toMatchObject({ code: 'RELAY_BUSY' })
  await expect(deposit(alice, await packages(4))).rejects.toMatchObject({ code: 'RELAY_BUSY' })
  expect(stage.relay.status.stockBytes).toBeLessThanOrEqual(3_500)
  device = await suite.signature.generateKeyPair()
  const crowd: unknown[] = []
  for (let i = 0; i < 4; i++) crowd.push(await deposit(alice, await packages(3)).catch((error: unknown) => error))
  expect(crowd).toContainEqual(expect.objectContaining({ code: 'RELAY_BUSY' }))
  expect(stage.relay.status.stockBytes).toBeLessThanOrEqual(3_500)
})

test('a peer takes so many, and a stock is not emptied by many peers at once', async () => {
  await begin({ takes: { burst: 2, perSecond: 0.1 }, oneTimeTakes: { burst: 3, perSecond: 0.1 } })
  const alice = await stage.peer('alice')
  await deposit(alice, await packages(8), (await packages(1))[0])
  const [bob, carol] = [await stage.peer('bob'), await stage.peer('carol')]
  expect([await take(bob), await take(bob)].map((given) => given?.isLastResort)).toEqual([false, false])
  await expect(take(bob)).rejects.toMatchObject({ code: 'RELAY_BUSY' })
  expect([await take(carol), await take(carol)].map((given) => given?.isLastResort)).toEqual([false, true])
  expect(stage.relay.status.oneTimeKeyPackages).toBe(5)
})

async function begin(limits: Partial<RelayLimits> = {}): Promise<void> {
  stage = await new RelayHere(limits).open()
}

async function packages(count: number, fromMs = stage.nowMs, days = 30): Promise<Uint8Array[]> {
  const credential = await certifyDevice(wire.signature, identity, 'alice', device.publicKey)
  const lifetime = lifetimeOfDays(fromMs, days)
  const made = Array.from({ length: count }, () =>
    createKeyPackage(suite, { credential, signatureKeyPair: device, lifetime }),
  )
  return (await Promise.all(made)).map(({ keyPackage }) => encode(encodeKeyPackage, keyPackage))
}

function deposit(
  peer: Transport,
  oneTime: readonly Uint8Array[],
  lastResort?: Uint8Array,
  signer = device,
): Promise<number> {
  const stockKey = stock.keyPair.publicKey
  return stage.ask(peer, (conversation) => conversation.deposit(signer, { stock: stockKey, oneTime, lastResort }))
}

function take(peer: Transport, by = stock): Promise<GivenKeyPackage | undefined> {
  return stage.ask(peer, (conversation) => conversation.take(device.publicKey, by.keyPair))
}

function hex(given: GivenKeyPackage | undefined): string {
  if (given === undefined) return 'none'
  decode(decodeKeyPackage, given.keyPackage)
  return toHex(given.keyPackage)
}

const DAY = 86_400_000
