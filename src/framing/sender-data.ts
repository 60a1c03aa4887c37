// Who sent a PrivateMessage and which key opens it, encrypted for the members (RFC 9420 §6.3.2).

import { Reader } from '../codec/reader.ts'
import { Writer } from '../codec/writer.ts'
import { type CipherSuite, expandWithLabel } from '../crypto/labels.ts'
import type { Secret } from '../crypto/secret.ts'
import type { PrivateMessage } from '../messages/framed-content.ts'

export interface SenderData {
  readonly leafIndex: number
  readonly generation: number
  /** `REUSE_GUARD_BYTES` bytes. */
  readonly reuseGuard: Uint8Array
}

/** What is in the clear and bound to the sender data. */
export type SenderDataContext = Pick<PrivateMessage, 'groupId' | 'epoch' | 'contentType'>

export const REUSE_GUARD_BYTES = 4

/**
 * `encrypted_sender_data`.
 * @param ciphertext - the encrypted content, of which the first Nh bytes go into the key
 */
export function sealSenderData(
  suite: CipherSuite,
  senderDataSecret: Secret,
  senderData: SenderData,
  context: SenderDataContext,
  ciphertext: Uint8Array,
): Uint8Array {
  const writer = new Writer(8 + REUSE_GUARD_BYTES)
  writer.uint32(senderData.leafIndex)
  writer.uint32(senderData.generation)
  writer.fixed(senderData.reuseGuard)
  const { key, nonce } = senderDataKey(suite, senderDataSecret, ciphertext)
  return suite.aead.seal(key, nonce, senderDataAad(context), writer.finish())
}

/** @throws CoterieError `CRYPTO_OPEN_FAILED`, `CODEC_*` (peer) */
export function openSenderData(
  suite: CipherSuite,
  senderDataSecret: Secret,
  encryptedSenderData: Uint8Array,
  context: SenderDataContext,
  ciphertext: Uint8Array,
): SenderData {
  const { key, nonce } = senderDataKey(suite, senderDataSecret, ciphertext)
  const reader = new Reader(suite.aead.open(key, nonce, senderDataAad(context), encryptedSenderData))
  const senderData = {
    leafIndex: reader.uint32(),
    generation: reader.uint32(),
    reuseGuard: reader.fixed(REUSE_GUARD_BYTES),
  }
  reader.finish()
  return senderData
}

/** The key and nonce for sender data, from a sample of the encrypted content. RFC 9420 §6.3.2. */
export function senderDataKey(
  suite: CipherSuite,
  senderDataSecret: Secret,
  ciphertext: Uint8Array,
): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  const sample = ciphertext.subarray(0, suite.hash.length)
  return {
    key: expandWithLabel(suite, senderDataSecret.bytes, 'key', sample, suite.aead.keyLength),
    nonce: expandWithLabel(suite, senderDataSecret.bytes, 'nonce', sample, suite.aead.nonceLength),
  }
}

/** `SenderDataAAD`. RFC 9420 §6.3.2. */
function senderDataAad(context: SenderDataContext): Uint8Array {
  const writer = new Writer(64)
  writer.opaque(context.groupId)
  writer.uint64(context.epoch)
  writer.uint8(context.contentType)
  return writer.finish()
}
