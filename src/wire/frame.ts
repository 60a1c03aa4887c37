// Frames: what travels on a topic (spec/frame.md). Whoever does not hold the key learns from it a coarse time and a length
// class; whoever does not hold the topic's key cannot make one that is passed on.

import { concat, equalBytes, utf8 } from '../bytes.ts'
import { Reader } from '../codec/reader.ts'
import { Writer } from '../codec/writer.ts'
import { hkdfExpand } from '../crypto/hkdf.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import type { Secret } from '../crypto/secret.ts'
import { CoterieError, fail } from '../errors.ts'
import { padme } from '../framing/padding.ts'
import { type TopicKeys, topicPublicKey } from './topic.ts'

/** A frame whose outer form has been checked. */
export interface Frame {
  /** The public key of the topic that it came on. */
  readonly topicKey: Uint8Array
  readonly bytes: Uint8Array
  /** SHA-256 of the whole frame, 32 bytes. */
  readonly id: Uint8Array
  /** Minutes since the Unix epoch, as the sender's clock says, rounded down to ten. */
  readonly coarseMinutes: number
  readonly keyTag: Uint8Array
  readonly salt: Uint8Array
  readonly ciphertext: Uint8Array
}

/**
 * Encrypts a payload and signs the frame. One of more than `MAX_FRAME_BYTES` does not travel on its topic: a pointer does,
 * and who reads that fetches the frame.
 * @param key - 32 bytes or more, known to those who are to read it
 * @throws CoterieError `TRANSPORT_FRAME_TOO_LARGE` (caller)
 */
export async function sealFrame(
  suite: CipherSuite,
  topic: TopicKeys,
  key: Secret,
  payload: Uint8Array,
  nowMs: number,
): Promise<Uint8Array> {
  const salt = suite.randomBytes(SALT_BYTES)
  const header = new Writer(64)
  header.uint8(VERSION)
  header.uint32(coarse(nowMs))
  header.fixed(keyTagFor(suite, key, salt))
  header.fixed(salt)
  const headerBytes = header.finish()
  const { aeadKey, nonce } = aeadFor(suite, key, salt)
  const plaintext = padded(payload)
  const length = headerBytes.length + plaintext.length + AEAD_TAG_BYTES + SIGNATURE_BYTES
  if (length > MAX_LARGE_FRAME_BYTES) {
    fail('TRANSPORT_FRAME_TOO_LARGE', `a frame of ${length} bytes; at most ${MAX_LARGE_FRAME_BYTES} travel`)
  }
  const ciphertext = suite.aead.seal(aeadKey, nonce, concat(topic.keyPair.publicKey, headerBytes), plaintext)
  const unsigned = concat(headerBytes, ciphertext)
  const signature = await suite.signature.sign(topic.keyPair.privateKey, toBeSigned(topic.keyPair.publicKey, unsigned))
  return concat(unsigned, signature)
}

/**
 * Checks a frame's form and signature: all that those without a key can do.
 * @param topic - the name of the topic that it came on
 * @throws CoterieError `FRAME_MALFORMED`, `FRAME_SIGNATURE` (peer)
 */
export async function readFrame(suite: CipherSuite, topic: string, bytes: Uint8Array): Promise<Frame> {
  const frame = parseFrame(suite, topic, bytes)
  const publicKey = frame.topicKey
  const signatureAt = frame.bytes.length - SIGNATURE_BYTES
  const signed = toBeSigned(publicKey, frame.bytes.subarray(0, signatureAt))
  try {
    await suite.signature.verify(publicKey, signed, frame.bytes.subarray(signatureAt))
  } catch (cause) {
    return fail('FRAME_SIGNATURE', "a frame without the topic's signature", { cause })
  }
  return frame
}

/**
 * Takes a frame apart without verifying its signature: for one's own.
 * @param topic - the name of the topic that it is for
 * @throws CoterieError `FRAME_MALFORMED` (peer)
 */
export function parseFrame(suite: CipherSuite, topic: string, bytes: Uint8Array): Frame {
  const topicKey = topicPublicKey(topic)
  if (topicKey === undefined) fail('FRAME_MALFORMED', 'a frame on something that is not a topic')
  if (bytes.length > MAX_LARGE_FRAME_BYTES) fail('FRAME_MALFORMED', `a frame of ${bytes.length} bytes`)
  if (bytes.length < HEADER_BYTES + SIGNATURE_BYTES) fail('FRAME_MALFORMED', 'a frame that is too short')
  const own = bytes.slice()
  try {
    const reader = new Reader(own.subarray(0, own.length - SIGNATURE_BYTES))
    const version = reader.uint8()
    if (version !== VERSION) fail('FRAME_MALFORMED', `unknown version ${version} of a frame`)
    return {
      topicKey,
      bytes: own,
      id: frameId(suite, own),
      coarseMinutes: reader.uint32(),
      keyTag: reader.fixed(TAG_BYTES),
      salt: reader.fixed(SALT_BYTES),
      ciphertext: reader.rest(),
    }
  } catch (cause) {
    if (!CoterieError.is(cause) || cause.code === 'FRAME_MALFORMED') throw cause
    return fail('FRAME_MALFORMED', 'a frame that cannot be parsed', { cause })
  }
}

/** Whether a frame was made with this key, as far as its tag tells. */
export function isForKey(suite: CipherSuite, frame: Frame, key: Secret): boolean {
  return equalBytes(frame.keyTag, keyTagFor(suite, key, frame.salt))
}

/**
 * Decrypts a frame.
 * @throws CoterieError `FRAME_UNREADABLE` (peer), for whatever reason
 */
export function openFrame(suite: CipherSuite, key: Secret, frame: Frame): Uint8Array {
  const { aeadKey, nonce } = aeadFor(suite, key, frame.salt)
  const aad = concat(frame.topicKey, frame.bytes.subarray(0, HEADER_BYTES))
  try {
    return unpadded(suite.aead.open(aeadKey, nonce, aad, frame.ciphertext))
  } catch {
    return fail('FRAME_UNREADABLE', 'a frame that cannot be read')
  }
}

/** A frame's name: what pointers, stores and reconciliation know it by. */
function frameId(suite: CipherSuite, bytes: Uint8Array): Uint8Array {
  return suite.hash.digest(bytes)
}

function coarse(nowMs: number): number {
  return Math.floor(nowMs / COARSE_MS) * (COARSE_MS / 60_000)
}

/** A fresh tag in every frame, so that frames under one key cannot be told from others. */
function keyTagFor(suite: CipherSuite, key: Secret, salt: Uint8Array): Uint8Array {
  return hkdfExpand(suite.hash, key.bytes, concat(TAG_LABEL, salt), TAG_BYTES)
}

/** A key and nonce for this frame alone. */
function aeadFor(suite: CipherSuite, key: Secret, salt: Uint8Array): { aeadKey: Uint8Array; nonce: Uint8Array } {
  const { keyLength, nonceLength } = suite.aead
  const both = hkdfExpand(suite.hash, key.bytes, concat(KEY_LABEL, salt), keyLength + nonceLength)
  return { aeadKey: both.slice(0, keyLength), nonce: both.slice(keyLength) }
}

function toBeSigned(topicKey: Uint8Array, unsigned: Uint8Array): Uint8Array {
  return concat(SIGNATURE_LABEL, topicKey, unsigned)
}

/** The payload, a one, and zeros: the length shows no more than its PADMÉ class, and short ones are all alike. */
function padded(payload: Uint8Array): Uint8Array {
  const length = Math.max(payload.length + 1, SMALLEST_BYTES)
  const result = new Uint8Array(length + padme(length))
  result.set(payload)
  result[payload.length] = 1
  return result
}

function unpadded(plaintext: Uint8Array): Uint8Array {
  let end = plaintext.length - 1
  while (end >= 0 && plaintext[end] === 0) end--
  if (plaintext[end] !== 1) fail('FRAME_UNREADABLE', 'a frame without padding')
  return plaintext.slice(0, end)
}

/** The largest frame that travels on a topic, in bytes: what every transport carries. */
export const MAX_FRAME_BYTES = 262_144

/** The largest frame at all, in bytes: beyond `MAX_FRAME_BYTES` they are fetched over direct streams. */
export const MAX_LARGE_FRAME_BYTES = 16_777_216

const VERSION = 1
const TAG_BYTES = 8
const SALT_BYTES = 16
const HEADER_BYTES: number = 1 + 4 + TAG_BYTES + SALT_BYTES
const SIGNATURE_BYTES = 64
const AEAD_TAG_BYTES = 16
const SMALLEST_BYTES = 256
const COARSE_MS = 600_000
const SIGNATURE_LABEL = /* @__PURE__ */ utf8('coterie frame 1')
const TAG_LABEL = /* @__PURE__ */ utf8('coterie frame tag 1')
const KEY_LABEL = /* @__PURE__ */ utf8('coterie frame key 1')
