// How many zero bytes to add to what is encrypted, so that its length says less (RFC 9420 §6.3.1, §15.1).

import { fail } from '../errors.ts'

/**
 * Says how many padding bytes follow a content of this length.
 * The length is that of the content with its signature, before encryption, in bytes.
 */
export type PaddingPolicy = (unpaddedLength: number) => number

/** Adds nothing: every length shows. */
export const noPadding: PaddingPolicy = () => 0

/**
 * Pads to a multiple of `blockBytes`.
 * @throws CoterieError `ARGUMENT_INVALID` (caller) where that is not a positive integer
 */
export function padToMultiple(blockBytes: number): PaddingPolicy {
  if (!Number.isInteger(blockBytes) || blockBytes < 1) {
    fail('ARGUMENT_INVALID', `the block of a padding is a positive number of bytes, not ${blockBytes}`)
  }
  return (length) => (blockBytes - (length % blockBytes)) % blockBytes
}

/**
 * PADMÉ (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019): rounds the
 * length up to a floating-point number with a mantissa no longer than its exponent. A length of n bytes shows
 * O(log log n) bits instead of O(log n), at a cost of at most 12 %, which shrinks as n grows.
 */
export const padme: PaddingPolicy = (length) => {
  if (length < 2) return 0
  const exponent = Math.floor(Math.log2(length))
  const mantissaBits = Math.floor(Math.log2(exponent)) + 1
  const block = 2 ** Math.max(0, exponent - mantissaBits)
  return (block - (length % block)) % block
}
