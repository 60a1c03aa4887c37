// The parts of a certificate that its signature does not cover (RFC 5280 §4.1.1), held to the one form that DER allows: the
// library that reads certificates is lenient there, and two certificates that differ must not both be the same one.

import { equalBytes } from '../bytes.ts'

interface Element {
  readonly tag: number
  /** Where the element, and where its content, begins and ends. */
  readonly at: number
  readonly start: number
  readonly end: number
}

/**
 * Whether the bytes are `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }` with nothing
 * around or between, the same algorithm inside and outside (RFC 5280 §4.1.1.2), and a signature in its strict form.
 */
export function hasStrictForm(der: Uint8Array): boolean {
  const certificate = readElement(der, 0)
  const signed = certificate && readElement(der, certificate.start)
  const algorithm = signed && readElement(der, signed.end)
  const signature = algorithm && readElement(der, algorithm.end)
  const inner = signed && signedAlgorithm(der, signed)
  if (certificate === undefined || signature === undefined || algorithm === undefined || inner === undefined)
    return false
  if (certificate.tag !== SEQUENCE || certificate.end !== der.length || signature.end !== der.length) return false
  if (!equalBytes(bytesOf(der, algorithm), bytesOf(der, inner))) return false
  // A whole number of octets.
  if (signature.tag !== BIT_STRING || der[signature.start] !== 0) return false
  const value = der.subarray(signature.start + 1, signature.end)
  return !isEcdsa(der.subarray(algorithm.start, algorithm.end)) || isTwoIntegers(value)
}

/** The `signature` field of a `TBSCertificate`, behind the version and the serial number. */
function signedAlgorithm(der: Uint8Array, signed: Element): Element | undefined {
  const first = readElement(der, signed.start)
  const serial = first?.tag === VERSION ? readElement(der, first.end) : first
  return serial && readElement(der, serial.end)
}

/** `ecdsa-with-…`: object identifiers below 1.2.840.10045.4 (RFC 5758 §3.2). */
function isEcdsa(algorithm: Uint8Array): boolean {
  return equalBytes(algorithm.subarray(2, 2 + ECDSA.length), ECDSA)
}

/** `ECDSA-Sig-Value`: two positive integers of minimal length. */
function isTwoIntegers(value: Uint8Array): boolean {
  const sequence = readElement(value, 0)
  const r = sequence && readElement(value, sequence.start)
  const s = r && readElement(value, r.end)
  if (sequence?.tag !== SEQUENCE || sequence.end !== value.length || s?.end !== value.length) return false
  return [r, s].every((integer) => integer !== undefined && isPositive(value, integer))
}

function isPositive(value: Uint8Array, { tag, start, end }: Element): boolean {
  const [first, second] = value.subarray(start, end)
  if (tag !== INTEGER || first === undefined || first >= 0x80) return false
  return first !== 0 || (second !== undefined && second >= 0x80)
}

/** The element at this place: one-octet tag, definite length of minimal form. X.690 §10.1. */
function readElement(der: Uint8Array, at: number): Element | undefined {
  const [tag, first] = der.subarray(at, at + 2)
  if (tag === undefined || first === undefined) return undefined
  const octets = first < 0x80 ? 0 : first - 0x80
  const start = at + 2 + octets
  if (first === 0x80 || octets > MAX_LENGTH_OCTETS || start > der.length) return undefined
  let length = first
  if (octets > 0) {
    length = 0
    for (const octet of der.subarray(at + 2, start)) length = 256 * length + octet
    if (length < 0x80 || length < 256 ** (octets - 1)) return undefined
  }
  const end = start + length
  return end > der.length ? undefined : { tag, at, start, end }
}

function bytesOf(der: Uint8Array, { at, end }: Element): Uint8Array {
  return der.subarray(at, end)
}

const SEQUENCE = 0x30
const INTEGER = 0x02
const BIT_STRING = 0x03
const VERSION = 0xa0
const MAX_LENGTH_OCTETS = 3
/** 1.2.840.10045.4, as the beginning of an OBJECT IDENTIFIER's content. */
const ECDSA = Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04)
