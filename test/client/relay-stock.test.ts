// What a client leaves at its relays, where relays do not do as it would like: they refuse, hand out in another order, or what
// they answer is lost.

import { beforeEach, expect, test } from 'vitest'
import { toHex } from '../../src/bytes.ts'
import { notAfterMs } from '../../src/client/key-package-lifetime.ts'
import { leafOptions, type OwnIdentity, ownIdentity } from '../../src/client/own-identity.ts'
import { OwnStock } from '../../src/client/own-stock.ts'
import type { RelayConversation } from '../../src/client/relay-conversation.ts'
import { RelayStock } from '../../src/client/relay-stock.ts'
import { GROUP_SUITE } from '../../src/client/suites.ts'
import { decode } from '../../src/codec/reader.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { CoterieError } from '../../src/errors.ts'
import { decodeKeyPackage } from '../../src/messages/key-package.ts'
import type { Store } from '../../src/storage/store.ts'
import { memoryStore, NOW, wire } from './sync/holder.ts'

const DAY_MS = 86_400_000
const RELAY = 'memory:relay'
const suite = suiteOfGroups()

let nowMs: number
let store: Store
let own: OwnIdentity
let stock: OwnStock
let warnings: string[]
const clock = (): number => nowMs

beforeEach(async () => {
  nowMs = NOW
  warnings = []
  store = await memoryStore()
  own = await ownIdentity(suite, wire, store, 'bob', clock)
  stock = new OwnStock({ suite, store, clock, leaf: leafOptions(own.device, own.credential) })
})

test('it fills up when half is gone or older than 45 days, and not before', async () => {
  const relay = new Shelf()
  await supply(relay)
  expect(relay.oneTime).toHaveLength(20)
  relay.oneTime.splice(-9)
  nowMs += 44 * DAY_MS
  await supply(relay)
  expect(relay.oneTime).toHaveLength(11)
  relay.oneTime.pop()
  await supply(relay)
  expect(relay.oneTime).toHaveLength(20)
  // Of those ten are as old as that now.
  nowMs += 2 * DAY_MS
  await supply(relay)
  expect(relay.oneTime).toHaveLength(30)
  await supply(relay)
  expect(relay.oneTime).toHaveLength(30)
})

test('it knows after a restart what it has left, and leaves nothing twice', async () => {
  const relay = new Shelf()
  await supply(relay)
  stock = new OwnStock({ suite, store, clock, leaf: leafOptions(own.device, own.credential) })
  await stock.restore()
  await supply(relay)
  expect(relay.oneTime).toHaveLength(20)
  nowMs += 50 * DAY_MS
  await supply(relay)
  expect(relay.oneTime).toHaveLength(40)
  expect(new Set(relay.oneTime.map(toHex)).size).toBe(40)
})

test('a relay that hands out the oldest first has fresh ones too, and not more and more', async () => {
  const relay = new Shelf()
  for (let day = 0; day < 200; day++) {
    nowMs = NOW + day * DAY_MS
    relay.oneTime.splice(0, day % 7)
    await supply(relay)
    expect(relay.fresh).toBeGreaterThan(10)
    expect(relay.oneTime.length).toBeLessThanOrEqual(60)
  }
  expect(warnings).toEqual([])
})

test('where no answer comes it leaves others, and stops before there are too many', async () => {
  const relay = new Shelf()
  relay.loses = true
  for (let i = 0; i < 3; i++) await expect(supply(relay)).rejects.toMatchObject({ code: 'SYNC_SILENT' })
  await supply(relay)
  expect(relay.oneTime.length).toBe(60)
  expect(new Set(relay.oneTime.map(toHex)).size).toBe(60)
})

test('of what a relay refuses nothing is kept, and it is asked again', async () => {
  const relay = new Shelf()
  relay.refuses = 'RELAY_BUSY'
  for (let i = 0; i < 3; i++) await supply(relay)
  expect(warnings).toEqual(Array(3).fill('RELAY_BUSY'))
  expect(stock.keyPackages).toEqual([])
  relay.refuses = undefined
  await supply(relay)
  expect(relay.oneTime).toHaveLength(20)
  expect(stock.keyPackages).toHaveLength(20)
})

/** What a relay has of a device. */
class Shelf {
  oneTime: Uint8Array[] = []
  /** What it says to packages that are handed out once. */
  refuses: 'RELAY_BUSY' | undefined
  /** Whether its answer to such packages is lost. */
  loses = false

  async deposit(...[, { oneTime }]: Parameters<RelayConversation['deposit']>): Promise<number> {
    this.oneTime = this.oneTime.filter((bytes) => daysLeft(bytes) >= 0)
    if (oneTime.length === 0) return this.oneTime.length
    if (this.refuses !== undefined) throw new CoterieError(this.refuses, 'there is no room')
    this.oneTime.push(...oneTime)
    if (this.loses) throw new CoterieError('SYNC_SILENT', 'no answer')
    return this.oneTime.length
  }

  /** How many are good for more than two weeks. */
  get fresh(): number {
    return this.oneTime.filter((bytes) => daysLeft(bytes) > 14).length
  }
}

function supply(relay: Shelf): Promise<void> {
  const warn = (error: unknown): void => {
    warnings.push(CoterieError.is(error) ? error.code : String(error))
  }
  // A new one each time: it remembers nothing but what is on disk.
  return new RelayStock({ wire, store, clock, own, stock, warn }).supply(RELAY, relay)
}

function daysLeft(bytes: Uint8Array): number {
  return (notAfterMs(decode(decodeKeyPackage, bytes)) - nowMs) / DAY_MS
}

function suiteOfGroups(): CipherSuite {
  const found = nodeProvider.suite(GROUP_SUITE)
  if (found === undefined) throw new Error('the provider lacks the suite of groups')
  return found
}
