// Remembered keys: found again by their bytes, not found once those have changed or been wiped.
import { describe, expect, it } from 'vitest'
import { PrivateKeyCache, PublicKeyCache } from '../../../src/crypto/key-cache.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import { codeOf } from '../../support/errors.ts'

describe('public keys', () => {
  it('are found by the identity of their bytes', () => {
    const cache = new PublicKeyCache<string>()
    const bytes = Uint8Array.of(1, 2, 3)
    cache.set(bytes, 'key')
    expect(cache.get(bytes)).toBe('key')
    expect(cache.get(Uint8Array.of(1, 2, 3))).toBeUndefined()
  })

  it('are not found when the buffer holds other bytes, and again when it holds the first', () => {
    const cache = new PublicKeyCache<string>()
    const bytes = Uint8Array.of(1, 2, 3)
    cache.set(bytes, 'key')
    bytes[0] = 9
    expect(cache.get(bytes)).toBeUndefined()
    bytes[0] = 1
    expect(cache.get(bytes)).toBe('key')
  })

  it('are not confused by a Buffer, whose slices are views', () => {
    const cache = new PublicKeyCache<string>()
    const bytes = Buffer.from([1, 2, 3])
    cache.set(bytes, 'key')
    bytes[0] = 9
    expect(cache.get(bytes)).toBeUndefined()
  })
})

describe('private keys', () => {
  it('are found by their secret until it is wiped', () => {
    const cache = new PrivateKeyCache<string>()
    const secret = new Secret(Uint8Array.of(1, 2, 3))
    cache.set(secret, 'key')
    expect(cache.get(secret)).toBe('key')
    expect(cache.get(new Secret(Uint8Array.of(1, 2, 3)))).toBeUndefined()
    secret.wipe()
    expect(codeOf(() => cache.get(secret))).toBe('CRYPTO_SECRET_WIPED')
  })
})
