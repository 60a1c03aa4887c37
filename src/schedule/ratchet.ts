// One sender's hash ratchet for one kind of content: a sequence of single-use keys and nonces (RFC 9420 §9.1, §9.2).
// Every operation returns a new ratchet and leaves the old one as it was.

import { wipeBytes } from '../bytes.ts'
import { type CipherSuite, deriveTreeSecret } from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'
import { addSkipped, findSkipped, keepNewestSkipped, removeSkipped, type SkippedKeys } from './skipped-keys.ts'

/** The key and nonce of one generation, to be used once. */
export interface RatchetKey {
  readonly generation: number
  /** Nk bytes. */
  readonly key: Uint8Array
  /** Nn bytes, before the reuse guard. */
  readonly nonce: Uint8Array
}

/** How far messages may come out of order. RFC 9420 §15.3. */
export interface SecretTreeLimits {
  /** The most generations that a message may be ahead of the next expected one. */
  readonly maxForward: number
  /** The most skipped keys that each ratchet keeps; the oldest go first. */
  readonly maxSkipped: number
}

/** Bounds the work that one message can cause to about 3,000 HMACs, and the memory to about 100 kB a ratchet. */
export const DEFAULT_SECRET_TREE_LIMITS: SecretTreeLimits = { maxForward: 1000, maxSkipped: 1000 }

export interface Ratchet {
  /** The generation to be used next, which `secret` belongs to; 2^32 when all have been used. */
  readonly generation: number
  /** Nh bytes; absent when all generations have been used. */
  readonly secret: Secret | undefined
  readonly skipped: SkippedKeys
}

/** A ratchet without the key that was taken from it. */
export interface RatchetStep {
  readonly ratchet: Ratchet
  readonly key: RatchetKey
}

/** As many generations as a uint32 can count. */
export const GENERATIONS = 0x1_0000_0000

export function startRatchet(secret: Secret): Ratchet {
  return { generation: 0, secret, skipped: undefined }
}

/**
 * Takes the key of the next generation.
 * @throws CoterieError `RATCHET_EXHAUSTED` (caller) when all have been used
 */
export function takeNext(suite: CipherSuite, ratchet: Ratchet): RatchetStep {
  const { generation, secret, skipped } = ratchet
  if (secret === undefined) return fail('RATCHET_EXHAUSTED', 'the sender has used all generations of this epoch')
  const key = deriveKey(suite, secret.bytes, generation)
  return { ratchet: { generation: generation + 1, secret: nextSecret(suite, secret, generation), skipped }, key }
}

/**
 * Takes the key of a generation, which `checkReach` has let pass; keeps the keys of those that it skips.
 * RFC 9420 §9.2: once taken, it is not in the ratchet any more, nor is the secret that it came from.
 */
export function takeGeneration(
  suite: CipherSuite,
  ratchet: Ratchet,
  generation: number,
  limits: SecretTreeLimits,
): RatchetStep {
  if (generation < ratchet.generation) return takeSkipped(suite, ratchet, generation)
  const forwarded = forward(suite, ratchet, generation, limits)
  const step = takeNext(suite, forwarded)
  if (forwarded !== ratchet) forwarded.secret?.wipe()
  return step
}

/**
 * Refuses generations that cannot be had, before anything is derived.
 * @param ratchet - undefined where it has not been started
 * @throws CoterieError `FRAMING_GENERATION_USED`, `FRAMING_GENERATION_TOO_FAR` (peer)
 */
export function checkReach(
  ratchet: Ratchet | undefined,
  leafIndex: number,
  generation: number,
  limits: SecretTreeLimits,
): void {
  const next = ratchet?.generation ?? 0
  if (generation < next) {
    if (findSkipped(ratchet?.skipped, generation) !== undefined) return
    fail('FRAMING_GENERATION_USED', `the key of generation ${generation} has been used or is no longer kept`, {
      details: { leafIndex, generation },
    })
  }
  if (generation - next > limits.maxForward) {
    fail('FRAMING_GENERATION_TOO_FAR', `generation ${generation} is more than ${limits.maxForward} ahead of ${next}`, {
      details: { leafIndex, generation },
    })
  }
}

function takeSkipped(suite: CipherSuite, ratchet: Ratchet, generation: number): RatchetStep {
  const found = findSkipped(ratchet.skipped, generation)
  if (found === undefined) return fail('INTERNAL_INVARIANT', 'a skipped key is taken that is not there')
  const { keyLength, nonceLength } = suite.aead
  const material = found.material.bytes
  return {
    ratchet: { ...ratchet, skipped: removeSkipped(ratchet.skipped, generation) },
    key: {
      generation,
      key: material.slice(0, keyLength),
      nonce: material.slice(keyLength, keyLength + nonceLength),
    },
  }
}

/** Moves to a generation and keeps the keys on the way, as far as the limit allows. */
function forward(suite: CipherSuite, from: Ratchet, generation: number, limits: SecretTreeLimits): Ratchet {
  if (generation === from.generation) return from
  const firstKept = generation - limits.maxSkipped
  let { secret, skipped } = from
  for (let at = from.generation; at < generation; at++) {
    if (secret === undefined) return fail('INTERNAL_INVARIANT', 'a ratchet moves beyond its last generation')
    if (at >= firstKept) {
      const { key, nonce } = deriveKey(suite, secret.bytes, at)
      const material = new Uint8Array(key.length + nonce.length)
      material.set(key)
      material.set(nonce, key.length)
      skipped = addSkipped(skipped, { generation: at, material: new Secret(material) })
      wipeBytes(key)
      wipeBytes(nonce)
    }
    const next = nextSecret(suite, secret, at)
    if (secret !== from.secret) secret.wipe()
    secret = next
  }
  return { generation, secret, skipped: keepNewestSkipped(skipped, limits.maxSkipped) }
}

function deriveKey(suite: CipherSuite, secret: Uint8Array, generation: number): RatchetKey {
  return {
    generation,
    key: deriveTreeSecret(suite, secret, 'key', generation, suite.aead.keyLength),
    nonce: deriveTreeSecret(suite, secret, 'nonce', generation, suite.aead.nonceLength),
  }
}

/** RFC 9420 §9.1: generations are uint32, so nothing follows the last one. */
function nextSecret(suite: CipherSuite, secret: Secret, generation: number): Secret | undefined {
  if (generation === GENERATIONS - 1) return undefined
  return new Secret(deriveTreeSecret(suite, secret.bytes, 'secret', generation, suite.hash.length))
}
