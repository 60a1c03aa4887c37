// What every adapter refuses to carry, in the same words.

import { fail } from '../errors.ts'
import { MAX_FRAME_BYTES, MAX_STREAM_MESSAGE_BYTES } from './transport.ts'

/** @throws CoterieError `TRANSPORT_FRAME_TOO_LARGE` (caller) */
export function checkFrameSize(frame: Uint8Array): void {
  if (frame.length > MAX_FRAME_BYTES) {
    fail('TRANSPORT_FRAME_TOO_LARGE', `a frame of ${frame.length} bytes; at most ${MAX_FRAME_BYTES} travel`)
  }
}

/** @throws CoterieError `TRANSPORT_FRAME_TOO_LARGE` (caller) */
export function checkMessageSize(message: Uint8Array): void {
  if (message.length > MAX_STREAM_MESSAGE_BYTES) {
    fail(
      'TRANSPORT_FRAME_TOO_LARGE',
      `a message of ${message.length} bytes; at most ${MAX_STREAM_MESSAGE_BYTES} travel on a stream`,
    )
  }
}

/** @throws CoterieError `ARGUMENT_INVALID` (caller) */
export function checkProtocolName(protocol: string): void {
  if (!/^[a-z0-9-]{1,32}$/.test(protocol)) {
    fail('ARGUMENT_INVALID', 'the name of a protocol has 1 to 32 characters of a-z, 0-9 and -')
  }
}
