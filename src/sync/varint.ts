// Numbers as the negentropy protocol writes them, which is not how the rest of the library does.

import type { Reader } from '../codec/reader.ts'
import type { Writer } from '../codec/writer.ts'
import { fail } from '../errors.ts'

/** Seven bits a byte, the highest first; all but the last have their top bit set. @returns how many bytes */
export function writeVarint(writer: Writer, value: number): number {
  const digits = [value % 128]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift(128 + (rest % 128))
  for (const digit of digits) writer.uint8(digit)
  return digits.length
}

/** @throws CoterieError `SYNC_MALFORMED`, `CODEC_TRUNCATED` (peer) */
export function readVarint(reader: Reader): number {
  let value = 0
  for (let i = 0; i < MAX_VARINT_BYTES; i++) {
    const byte = reader.uint8()
    value = value * 128 + (byte & 0x7f)
    if (byte < 128) return value
  }
  return fail('SYNC_MALFORMED', 'a number of more than 49 bits')
}

const MAX_VARINT_BYTES = 7
