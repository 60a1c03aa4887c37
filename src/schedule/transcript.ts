// Transcript hashes and the tag that confirms them (RFC 9420 §8.1, §8.2).

import { encode, Writer } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import type { Secret } from '../crypto/secret.ts'
import type { WireFormat } from '../messages/code-points.ts'
import { encodeFramedContent, type FramedContent } from '../messages/framed-content.ts'

/** What a commit adds to the transcript before its confirmation tag is known. */
export interface SignedCommit {
  readonly wireFormat: WireFormat
  readonly content: FramedContent
  readonly signature: Uint8Array
}

/**
 * `confirmed_transcript_hash` of the epoch that a commit begins. RFC 9420 §8.2.
 * @param interim - interim transcript hash of the epoch in which the commit was sent; empty in epoch 0
 * @returns Nh bytes
 */
export function confirmedTranscriptHash(suite: CipherSuite, interim: Uint8Array, commit: SignedCommit): Uint8Array {
  const input = encode((writer) => {
    writer.fixed(interim)
    writer.uint16(commit.wireFormat)
    encodeFramedContent(writer, commit.content)
    writer.opaque(commit.signature)
  }, undefined)
  return suite.hash.digest(input)
}

/**
 * `interim_transcript_hash` of an epoch. RFC 9420 §8.2.
 * @param confirmed - confirmed transcript hash of the same epoch
 * @param tag - confirmation tag of the commit that began it, also found in its GroupInfo
 * @returns Nh bytes
 */
export function interimTranscriptHash(suite: CipherSuite, confirmed: Uint8Array, tag: Uint8Array): Uint8Array {
  const writer = new Writer(2 * suite.hash.length + 8)
  writer.fixed(confirmed)
  writer.opaque(tag)
  return suite.hash.digest(writer.finish())
}

/**
 * `confirmation_tag`: a MAC over the confirmed transcript hash. RFC 9420 §6.1.
 * Tags are compared by `equalBytes`, whose time does not depend on where they differ.
 * @returns Nh bytes
 */
export function confirmationTag(
  suite: CipherSuite,
  confirmationKey: Secret,
  confirmedTranscriptHash: Uint8Array,
): Uint8Array {
  return suite.hash.hmac(confirmationKey.bytes, confirmedTranscriptHash)
}
