// Which messages were sent under which key of the app, so that sending again sends once.

import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import type { BatchPart, Store } from '../storage/store.ts'

/** What names a message. */
interface SentMessage {
  readonly id: Uint8Array
  readonly place: number
}

/** The message that was sent to a group under a key; undefined where there is none. */
export async function findSent(store: Store, groupId: string, key: string): Promise<SentMessage | undefined> {
  const value = await store.get(bucketOf(groupId), key)
  return value && decode((reader) => ({ id: reader.opaque(), place: Number(reader.uint64()) }), value)
}

/** To be written in the batch that writes the message. */
export function noteSent(groupId: string, key: string, { id, place }: SentMessage): BatchPart {
  const value = encode((writer) => {
    writer.opaque(id)
    writer.uint64(BigInt(place))
  }, undefined)
  return (batch) => batch.put(bucketOf(groupId), key, value)
}

function bucketOf(groupId: string): string {
  return `sent/${groupId}`
}
