// Where something is left for others is known after a restart, and whether it is an inbox.

import { expect, test } from 'vitest'
import { putLeftTopic, storedLeftTopics } from '../../src/client/left-topics.ts'
import { topicFromSeed } from '../../src/wire/topic.ts'
import { memoryStore, topic, wire } from './sync/holder.ts'

test('a topic is the same after a restart, and one of an older version is not said to be an inbox', async () => {
  const store = await memoryStore()
  const [inbox, invite] = [await topicOf(2), await topicOf(3)]
  await store.write((batch) => {
    putLeftTopic({ keys: inbox, isInbox: true })(batch)
    putLeftTopic({ keys: invite, isInbox: false })(batch)
    batch.put('topics', topic.name, topic.keyPair.privateKey.bytes)
  })
  const found = new Map<string, boolean>()
  for await (const { keys, isInbox } of storedLeftTopics(wire, store)) found.set(keys.name, isInbox)
  expect(found).toEqual(
    new Map([
      [inbox.name, true],
      [invite.name, false],
      [topic.name, false],
    ]),
  )
})

test('a record that is no topic is told', async () => {
  const store = await memoryStore()
  await store.write((batch) => batch.put('topics', topic.name, new Uint8Array(7)))
  await expect(storedLeftTopics(wire, store).next()).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
})

function topicOf(seed: number): ReturnType<typeof topicFromSeed> {
  return topicFromSeed(wire, new Uint8Array(32).fill(seed))
}
