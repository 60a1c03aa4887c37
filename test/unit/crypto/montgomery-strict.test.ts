// X25519 and X448 public keys of small order are told from all others (RFC 7748 §6, RFC 9180 §7.1.4).
import { x448 } from '@noble/curves/ed448.js'
import { x25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { hasSmallOrder } from '../../../src/crypto/montgomery-strict.ts'
import { nobleProvider } from '../../../src/crypto/providers/noble/provider.ts'

function littleEndian(value: bigint, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
}

/** Whether the curve itself gives zeros, or refuses to give them. */
function givesZeros(sharedSecret: () => Uint8Array): boolean {
  try {
    return sharedSecret().every((byte) => byte === 0)
  } catch {
    return true
  }
}

const p25519 = 2n ** 255n - 19n
const p448 = 2n ** 448n - 2n ** 224n - 1n
const orderEight = [
  0x00b8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0n,
  0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5fn,
]

describe('a public key', () => {
  const around25519 = [
    0n,
    1n,
    2n,
    9n,
    ...[-2n, -1n, 0n, 1n, 2n].map((by) => p25519 + by),
    2n ** 255n - 1n,
    ...orderEight,
  ]
  const around448 = [0n, 1n, 2n, 5n, ...[-2n, -1n, 0n, 1n, 2n].map((by) => p448 + by), 2n ** 448n - 1n]

  it.each(around25519)('of X25519 is of small order where the result is zero, with either top bit: %i', (u) => {
    const privateKey = x25519.utils.randomSecretKey()
    for (const top of [0n, 2n ** 255n]) {
      const publicKey = littleEndian(u + top, 32)
      expect(hasSmallOrder(publicKey)).toBe(givesZeros(() => x25519.getSharedSecret(privateKey, publicKey)))
    }
  })

  it.each(around448)('of X448 is of small order where the result is zero: %i', (u) => {
    const privateKey = x448.utils.randomSecretKey()
    const publicKey = littleEndian(u, 56)
    expect(hasSmallOrder(publicKey)).toBe(givesZeros(() => x448.getSharedSecret(privateKey, publicKey)))
  })

  it('of small order is not valid for a KEM', () => {
    for (const [id, size] of [
      [1, 32],
      [4, 56],
    ] as const) {
      const kem = nobleProvider.suite(id)?.kem
      expect(kem?.validatePublicKey(new Uint8Array(size))).toBe(false)
      expect(kem?.validatePublicKey(littleEndian(9n, size))).toBe(true)
    }
  })
})
