// Groups are listed in the order in which a client came to them, also after a restart: people call them by their numbers.

import { MemoryLevel } from 'memory-level'
import { expect, test } from 'vitest'
import { enterGroup, listedGroups } from '../../src/client/group-list.ts'
import { openStore } from '../../src/storage/level/open-store.ts'
import { castForEach } from './cast.ts'

const cast = castForEach()

test('groups stay in their order', async () => {
  let nowMs = Date.now()
  const storage = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: 'view', valueEncoding: 'view' })
  const options = { storage, key: new Uint8Array(32), clock: () => nowMs++ }
  const names = Array.from({ length: 12 }, (_, i) => `group ${i}`)
  const alice = await cast.enter('alice', options)
  for (const name of names) await alice.groups.create({ name })
  await alice.close()
  const back = await cast.enter('alice', options)
  expect(back.groups.list().map(({ name }) => name)).toEqual(names)
})

test('groups of the same time, and those from before times were kept, have an order too', async () => {
  const store = await openStore({ storage: 'memory' }, (length) => new Uint8Array(length).fill(1), [])
  await store.write((batch) => {
    for (const id of ['d', 'c']) enterGroup(id, 5)(batch)
    enterGroup('a', 6)(batch)
    for (const id of ['z', 'y']) batch.put('groups', id, new Uint8Array(0))
  })
  expect(await listedGroups(store)).toEqual(['y', 'z', 'c', 'd', 'a'])
  await store.close()
})
