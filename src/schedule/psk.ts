// How pre-shared keys enter the key schedule (RFC 9420 §8.4). Knows nothing of where the keys come from.

import { wipeBytes } from '../bytes.ts'
import { encode } from '../codec/writer.ts'
import { hkdfExtract } from '../crypto/hkdf.ts'
import { type CipherSuite, expandWithLabel } from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'
import { encodePreSharedKeyId, type PreSharedKeyId } from '../messages/pre-shared-key.ts'
import { zeroSecret } from './key-schedule.ts'

/** A pre-shared key under the identifier that the commit or Welcome gives it. */
export interface IdentifiedPsk {
  readonly id: PreSharedKeyId
  readonly secret: Secret
}

/**
 * `psk_secret`: all keys chained in the order of the commit or Welcome; zeros where there are none. RFC 9420 §8.4.
 * @returns Nh bytes
 * @throws CoterieError `ARGUMENT_INVALID` (caller) with more keys than a uint16 can count
 */
export function derivePskSecret(suite: CipherSuite, psks: readonly IdentifiedPsk[]): Secret {
  if (psks.length > 0xffff) fail('ARGUMENT_INVALID', `${psks.length} pre-shared keys are more than a commit can use`)
  const zero = zeroSecret(suite)
  let chained = zero
  for (const [index, { id, secret }] of psks.entries()) {
    const label = encode((writer) => {
      encodePreSharedKeyId(writer, id)
      writer.uint16(index)
      writer.uint16(psks.length)
    }, undefined)
    const extracted = hkdfExtract(suite.hash, zero.bytes, secret.bytes)
    const input = expandWithLabel(suite, extracted, 'derived psk', label, suite.hash.length)
    const next = new Secret(hkdfExtract(suite.hash, input, chained.bytes))
    if (chained !== zero) chained.wipe()
    wipeBytes(extracted)
    wipeBytes(input)
    chained = next
  }
  return chained
}
