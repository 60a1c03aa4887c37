// Somebody makes many groups, and many identities, and invites by all of them: other invitations that wait stay.

import { beforeEach, expect, test } from 'vitest'
import { utf8 } from '../../src/bytes.ts'
import { Invitations } from '../../src/client/invitations.ts'
import { decodeRequest, encodeRequest } from '../../src/client/join-requests.ts'
import { ownIdentity } from '../../src/client/own-identity.ts'
import { OwnStock } from '../../src/client/own-stock.ts'
import { GROUP_SUITE, suiteOf } from '../../src/client/suites.ts'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { CoterieError } from '../../src/errors.ts'
import { commit } from '../../src/group/commit.ts'
import { createGroup } from '../../src/group/create-group.ts'
import { lifetimeOfDays } from '../../src/group/key-packages.ts'
import { addProposal } from '../../src/messages/proposal.ts'
import { DEFAULT_PERMISSIONS, groupProfileExtension } from '../../src/session/group-profile.ts'
import { encodeCommitNote } from '../../src/session/requests.ts'
import { sessionPolicy } from '../../src/session/session-policy.ts'
import type { Store } from '../../src/storage/store.ts'
import { deviceIdentity } from '../../src/testing/simulation/device-identity.ts'
import { FrameArchive } from '../../src/topics/frame-archive.ts'
import { frameOf, memoryStore, wire } from './sync/holder.ts'

const suite = suiteOf(nodeProvider, GROUP_SUITE)
type Person = Awaited<ReturnType<typeof deviceIdentity>>

let own: Awaited<ReturnType<typeof ownIdentity>>
let store: Store
let invitations: Invitations
let known: Set<string>
let warnings: CoterieError[]
let nowMs = Date.now()

beforeEach(async () => {
  known = new Set()
  warnings = []
  store = await memoryStore()
  own = await ownIdentity(suite, wire, store, 'bob', () => nowMs)
  invitations = await opened()
})

test('by one peer, in the names of many: what came by others stays, and what came before', {
  timeout: 60_000,
}, async () => {
  await invite(await person('alice'), 'early', 'flooder')
  for (let i = 0; i < 120; i++) await invite(await person('mallory'), `flood ${i}`, 'flooder')
  const late = await person('carol')
  await invite(late, 'late', 'friend')
  const member = await person('dave')
  known.add(member.identity)
  await invite(member, 'of a member', 'flooder')
  expect(names()).toHaveLength(101)
  expect(names()).toEqual(expect.arrayContaining(['early', 'flood 0', 'flood 97', 'late', 'of a member']))
  expect(warnings).toHaveLength(22)
  expect(warnings[0]).toMatchObject({
    code: 'REQUEST_DROPPED',
    message: expect.stringContaining('one to flood 99 was'),
  })
})

test('by one identity: its own oldest go, by whatever peers they come', async () => {
  const [mallory, alice] = [await person('mallory'), await person('alice')]
  await invite(alice, 'Book club', 'friend')
  known.add(mallory.identity)
  for (let i = 0; i < 15; i++) await invite(mallory, `flood ${i}`, `peer ${i}`)
  expect(names()).toEqual(['Book club', ...Array.from({ length: 10 }, (_, i) => `flood ${i + 5}`)])
  expect(warnings).toHaveLength(5)
})

test('by which peer they came is known after a restart; those of an older version came by one', {
  timeout: 60_000,
}, async () => {
  await invite(await person('alice'), 'early', 'friend')
  for (let i = 0; i < 49; i++) await invite(await person('mallory'), `flood ${i}`, 'flooder')
  const [first] = [...(await records()).keys()]
  if (first === undefined) throw new Error('nothing is on disk')
  // As it was written before: without the peer, which is the last.
  const record = (await records()).get(first) ?? new Uint8Array(0)
  const { from } = decodeRequest(first, record)
  const older = record.slice(0, record.length - utf8(from).length - 1)
  expect(decodeRequest(first, older)).toEqual({ ...decodeRequest(first, record), from: '' })
  expect(encodeRequest(decodeRequest(first, record))).toEqual(record)
  await store.write((batch) => batch.put('requests', first, older))
  invitations = await opened()
  expect(names()).toHaveLength(50)
  for (let i = 49; i < 110; i++) await invite(await person('mallory'), `flood ${i}`, 'flooder')
  await invite(await person('carol'), 'late', 'other')
  expect(names()).toHaveLength(100)
  expect(names()).toEqual(expect.arrayContaining(['early', 'flood 0', 'late']))
})

async function opened(): Promise<Invitations> {
  const clock = (): number => nowMs
  const { leaf } = await deviceIdentity(suite, wire, 'bob', nowMs)
  const made = new Invitations({
    ...{ suite, wire, store, own, clock, ask: true },
    archive: new FrameArchive(store, clock),
    isMember: () => false,
    isKnown: (identity) => known.has(identity),
    group: () => undefined,
    stock: new OwnStock({ suite, store, clock, leaf }),
    reentryKeyPackages: () => [],
    joining: { answeredBy: () => undefined },
    inTurn: (operation) => operation(),
    enter: () => Promise.reject(new Error('nobody has accepted')),
    warn: (error) => {
      if (CoterieError.is(error)) warnings.push(error)
    },
  })
  await made.restore()
  return made
}

/** Somebody makes a group, and its Welcome for bob comes by a peer. */
async function invite(inviter: Person, name: string, from: string): Promise<void> {
  const policy = sessionPolicy(wire)
  const profile = {
    ...{ name, description: '', admins: [inviter.identity], permissions: DEFAULT_PERMISSIONS, invites: [] },
    rendezvousSecret: new Secret(wire.randomBytes(32)),
  }
  const state = await createGroup(suite, {
    ...inviter.leaf,
    lifetime: lifetimeOfDays(nowMs, 30),
    groupExtensions: [groupProfileExtension(profile)],
    policy,
  })
  const { welcome } = await commit(state, {
    ...{ nowMs, policy, wireFormat: 'public' },
    proposals: [addProposal((await own.keyPackages.current()).keyPackage)],
    authenticatedData: encodeCommitNote({ statement: 1n, leaves: [] }),
  })
  if (welcome === undefined) throw new Error('a commit that adds somebody makes a Welcome')
  await invitations.take(welcome, await frameOf(name, nowMs), from)
  nowMs++
}

function person(name: string): Promise<Person> {
  return deviceIdentity(suite, wire, name, nowMs)
}

/** Of the groups that wait. */
function names(): string[] {
  return invitations.requests.list().map(({ group }) => group.name)
}

async function records(): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>()
  for await (const [id, record] of store.entries('requests')) found.set(id, record)
  return found
}
