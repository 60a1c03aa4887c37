// Key packages that are used more than once (RFC 9420 §16.8): whoever joins by one gives its leaf keys that nobody else has seen
// before, as soon as the group is calm.

import { MemoryLevel } from 'memory-level'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { equalBytes } from '../../src/bytes.ts'
import { Client } from '../../src/client/client.ts'
import type { Group } from '../../src/client/group.ts'
import { GroupDriver } from '../../src/client/group-driver.ts'
import { migrations } from '../../src/client/migrations.ts'
import type { ClientOptions } from '../../src/client/options.ts'
import { GROUP_SUITE } from '../../src/client/suites.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { LeafNodeSource } from '../../src/messages/code-points.ts'
import type { LeafNode } from '../../src/messages/leaf-node.ts'
import { restoreSession } from '../../src/session/restoring.ts'
import { type ByteLevel, openLevelStore } from '../../src/storage/level/level-store.ts'
import { until } from '../../src/testing/until.ts'
import { members } from '../../src/tree/ratchet-tree.ts'
import { readContactCard } from '../../src/wire/contact-card.ts'
import { addressOf, deadline } from '../client/cast.ts'
import { wire } from '../client/sync/holder.ts'
import { RelayHere } from './relay-here.ts'

/** How long a group is calm before newcomers change their keys, and a little more. */
const CALM_MS = 61_000
const KEY = new Uint8Array(32)
const suite = suiteOfGroups()

let stage: RelayHere
let aheadMs: number
/** Of whoever adds somebody. */
let disk: ByteLevel
const clients = new Set<Client>()
const clock = (): number => Date.now() + aheadMs

beforeEach(async () => {
  aheadMs = 0
  disk = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: 'view', valueEncoding: 'view' })
  // It gives the package of the card alone, as one does whose stock has been used up.
  stage = new RelayHere({ oneTimeTakes: { burst: 0, perSecond: 0 } })
  stage.nowMs = clock()
  await stage.open()
})

afterEach(async () => {
  await Promise.all([...clients].map((client) => client.close()))
  clients.clear()
  await stage.close()
})

test('who joins by the last-resort package of a relay has other keys in its leaf after a minute', async () => {
  const bob = await enter('bob', { relays: ['memory:relay'] })
  await until('the relay has the package', () => stage.relay.status.oneTimeKeyPackages > 0)
  await joinsAndChangesKeys(bob)
  expect(stage.relay.counters.of('last_resorts_taken')).toBe(1)
})

test('who joins by its card has other keys in its leaf after a minute', async () => {
  await joinsAndChangesKeys(await enter('bob'))
})

async function joinsAndChangesKeys(bob: Client): Promise<void> {
  const alice = await enter('alice', { storage: disk, key: KEY })
  await alice.connect(addressOf(bob))
  const card = await bob.card()
  const { encryptionKey } = (await readContactCard(wire, card)).keyPackage.leafNode
  const club = await alice.groups.create({ name: 'Book club' })
  await club.add(card)
  const inBob = await bob.groups.next(deadline())
  const joined = await leafOf(bob, club)
  expect(joined.origin.source).toBe(LeafNodeSource.keyPackage)
  expect(equalBytes(joined.encryptionKey, encryptionKey)).toBe(true)
  aheadMs += CALM_MS
  // Everybody looks at the time.
  await club.send('is it calm?')
  await until('bob has nothing left to do', () => inBob.inspect().intents.length === 0)
  await until('alice is where bob is', () => club.epoch === inBob.epoch)
  const changed = await leafOf(bob, club)
  expect(changed.origin.source).toBe(LeafNodeSource.commit)
  expect(equalBytes(changed.encryptionKey, encryptionKey)).toBe(false)
}

/** A member's leaf, as it is on the disk of whoever added it. */
async function leafOf({ identity }: Client, group: Group): Promise<LeafNode> {
  const store = await openLevelStore(disk, {
    ...{ unlock: { key: KEY }, randomBytes: wire.randomBytes },
    migrations: migrations({ suite, wire, clock }),
  })
  const records = new Map<string, Uint8Array>()
  for await (const [name, value] of store.entries(GroupDriver.bucketOf(group.id))) records.set(name, value)
  const { tree, counters } = restoreSession(suite, records)
  const leafIndex = group.members.find((member) => member.identity === identity)?.leafIndex
  const { state } = tree.at(counters.stand)
  const found = state && [...members(state.tree)].find((member) => member.leafIndex === leafIndex)
  if (found === undefined) throw new Error('no such member')
  return found.leafNode
}

async function enter(name: string, options: Partial<ClientOptions> = {}): Promise<Client> {
  const transport = (): ReturnType<RelayHere['network']['transport']> => stage.network.transport(name)
  const client = await Client.open({ ...{ storage: 'memory', name, clock, transport }, ...options })
  clients.add(client)
  return client
}

function suiteOfGroups(): CipherSuite {
  const found = nodeProvider.suite(GROUP_SUITE)
  if (found === undefined) throw new Error('the provider lacks the suite of groups')
  return found
}
