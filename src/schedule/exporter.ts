// Exports secrets for use outside of MLS (RFC 9420 §8.5).

import { type CipherSuite, deriveSecret, expandWithLabel } from '../crypto/labels.ts'
import type { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'

/**
 * `MLS-Exporter`. RFC 9420 §8.5.
 * @param label - unique to its purpose
 * @param length - bytes to export, from 1 to 255·Nh
 * @throws CoterieError `ARGUMENT_INVALID` (caller) for any other length
 */
export function mlsExporter(
  suite: CipherSuite,
  exporterSecret: Secret,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  // RFC 5869 §2.3: HKDF yields at most 255 blocks.
  const longest = 255 * suite.hash.length
  if (!Number.isInteger(length) || length < 1 || length > longest) {
    fail('ARGUMENT_INVALID', `an export has from 1 to ${longest} bytes, not ${length}`)
  }
  const derived = deriveSecret(suite, exporterSecret, label)
  const exported = expandWithLabel(suite, derived.bytes, 'exported', suite.hash.digest(context), length)
  derived.wipe()
  return exported
}
