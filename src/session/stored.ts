// Reading back what a session has written.

import { fromUtf8 } from '../bytes.ts'
import { decode, type Reader } from '../codec/reader.ts'
import { CoterieError, fail } from '../errors.ts'

/** @throws CoterieError `STORE_CORRUPT` (environment) */
export function stored<T>(decoder: (reader: Reader) => T, bytes: Uint8Array): T {
  try {
    return decode(decoder, bytes)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('STORE_CORRUPT', "a record of a group's session cannot be read", { cause })
  }
}

export function storedText(reader: Reader): string {
  return fromUtf8(reader.opaque())
}
