// ECDSA signatures as DER (RFC 9420 §5.1.2, RFC 3279 §2.2.3), strictly, so that every provider accepts the same ones.

import { bigEndian, type NistCurve } from './nist-curves.ts'

const SEQUENCE = 0x30
const INTEGER = 0x02

/**
 * Reads `ECDSA-Sig-Value`: minimal lengths and integers, no trailing bytes, r and s in [1, n−1].
 * @returns r || s, each as long as a scalar; undefined when the bytes are anything else
 */
export function derToRawSignature(curve: NistCurve, der: Uint8Array): Uint8Array | undefined {
  const body = readElement(der, 0, SEQUENCE)
  if (body === undefined || body.end !== der.length) return undefined
  const r = readElement(der, body.start, INTEGER)
  if (r === undefined) return undefined
  const s = readElement(der, r.end, INTEGER)
  if (s === undefined || s.end !== der.length) return undefined
  const raw = new Uint8Array(2 * curve.size)
  for (const [index, { start, end }] of [r, s].entries()) {
    const scalar = positiveInteger(curve, der.subarray(start, end))
    if (scalar === undefined) return undefined
    raw.set(scalar, (index + 1) * curve.size - scalar.length)
  }
  return raw
}

/** Writes `ECDSA-Sig-Value` from r || s. */
export function rawToDerSignature(curve: NistCurve, raw: Uint8Array): Uint8Array {
  const r = derInteger(raw.subarray(0, curve.size))
  const s = derInteger(raw.subarray(curve.size))
  const length = r.length + s.length
  const header = length < 0x80 ? [SEQUENCE, length] : [SEQUENCE, 0x81, length]
  return Uint8Array.from([...header, ...r, ...s])
}

interface Element {
  readonly start: number
  readonly end: number
}

/** The extent of a tag's content; lengths in the shortest form, below 256 since no signature of these curves is longer. */
function readElement(der: Uint8Array, at: number, tag: number): Element | undefined {
  if (der[at] !== tag) return undefined
  const first = der[at + 1]
  if (first === undefined) return undefined
  if (first < 0x80) return within(der, at + 2, first)
  const second = der[at + 2]
  if (first !== 0x81 || second === undefined || second < 0x80) return undefined
  return within(der, at + 3, second)
}

function within(der: Uint8Array, start: number, length: number): Element | undefined {
  return start + length <= der.length ? { start, end: start + length } : undefined
}

/** An INTEGER's content without its sign byte, when it is minimal and in [1, n−1]. */
function positiveInteger(curve: NistCurve, content: Uint8Array): Uint8Array | undefined {
  const first = content[0]
  if (first === undefined || first >= 0x80) return undefined
  const second = content[1]
  if (first === 0 && (second === undefined || second < 0x80)) return undefined
  const magnitude = first === 0 ? content.subarray(1) : content
  if (magnitude.length > curve.size || bigEndian(magnitude) >= curve.n) return undefined
  return magnitude
}

function derInteger(scalar: Uint8Array): number[] {
  let start = 0
  while (start < scalar.length - 1 && scalar[start] === 0) start++
  const magnitude = [...scalar.subarray(start)]
  if ((magnitude[0] as number) >= 0x80) magnitude.unshift(0)
  return [INTEGER, magnitude.length, ...magnitude]
}
