// A disk that is full: what could not be written was not said, everybody who waits is told, and nothing is out of joint once
// there is room again.

import { expect, test } from 'vitest'
import type { Group } from '../../src/client/group.ts'
import { FillingLevel } from '../storage/filling-level.ts'
import { addressOf, all, castForEach, deadline, groupOf, heard, texts } from './cast.ts'

const cast = castForEach()
const key = new Uint8Array(32).fill(7)

test('a group whose store failed says so, and goes on where it was when the client is opened again', async () => {
  const disk = new FillingLevel()
  const alice = await cast.enter('alice', { storage: disk, key })
  const bob = await cast.enter('bob')
  await bob.connect(addressOf(alice))
  const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
  await club.send('one')
  await heard(inBob, 'one')
  const waiting = [all(club.messages({ signal: deadline() })), all(club.events({ signal: deadline() }))]
  const failed = expect.objectContaining({ code: 'STORE_FAILED' })

  disk.isFull = true
  await expect(club.rename('Film club')).rejects.toEqual(failed)
  for (const stream of waiting) await expect(stream).rejects.toEqual(failed)
  await expect(club.send('two')).rejects.toEqual(failed)
  // What is in memory has gone on without the disk: room alone does not mend that.
  disk.isFull = false
  await expect(club.send('three')).rejects.toEqual(failed)
  await expect(all(club.messages())).rejects.toEqual(failed)
  expect(texts(await all(club.messages({ live: false })))).toEqual(['one'])
  await inBob.send('four')
  await alice.close()

  const again = await cast.enter('alice', { storage: disk, key })
  await bob.connect(addressOf(again))
  const back = again.groups.get(club.id)
  await heard(back, 'four')
  expect(back.name).toBe('Book club')
  await back.rename('Film club')
  await back.send('five')
  await heard(inBob, 'five')
  expect(inBob.name).toBe('Film club')
  expect(inBob.epoch).toBe(back.epoch)
  expect(texts(await all(back.messages({ live: false })))).toEqual(['one', 'four', 'five'])
})
