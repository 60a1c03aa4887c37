// A persistent map from generation to the key material that was skipped (RFC 9420 §9.2): a radix tree over uint32 whose
// shape depends on its keys alone, so that two versions are compared without walking what they share.

import type { Secret } from '../crypto/secret.ts'

/** Key material of one generation that has not been used. */
export interface SkippedKey {
  readonly generation: number
  /** Nk bytes of key, then Nn bytes of nonce. */
  readonly material: Secret
}

/** Generations that agree in all bits above `bit`; `low` has a 0 in that place, `high` a 1. */
interface Fork {
  /** From 0, the least significant. */
  readonly bit: number
  readonly size: number
  readonly lowest: number
  readonly low: SkippedKey | Fork
  readonly high: SkippedKey | Fork
}

/** Undefined when empty. */
export type SkippedKeys = SkippedKey | Fork | undefined

export function countSkipped(keys: SkippedKeys): number {
  if (keys === undefined) return 0
  return isFork(keys) ? keys.size : 1
}

export function findSkipped(keys: SkippedKeys, generation: number): SkippedKey | undefined {
  let node = keys
  while (node !== undefined && isFork(node)) node = hasBit(generation, node.bit) ? node.high : node.low
  return node?.generation === generation ? node : undefined
}

/** The map with one key more, or with this one in the place of another of its generation. */
export function addSkipped(keys: SkippedKeys, key: SkippedKey): SkippedKey | Fork {
  if (keys === undefined) return key
  const { generation } = key
  const differing = highestDifferingBit(lowestOf(keys), generation)
  if (isFork(keys) && differing <= keys.bit) {
    return hasBit(generation, keys.bit)
      ? fork(keys.bit, keys.low, addSkipped(keys.high, key))
      : fork(keys.bit, addSkipped(keys.low, key), keys.high)
  }
  if (differing < 0) return key
  return hasBit(generation, differing) ? fork(differing, keys, key) : fork(differing, key, keys)
}

/** The map without this generation; the same map where it has none. */
export function removeSkipped(keys: SkippedKeys, generation: number): SkippedKeys {
  if (keys === undefined) return undefined
  if (!isFork(keys)) return keys.generation === generation ? undefined : keys
  if (hasBit(generation, keys.bit)) {
    const high = removeSkipped(keys.high, generation)
    if (high === keys.high) return keys
    return high === undefined ? keys.low : fork(keys.bit, keys.low, high)
  }
  const low = removeSkipped(keys.low, generation)
  if (low === keys.low) return keys
  return low === undefined ? keys.high : fork(keys.bit, low, keys.high)
}

/** The map without its oldest keys: those of the lowest generations. */
export function keepNewestSkipped(keys: SkippedKeys, limit: number): SkippedKeys {
  const size = countSkipped(keys)
  if (size <= limit) return keys
  if (keys === undefined || limit <= 0) return undefined
  if (!isFork(keys)) return keys
  const inHigh = countSkipped(keys.high)
  if (limit <= inHigh) return keepNewestSkipped(keys.high, limit)
  const low = keepNewestSkipped(keys.low, limit - inHigh)
  return low === undefined ? keys.high : fork(keys.bit, low, keys.high)
}

/** All keys in increasing order of their generations. */
export function* eachSkipped(keys: SkippedKeys): Generator<SkippedKey> {
  if (keys === undefined) return
  if (isFork(keys)) {
    yield* eachSkipped(keys.low)
    yield* eachSkipped(keys.high)
  } else yield keys
}

/** Tells what `now` has and `before` has not, and the reverse, without walking what both share. */
export function compareSkipped(
  now: SkippedKeys,
  before: SkippedKeys,
  added: (key: SkippedKey) => void,
  removed: (generation: number) => void,
): void {
  if (now === before) return
  if (now === undefined) {
    for (const key of eachSkipped(before)) removed(key.generation)
    return
  }
  if (before === undefined) {
    for (const key of eachSkipped(now)) added(key)
    return
  }
  const nowBit = isFork(now) ? now.bit : -1
  const beforeBit = isFork(before) ? before.bit : -1
  const differing = highestDifferingBit(lowestOf(now), lowestOf(before))
  if (differing > Math.max(nowBit, beforeBit)) {
    compareSkipped(now, undefined, added, removed)
    compareSkipped(undefined, before, added, removed)
  } else if (!isFork(now) && !isFork(before)) {
    added(now)
  } else {
    const bit = Math.max(nowBit, beforeBit)
    compareSkipped(half(now, bit, 'low'), half(before, bit, 'low'), added, removed)
    compareSkipped(half(now, bit, 'high'), half(before, bit, 'high'), added, removed)
  }
}

/** The part of a map whose generations have a 0 (`low`) or a 1 in this place, where all agree above it. */
function half(keys: SkippedKey | Fork, bit: number, side: 'low' | 'high'): SkippedKeys {
  if (isFork(keys) && keys.bit === bit) return keys[side]
  return hasBit(lowestOf(keys), bit) === (side === 'high') ? keys : undefined
}

function fork(bit: number, low: SkippedKey | Fork, high: SkippedKey | Fork): Fork {
  return { bit, size: countSkipped(low) + countSkipped(high), lowest: lowestOf(low), low, high }
}

function isFork(keys: SkippedKey | Fork): keys is Fork {
  return 'bit' in keys
}

function lowestOf(keys: SkippedKey | Fork): number {
  return isFork(keys) ? keys.lowest : keys.generation
}

function hasBit(generation: number, bit: number): boolean {
  return ((generation >>> bit) & 1) === 1
}

/** -1 where nothing differs. */
function highestDifferingBit(a: number, b: number): number {
  return 31 - Math.clz32(a ^ b)
}
