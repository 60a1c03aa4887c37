// SHA-2 with HMAC by node:crypto.

import { hash } from 'node:crypto'
import type { HashPrimitive } from '../../contract.ts'
import { plainBytes } from './plain-bytes.ts'

/** Inputs up to this many bytes are put together in a buffer that is used again and again. */
const SCRATCH = 4096

export const nodeSha256: HashPrimitive = /* @__PURE__ */ sha2('sha256', 32, 64)

export const nodeSha384: HashPrimitive = /* @__PURE__ */ sha2('sha384', 48, 128)

export const nodeSha512: HashPrimitive = /* @__PURE__ */ sha2('sha512', 64, 128)

/**
 * HMAC is composed of two one-shot hashes (RFC 2104 §2): `createHmac` costs two to five times as much, because it
 * wants a key object or builds one.
 */
function sha2(algorithm: string, length: number, blockLength: number): HashPrimitive {
  const scratch = new Uint8Array(blockLength + SCRATCH)
  const outer = new Uint8Array(blockLength + length)

  function digest(data: Uint8Array): Uint8Array {
    return plainBytes(hash(algorithm, data, 'buffer'))
  }

  function hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
    const blockKey = key.length > blockLength ? hash(algorithm, key, 'buffer') : key
    const total = blockLength + data.length
    const inner = total <= scratch.length ? scratch.subarray(0, total) : new Uint8Array(total)
    inner.fill(0x36, 0, blockLength)
    outer.fill(0x5c, 0, blockLength)
    for (let i = 0; i < blockKey.length; i++) {
      const byte = blockKey[i] as number
      inner[i] = byte ^ 0x36
      outer[i] = byte ^ 0x5c
    }
    inner.set(data, blockLength)
    outer.set(hash(algorithm, inner, 'buffer'), blockLength)
    const tag = digest(outer)
    inner.fill(0)
    outer.fill(0)
    return tag
  }

  return { length, digest, hmac }
}
