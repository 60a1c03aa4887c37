// What a group's frames contain (spec/frame.md).

import { concat } from '../bytes.ts'
import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import { CoterieError, fail } from '../errors.ts'

export const PayloadKind = {
  commit: 1,
  message: 2,
  vote: 3,
  reentry: 4,
  pointer: 5,
  leave: 6,
  mail: 7,
  removal: 8,
} as const
export type PayloadKind = (typeof PayloadKind)[keyof typeof PayloadKind]

export function encodePayload(kind: PayloadKind, body: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(kind), body)
}

/** @throws CoterieError `FRAME_MALFORMED` (peer) */
export function decodePayload(payload: Uint8Array): { readonly kind: PayloadKind; readonly body: Uint8Array } {
  const [first] = payload
  for (const kind of Object.values(PayloadKind)) if (kind === first) return { kind, body: payload.slice(1) }
  return fail('FRAME_MALFORMED', 'a frame with an unknown kind of payload')
}

/** Where a frame is found that is too large for a topic. */
export interface FramePointer {
  /** The frame's id, 32 bytes. */
  readonly id: Uint8Array
  /** Its length in bytes. */
  readonly length: number
}

export function encodePointer({ id, length }: FramePointer): Uint8Array {
  return encode((writer) => {
    writer.fixed(id)
    writer.uint32(length)
  }, undefined)
}

/** @throws CoterieError `FRAME_MALFORMED` (peer) */
export function decodePointer(body: Uint8Array): FramePointer {
  try {
    return decode((reader) => ({ id: reader.fixed(FRAME_ID_BYTES), length: reader.uint32() }), body)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('FRAME_MALFORMED', 'a pointer to a frame that cannot be read', { cause })
  }
}

const FRAME_ID_BYTES = 32
