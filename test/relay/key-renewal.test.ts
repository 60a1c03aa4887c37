// A client that is open for longer than its key packages last, and the relay that hands them out for it.

import { MemoryLevel } from 'memory-level'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { toHex } from '../../src/bytes.ts'
import { Client } from '../../src/client/client.ts'
import { notAfterMs } from '../../src/client/key-package-lifetime.ts'
import { type Decoder, decode } from '../../src/codec/reader.ts'
import { encode } from '../../src/codec/writer.ts'
import { decodeKeyPackage, encodeKeyPackage } from '../../src/messages/key-package.ts'
import type { ByteLevel } from '../../src/storage/level/level-store.ts'
import { until } from '../../src/testing/until.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { readContactCard } from '../../src/wire/contact-card.ts'
import { stockKeys } from '../../src/wire/relay-messages.ts'
import { wire } from '../client/sync/holder.ts'
import { RelayHere } from './relay-here.ts'

const DAY_MS = 86_400_000
const RELAY_ADDRESS = 'memory:relay'

let stage: RelayHere
let aheadMs: number
let warnings: string[]
let disk: ByteLevel
const clients = new Set<Client>()
const clock = (): number => Date.now() + aheadMs

beforeEach(async () => {
  aheadMs = 0
  warnings = []
  disk = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: 'view', valueEncoding: 'view' })
})

afterEach(async () => {
  await Promise.all([...clients].map((client) => client.close()))
  clients.clear()
  await stage.close()
})

test('others can add it at any time by what the relay gives, for 200 days and over restarts, and nothing is given twice', async () => {
  await begin()
  let bob = await openBob([RELAY_ADDRESS])
  const carol = await stage.peer('carol')
  const given: string[] = []
  for (let day = 0; day <= 200; day += 5) {
    aheadMs = day * DAY_MS
    stage.nowMs = clock()
    if (day === 60) await stage.restart()
    if (day === 100) {
      await bob.close()
      bob = await openBob([RELAY_ADDRESS])
    }
    await meetRelay(bob)
    await carol.connect(RELAY_ADDRESS)
    const card = await bob.card()
    const shown = await packageOf(card)
    await until(`the relay has what it needs on day ${day}`, async () => (await fresh()) > 10, 30_000)
    await until(
      `the relay has the package of the card on day ${day}`,
      async () => (await lastResort()) === shown,
      30_000,
    )
    expect(stage.relay.status.oneTimeKeyPackages).toBeLessThanOrEqual(60)
    for (let i = 0; i < (day % 20 === 0 ? 10 : 1); i++) given.push(await take(carol, card))
    if (day % 50 === 0) await add(bob, card)
  }
  expect(new Set(given).size).toBe(given.length)
  // Conversations may have been cut short when the connection was.
  expect(warnings.filter((code) => code.startsWith('RELAY_'))).toEqual([])
})

test('a relay that refuses the package of the card is given the others', async () => {
  await begin()
  await (await openBob([])).close()
  // By its clock the card has expired.
  aheadMs = 40 * DAY_MS
  stage.nowMs = clock() + 55 * DAY_MS
  await openBob([RELAY_ADDRESS])
  await until('it has the others', () => stage.relay.status.oneTimeKeyPackages === 20)
  expect(await lastResort()).toBe('')
  expect(warnings).toContain('RELAY_REFUSED')
})

async function begin(): Promise<void> {
  stage = new RelayHere()
  stage.nowMs = clock()
  await stage.open()
}

async function openBob(relays: readonly string[]): Promise<Client> {
  const bob = await Client.open({
    ...{ storage: disk, key: new Uint8Array(32), name: 'bob', relays, clock },
    transport: () => stage.network.transport('bob'),
  })
  bob.onWarning(({ code }) => warnings.push(code))
  clients.add(bob)
  return bob
}

/** The client looks after its relays when it meets them, and every ten minutes. */
async function meetRelay(bob: Client): Promise<void> {
  stage.network.disconnect('bob', 'relay')
  await bob.connect(RELAY_ADDRESS)
}

/** Takes a key package that is handed out once. @returns it in hexadecimal */
async function take(peer: Transport, card: string): Promise<string> {
  const { keyPackage, inbox } = await readContactCard(wire, card)
  const stock = await stockKeys(wire, inbox)
  const given = await stage.ask(peer, (relay) => relay.take(keyPackage.leafNode.signatureKey, stock.keyPair))
  expect(given?.isLastResort).toBe(false)
  const bytes = given?.keyPackage ?? new Uint8Array(0)
  expect(notAfterMs(decode(decodeKeyPackage, bytes)) - clock()).toBeGreaterThan(15 * DAY_MS)
  return toHex(bytes)
}

async function add(bob: Client, card: string): Promise<void> {
  const before = bob.groups.list().length
  const taken = stage.relay.counters.of('key_packages_taken')
  const alice = await Client.open({
    ...{ storage: 'memory', name: 'alice', clock },
    transport: () => stage.network.transport('alice'),
  })
  clients.add(alice)
  const club = await alice.groups.create({ name: 'Book club' })
  await club.add(card)
  await until('bob is in', () => bob.groups.list().length === before + 1)
  expect(stage.relay.counters.of('key_packages_taken')).toBe(taken + 1)
  await alice.close()
}

/** How many packages at the relay that are handed out once are good for more than two weeks. */
async function fresh(): Promise<number> {
  let count = 0
  for await (const [device] of stage.store.entries('devices')) {
    for await (const [, value] of stage.store.range(`one-time/${device}`)) {
      if (decode(readKept, value).untilMs - clock() > 15 * DAY_MS) count++
    }
  }
  return count
}

/** The package that the relay gives when there is no other, in hexadecimal. */
async function lastResort(): Promise<string> {
  for await (const [, value] of stage.store.entries('devices')) {
    const kept = decode((reader) => {
      reader.fixed(32)
      reader.uint32()
      return reader.optional(readKept)
    }, value)
    return toHex(kept?.bytes ?? new Uint8Array(0))
  }
  return ''
}

async function packageOf(card: string): Promise<string> {
  return toHex(encode(encodeKeyPackage, (await readContactCard(wire, card)).keyPackage))
}

const readKept: Decoder<{ untilMs: number; bytes: Uint8Array }> = (reader) => ({
  untilMs: Number(reader.uint64()),
  bytes: reader.opaque(),
})
