// The key packages on the contact card of a client that stays open for longer than they last.

import { MemoryLevel } from 'memory-level'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import { notAfterMs } from '../../src/client/key-package-lifetime.ts'
import { migrations } from '../../src/client/migrations.ts'
import type { ClientOptions } from '../../src/client/options.ts'
import { GROUP_SUITE } from '../../src/client/suites.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { restoreKeyPackage } from '../../src/group/key-package-record.ts'
import { validateKeyPackage } from '../../src/group/key-packages.ts'
import type { KeyPackage } from '../../src/messages/key-package.ts'
import { sessionPolicy } from '../../src/session/session-policy.ts'
import { type ByteLevel, openLevelStore } from '../../src/storage/level/level-store.ts'
import { until } from '../../src/testing/until.ts'
import { readContactCard } from '../../src/wire/contact-card.ts'
import { addressOf, castForEach } from './cast.ts'
import { wire } from './sync/holder.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const STEP_DAYS = 8
const KEY = new Uint8Array(32)

const suite = suiteOfGroups()
const cast = castForEach()
let aheadMs = 0
const clock = (): number => Date.now() + aheadMs

afterEach(() => {
  vi.useRealTimers()
  aheadMs = 0
})

describe('a card', () => {
  test('can be used whenever it is shown, and for 45 days more', async () => {
    const bob = await cast.enter('bob', { clock })
    const cards: string[] = []
    for (let day = 0; day <= 200; day += STEP_DAYS) {
      aheadMs = day * DAY_MS
      const card = await bob.card()
      const { keyPackage } = await readContactCard(wire, card)
      await validateKeyPackage(suite, keyPackage, { nowMs: clock(), policy: sessionPolicy(wire) })
      expect(daysLeft(keyPackage)).toBeGreaterThan(45)
      cards.push(card)
      if (day % 40 !== 0) continue
      await add(bob, card)
      // By somebody who has had it for long.
      const old = cards.at(-1 - 40 / STEP_DAYS)
      if (old !== undefined) await add(bob, old)
    }
  })

  test('is renewed once, however many ask for it, and on disk before anybody sees it', async () => {
    const disk = levelOf()
    const bob = await cast.enter('bob', onDisk(disk))
    aheadMs = 60 * DAY_MS
    const shown = await Promise.all([bob.card(), bob.card(), bob.card()])
    expect(new Set(shown).size).toBe(1)
    expect(await lifetimes(disk)).toHaveLength(2)
    await bob.close()
    const again = await cast.enter('bob', onDisk(disk))
    expect(await again.card()).toBe(shown[0])
    await add(again, String(shown[0]))
  })

  test('is another where the clock was wrong when it was made', async () => {
    aheadMs = 400 * DAY_MS
    const bob = await cast.enter('bob', { clock })
    aheadMs = 0
    await add(bob, await bob.card())
  })
})

test('without anybody asking, a new one is made in time, and what has expired is gone from the disk', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const disk = levelOf()
  await cast.enter('bob', onDisk(disk))
  expect(await lifetimes(disk)).toHaveLength(1)
  aheadMs = 46 * DAY_MS
  vi.advanceTimersByTime(HOUR_MS)
  await until('there is another', async () => (await lifetimes(disk)).length === 2)
  aheadMs = 91 * DAY_MS + HOUR_MS
  vi.advanceTimersByTime(HOUR_MS)
  // Of the first nothing is left; the second is at its half.
  await until('there is a third, and the first is gone', async () => {
    const days = (await lifetimes(disk)).map(Math.round)
    return days.toSorted((a, b) => a - b).join() === '45,90'
  })
})

async function add(newcomer: Client, card: string): Promise<void> {
  const alice = await cast.enter('alice', { clock })
  await alice.connect(addressOf(newcomer))
  const before = newcomer.groups.list().length
  const club = await alice.groups.create({ name: 'Book club' })
  await club.add(card)
  await until('the newcomer is in', () => newcomer.groups.list().length === before + 1)
  await alice.close()
}

/** How many days the key packages on a disk that is in use are still good for. */
async function lifetimes(disk: ByteLevel): Promise<number[]> {
  const store = await openLevelStore(disk, {
    ...{ unlock: { key: KEY }, randomBytes: wire.randomBytes },
    migrations: migrations({ suite, wire, clock }),
  })
  const days: number[] = []
  for await (const [, record] of store.entries('key-packages')) {
    days.push(daysLeft(restoreKeyPackage(suite, record).keyPackage))
  }
  return days
}

function daysLeft(keyPackage: KeyPackage): number {
  return (notAfterMs(keyPackage) - clock()) / DAY_MS
}

function levelOf(): ByteLevel {
  return new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: 'view', valueEncoding: 'view' })
}

function onDisk(storage: ByteLevel): Partial<ClientOptions> {
  return { storage, key: KEY, clock }
}

function suiteOfGroups(): CipherSuite {
  const found = nodeProvider.suite(GROUP_SUITE)
  if (found === undefined) throw new Error('the provider lacks the suite of groups')
  return found
}
