// Byte-string operations that every layer shares. Knows nothing of MLS.

/** The empty byte string. */
export const EMPTY: Uint8Array = new Uint8Array(0)

/** Joins byte strings into a new one. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/**
 * Compares in time that depends on the lengths only. Lengths are compared first: a shorter tag never equals a longer
 * one that it begins.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}

/** Orders byte strings as unsigned, shorter first where one begins the other. For public values only: not constant-time. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** A copy in memory of its own. The `slice` of a Node.js `Buffer`, which is a `Uint8Array` too, would be a view. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

/** Encodes text as UTF-8. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** Reads UTF-8; what is none becomes U+FFFD. */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  // Two characters at once, and text made in one go: appending to a string takes three times as long.
  const text = new Uint16Array(bytes.length)
  for (let i = 0; i < bytes.length; i++) text[i] = HEX[bytes[i] as number] as number
  return decoder.decode(text)
}

/** Reads hexadecimal of either case; undefined when the text is not hexadecimal. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    const high = VALUES[text.charCodeAt(2 * i)] ?? NO_DIGIT
    const low = VALUES[text.charCodeAt(2 * i + 1)] ?? NO_DIGIT
    if (high === NO_DIGIT || low === NO_DIGIT) return undefined
    bytes[i] = (high << 4) | low
  }
  return bytes
}

/** Overwrites with zeros. */
export function wipeBytes(bytes: Uint8Array): void {
  bytes.fill(0)
}

function digitPairs(): Uint16Array {
  const codes = new Uint8Array(512)
  for (let at = 0; at < 512; at++) codes[at] = DIGITS.charCodeAt(at % 2 === 0 ? at >> 5 : (at >> 1) & 15)
  return new Uint16Array(codes.buffer)
}

function digitValues(): Uint8Array {
  const values = new Uint8Array(128).fill(NO_DIGIT)
  for (const digits of [DIGITS, DIGITS.toUpperCase()]) {
    for (let value = 0; value < 16; value++) values[digits.charCodeAt(value)] = value
  }
  return values
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const DIGITS = '0123456789abcdef'
const NO_DIGIT = 255
/** For each byte its two digits in ASCII, as they lie in memory. */
const HEX: Uint16Array = /* @__PURE__ */ digitPairs()
/** By ASCII. */
const VALUES: Uint8Array = /* @__PURE__ */ digitValues()
