// A checksum on each stored record that covers its name too, so that a state is never restored from records that were
// damaged, cut short or exchanged. It is no authenticator: keeping others from writing is the store's part.

import { concat, equalBytes, utf8 } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'

/** The record to store for a value. */
export function withChecksum(suite: CipherSuite, name: string, value: Uint8Array): Uint8Array {
  return concat(value, checksum(suite, name, value))
}

/**
 * The value in a stored record.
 * @throws CoterieError `SNAPSHOT_INVALID` (environment)
 */
export function withoutChecksum(suite: CipherSuite, name: string, record: Uint8Array): Uint8Array {
  const end = Math.max(0, record.length - CHECKSUM_BYTES)
  const value = record.subarray(0, end)
  if (!equalBytes(record.subarray(end), checksum(suite, name, value))) {
    fail('SNAPSHOT_INVALID', 'a stored record is damaged')
  }
  return value
}

function checksum(suite: CipherSuite, name: string, value: Uint8Array): Uint8Array {
  return suite.hash.digest(concat(utf8(name), SEPARATOR, value)).subarray(0, CHECKSUM_BYTES)
}

const CHECKSUM_BYTES = 8
const SEPARATOR = new Uint8Array(1)
