// What an MLS application message of a group contains (spec/message.md): messages, one or several or none, and what its sender
// has received of others. Acknowledgements are not part of the message: they differ where it is encrypted again.

import { type Decoder, decode } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import { CoterieError, fail } from '../errors.ts'

/** From `first` to `last`, both inclusive. */
interface AcknowledgedRange {
  readonly first: bigint
  readonly last: bigint
}

/** Which messages of a member's device have been received. */
export interface Acknowledgement {
  /** The member's leaf in the epoch of the message that carries this. */
  readonly leafIndex: number
  readonly ranges: readonly AcknowledgedRange[]
}

export interface ApplicationData {
  /** Each an encoded `MessageContent`: a new one by itself, older ones together that are sent again. */
  readonly messages: readonly Uint8Array[]
  readonly acknowledgements: readonly Acknowledgement[]
}

export function encodeApplicationData(data: ApplicationData): Uint8Array {
  return encode(encodeData, data)
}

/** @throws CoterieError `MESSAGE_MALFORMED` (peer) */
export function decodeApplicationData(bytes: Uint8Array): ApplicationData {
  try {
    return decode(decodeData, bytes)
  } catch (cause) {
    if (!CoterieError.is(cause) || cause.code === 'MESSAGE_MALFORMED') throw cause
    return fail('MESSAGE_MALFORMED', 'application data that cannot be read', { cause })
  }
}

const encodeData: Encoder<ApplicationData> = (writer, { messages, acknowledgements }) => {
  writer.uint8(VERSION)
  writer.vector(messages, (inner, bytes) => inner.opaque(bytes))
  writer.vector(acknowledgements, (inner, { leafIndex, ranges }) => {
    inner.uint32(leafIndex)
    inner.vector(ranges, (deepest, { first, last }) => {
      deepest.uint64(first)
      deepest.uint64(last)
    })
  })
}

const decodeData: Decoder<ApplicationData> = (reader) => {
  const version = reader.uint8()
  if (version !== VERSION) fail('MESSAGE_MALFORMED', `unknown version ${version} of application data`)
  return {
    messages: reader.vector((inner) => inner.opaque()),
    acknowledgements: reader.vector((inner) => ({
      leafIndex: inner.uint32(),
      ranges: ascending(inner.vector((deepest) => ({ first: deepest.uint64(), last: deepest.uint64() }))),
    })),
  }
}

function ascending(ranges: AcknowledgedRange[]): AcknowledgedRange[] {
  ranges.forEach(({ first, last }, at) => {
    const before = ranges[at - 1]
    if (last < first || (before !== undefined && first <= before.last)) {
      fail('MESSAGE_MALFORMED', 'acknowledged messages that do not ascend')
    }
  })
  return ranges
}

const VERSION = 1
