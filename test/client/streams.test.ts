// What happens, as streams: in order, from where one was, also after a restart, and never ending in silence.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ClientStatus } from '../../src/client/client-status.ts'
import type { Group } from '../../src/client/group.ts'
import type { GroupEvent } from '../../src/client/group-events.ts'
import { GroupJournal } from '../../src/client/group-journal.ts'
import { openStore } from '../../src/storage/level/open-store.ts'
import { until } from '../../src/testing/until.ts'
import { addressOf, all, castForEach, deadline, groupOf, heard, only, take } from './cast.ts'

const cast = castForEach()
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coterie-streams-'))
})

afterEach(async () => {
  await cast.leave()
  await rm(folder, { recursive: true })
})

describe('the events of a group', () => {
  test('tell who comes and goes, of names and of messages, in their order', async () => {
    const [alice, bob, carol] = await cast.enterAll('alice', 'bob', 'carol')
    const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
    const events = untilRemoved(inBob)
    await club.rename('Film club')
    await club.add(await carol.card())
    await carol.groups.next(deadline())
    await club.send('Hello')
    await club.remove(carol.identity)
    await club.remove(bob.identity)
    const told = await events
    // What a removed member still learns of the epoch that it is not in is nobody's promise.
    const lasting = told.filter((event) => event.type !== 'epoch' || event.epoch < 5n)
    expect(lasting.map(summary)).toEqual([
      'epoch 2',
      'renamed Film club',
      `epoch 3 +${carol.identity}`,
      'message Hello',
      `epoch 4 -${carol.identity}`,
      'removed',
    ])
    expect(told.map(({ cursor }) => cursor)).toEqual(told.map((_, i) => (told[0]?.cursor ?? 0) + i))
  })

  test('go on behind a cursor after a restart, with nothing left out and nothing twice', async () => {
    const alice = await cast.enter('alice')
    let bob = await cast.enter('bob', { storage: join(folder, 'bob') })
    await bob.connect(addressOf(alice))
    const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
    await club.send('one')
    await club.send('two')
    const [first] = await take(only(inBob.events({ after: -1, signal: deadline() }), 'message'), 1)
    await heard(inBob, 'two')
    await bob.close()
    await club.send('three')
    bob = await cast.enter('bob', { storage: join(folder, 'bob') })
    await bob.connect(addressOf(alice))
    const again = bob.groups.get(club.id)
    const events = await take(only(again.events({ after: first?.cursor ?? -1, signal: deadline() }), 'message'), 2)
    expect([first, ...events].map((event) => event && summary(event))).toEqual([
      'message one',
      'message two',
      'message three',
    ])
  })

  test('are told by listeners as well, until these leave', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
    const told: string[] = []
    const leave = inBob.onEvent((event) => told.push(summary(event)))
    await club.send('one')
    await heard(inBob, 'one')
    await until('it was told', () => told.length === 1)
    leave()
    await club.send('two')
    await heard(inBob, 'two')
    expect(told).toEqual(['message one'])
  })

  test('that are no longer kept are said to be missing', async () => {
    const store = await openStore({ storage: 'memory' }, (length) => new Uint8Array(length).fill(1), [])
    const journal = await GroupJournal.open(store, 'group')
    const COUNT = 10_003
    const names = Array.from({ length: COUNT }, (_, i) => ({ type: 'renamed', name: String(i) }) as const)
    const entry = await journal.entryFor(names)
    await store.write(entry.write)
    await journal.tell(entry)
    expect(await (await GroupJournal.open(store, 'group')).after(-1)).toMatchObject([
      { type: 'missed', count: 3, cursor: 2 },
      { type: 'renamed', name: '3', cursor: 3 },
      ...names.slice(4, 67).map(({ name }) => ({ type: 'renamed', name })),
    ])
    expect((await journal.after(COUNT - 2)).map(({ cursor }) => cursor)).toEqual([COUNT - 1])
    await store.close()
  })

  test('end with the reason of an abort, and at closing without one', async () => {
    const alice = await cast.enter('alice')
    const club = await alice.groups.create({ name: 'Book club' })
    const aborting = new AbortController()
    const aborted = all(club.events({ signal: aborting.signal }))
    const open = all(club.events())
    aborting.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    await alice.close()
    expect(await open).toEqual([])
    await expect(club.send('too late')).rejects.toMatchObject({ code: 'CLIENT_CLOSED' })
    await expect(club.rename('too late')).rejects.toMatchObject({ code: 'CLIENT_CLOSED' })
    // @ts-expect-error: there is no such option
    expect(() => alice.statusChanges({ since: 0 })).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }))
    // @ts-expect-error: there is no such option
    expect(() => club.events({ since: 0 })).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }))
  })
})

describe('the status of a client', () => {
  test('tells of peers that come and go, and at last that it is closed', async () => {
    const [alice, bob] = [await cast.enter('alice'), await cast.enter('bob')]
    expect(alice.status).toEqual({ state: 'open', peers: 0, syncing: false })
    const changes = alice.statusChanges({ signal: deadline() })
    const becomes = async (expected: Partial<ClientStatus>): Promise<void> => {
      for (;;) {
        const { value } = await changes.next()
        if (value === undefined) throw new Error('the stream has ended')
        if (isDeepStrictEqual({ ...value, ...expected }, value)) return
      }
    }
    await becomes({ state: 'open', peers: 0 })
    await bob.connect(addressOf(alice))
    await becomes({ peers: 1 })
    expect(alice.peers).toEqual(['bob'])
    await bob.close()
    await becomes({ peers: 0 })
    await alice.close()
    await becomes({ state: 'closed', syncing: false })
    expect((await changes.next()).done).toBe(true)
    expect(alice.status).toEqual({ state: 'closed', peers: 0, syncing: false })
    expect(alice.peers).toEqual([])
  })

  test('lists its one device', async () => {
    const alice = await cast.enter('alice')
    expect(alice.devices).toEqual([{ id: expect.stringMatching(/^[0-9a-f]{64}$/), name: 'alice', current: true }])
  })
})

async function untilRemoved(group: Group): Promise<GroupEvent[]> {
  const told: GroupEvent[] = []
  for await (const event of group.events({ signal: deadline() })) {
    told.push(event)
    if (event.type === 'removed') break
  }
  return told
}

function summary(event: GroupEvent): string {
  switch (event.type) {
    case 'message':
      return `message ${event.message.text}`
    case 'epoch':
      return [
        `epoch ${event.epoch}`,
        ...event.added.map((one) => `+${one}`),
        ...event.removed.map((one) => `-${one}`),
      ].join(' ')
    case 'renamed':
      return `renamed ${event.name}`
    default:
      return event.type
  }
}
