// Topics on which something is left for others, as they are kept on disk: inboxes, and the topics of invites by which this client
// asks to be let in.

import { encode } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { stored } from '../session/stored.ts'
import type { BatchPart, Store } from '../storage/store.ts'
import { type TopicKeys, topicFromSeed } from '../wire/topic.ts'

/** Where something is left. */
export interface LeftTopic {
  readonly keys: TopicKeys
  /** Whether many leave things there for one owner, who alone takes them. */
  readonly isInbox: boolean
}

export function putLeftTopic({ keys, isInbox }: LeftTopic): BatchPart {
  const record = encode((writer) => {
    writer.fixed(keys.keyPair.privateKey.bytes)
    writer.uint8(isInbox ? 1 : 0)
  }, undefined)
  return (batch) => batch.put(TOPICS, keys.name, record)
}

export function deleteLeftTopics(names: readonly string[]): BatchPart {
  return (batch) => {
    for (const name of names) batch.delete(TOPICS, name)
  }
}

/** @throws CoterieError `STORE_CORRUPT` (environment) */
export async function* storedLeftTopics(wire: CipherSuite, store: Store): AsyncGenerator<LeftTopic> {
  for await (const [, record] of store.entries(TOPICS)) {
    const { seed, isInbox } = stored(
      // Older records have the seed alone. Where it is an inbox, its owner says so to relays.
      (reader) => ({ seed: reader.fixed(SEED_BYTES), isInbox: reader.remaining > 0 && reader.uint8() === 1 }),
      record,
    )
    yield { keys: await topicFromSeed(wire, seed), isInbox }
  }
}

/** The bucket of the seeds. */
const TOPICS = 'topics'
const SEED_BYTES = 32
