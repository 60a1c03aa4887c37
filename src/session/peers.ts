// What this device knows of others: which of its own messages they have, and which of theirs it has itself.

import { utf8 } from '../bytes.ts'
import { encode } from '../codec/writer.ts'
import type { NodeId } from './epoch-tree.ts'
import { decodeRanges, encodeRanges, type Ranges } from './ranges.ts'
import { stored, storedText } from './stored.ts'

/** Another device of the group. */
export interface Peer {
  /** The first of this device's messages that is for it. */
  readonly from: bigint
  /** The first that is not, while this device stands where the other is no member. */
  readonly until?: bigint | undefined
  /** Which of this device's messages it has acknowledged. */
  readonly acknowledged: Ranges
  /** The last epoch in which something was heard of it; the one before it was added, as long as nothing was. */
  readonly height: bigint
  /** The epoch in which it was added, or added again. */
  readonly joined: bigint
  readonly heardAtMs: number
}

/** The last vote that came of a device, whatever it has said since by commits. */
export interface StoredVote {
  readonly number: bigint
  /** Where the device stood, and its height. */
  readonly stand: NodeId
  readonly height: bigint
  /** As it travels. */
  readonly body: Uint8Array
}

/** A message that came not long ago, by its sender's device and number: against those who send two under one number. */
export interface RecentMessage {
  readonly id: string
  readonly place: number
}

/** A frame that no key has opened, with the order in which it came. */
export interface UnreadFrame {
  readonly topic: string
  readonly bytes: Uint8Array
  readonly arrival: bigint
}

/** A frame that no key has opened and that is in the archive alone. */
export type SpilledFrame = Pick<UnreadFrame, 'topic' | 'arrival'>

/** A member's request, until it is carried out. */
export interface StoredRequest {
  readonly kind: 'leave' | 'reentry'
  readonly body: Uint8Array
  readonly receivedAtMs: number
}

/** A topic that the group is on, or was. */
export interface StoredTopic {
  readonly seed: Uint8Array
  readonly controlKey: Uint8Array
  /** When the last epoch on it was given up, in milliseconds since the Unix epoch. */
  readonly leftAtMs: number | undefined
}

export function encodePeer(peer: Peer): Uint8Array {
  return encode((writer) => {
    writer.uint64(peer.from)
    encodeRanges(writer, peer.acknowledged)
    writer.uint64(peer.height)
    writer.uint64(peer.joined)
    writer.uint64(BigInt(peer.heardAtMs))
    if (peer.until !== undefined) writer.uint64(peer.until)
  }, undefined)
}

export function decodePeer(bytes: Uint8Array): Peer {
  return stored(
    (reader) => ({
      from: reader.uint64(),
      acknowledged: decodeRanges(reader),
      height: reader.uint64(),
      joined: reader.uint64(),
      heardAtMs: Number(reader.uint64()),
      until: reader.remaining > 0 ? reader.uint64() : undefined,
    }),
    bytes,
  )
}

export function encodeStoredVote({ number, stand, height, body }: StoredVote): Uint8Array {
  return encode((writer) => {
    writer.uint64(number)
    writer.opaque(utf8(stand))
    writer.uint64(height)
    writer.opaque(body)
  }, undefined)
}

export function decodeStoredVote(bytes: Uint8Array): StoredVote {
  return stored(
    (reader) => ({
      number: reader.uint64(),
      stand: storedText(reader),
      height: reader.uint64(),
      body: reader.opaque(),
    }),
    bytes,
  )
}

export function encodeReceived(ranges: Ranges): Uint8Array {
  return encode(encodeRanges, ranges)
}

export function decodeReceived(bytes: Uint8Array): Ranges {
  return stored(decodeRanges, bytes)
}

export function encodeRecent({ id, place }: RecentMessage): Uint8Array {
  return encode((writer) => {
    writer.opaque(utf8(id))
    writer.uint64(BigInt(place))
  }, undefined)
}

export function decodeRecent(bytes: Uint8Array): RecentMessage {
  return stored((reader) => ({ id: storedText(reader), place: Number(reader.uint64()) }), bytes)
}

export function encodeUnread({ topic, bytes, arrival }: UnreadFrame): Uint8Array {
  return encode((writer) => {
    writer.opaque(utf8(topic))
    writer.uint64(arrival)
    writer.opaque(bytes)
  }, undefined)
}

export function decodeUnread(bytes: Uint8Array): UnreadFrame {
  return stored((reader) => ({ topic: storedText(reader), arrival: reader.uint64(), bytes: reader.opaque() }), bytes)
}

export function encodeSpilled({ topic, arrival }: SpilledFrame): Uint8Array {
  return encode((writer) => {
    writer.opaque(utf8(topic))
    writer.uint64(arrival)
  }, undefined)
}

export function decodeSpilled(bytes: Uint8Array): SpilledFrame {
  return stored((reader) => ({ topic: storedText(reader), arrival: reader.uint64() }), bytes)
}

export function encodeRequest({ kind, body, receivedAtMs }: StoredRequest): Uint8Array {
  return encode((writer) => {
    writer.uint8(kind === 'leave' ? 1 : 2)
    writer.opaque(body)
    writer.uint64(BigInt(receivedAtMs))
  }, undefined)
}

export function decodeRequest(bytes: Uint8Array): StoredRequest {
  return stored(
    (reader) => ({
      kind: reader.uint8() === 1 ? 'leave' : 'reentry',
      body: reader.opaque(),
      receivedAtMs: Number(reader.uint64()),
    }),
    bytes,
  )
}

export function encodeTopic({ seed, controlKey, leftAtMs }: StoredTopic): Uint8Array {
  return encode((writer) => {
    writer.opaque(seed)
    writer.opaque(controlKey)
    writer.optional(leftAtMs, (inner, ms) => inner.uint64(BigInt(ms)))
  }, undefined)
}

export function decodeTopic(bytes: Uint8Array): StoredTopic {
  return stored(
    (reader) => ({
      seed: reader.opaque(),
      controlKey: reader.opaque(),
      leftAtMs: reader.optional((inner) => Number(inner.uint64())),
    }),
    bytes,
  )
}
