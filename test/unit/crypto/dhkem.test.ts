// DHKEM over curves of the test's own: what it does with zeros, with throwing curves, and with scalars out of range.
import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../../src/bytes.ts'
import type { KeyPair } from '../../../src/crypto/contract.ts'
import { type DhPrimitive, dhKem } from '../../../src/crypto/dhkem.ts'
import { kemSuiteId, labeledExpand, labeledExtract } from '../../../src/crypto/hkdf.ts'
import { bigEndian, type NistCurve, P256 } from '../../../src/crypto/nist-curves.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import { suite1 } from '../../../src/crypto-noble.ts'
import { rejectionCode } from '../../support/errors.ts'

const { hash } = suite1
const KEM_ID = 0xfffe

/** A curve whose every result is given. */
function curveWith(dh: () => Uint8Array, nist?: NistCurve): DhPrimitive {
  const pairOf = (privateKey: Uint8Array): KeyPair => ({
    publicKey: utf8('public'),
    privateKey: new Secret(privateKey),
  })
  return {
    ...(nist && { nist }),
    publicKeyLength: 6,
    privateKeyLength: 32,
    generateKeyPair: () => pairOf(new Uint8Array(32).fill(1)),
    keyPairOf: pairOf,
    validatePublicKey: (publicKey) => publicKey.length === 6,
    dh,
  }
}

describe('Diffie-Hellman results (RFC 9180 §7.1.4)', () => {
  const own = { publicKey: utf8('public'), privateKey: new Secret(new Uint8Array(32)) }

  it('all zeros are refused, one bit elsewhere is enough to be taken', async () => {
    const zero = dhKem(
      KEM_ID,
      curveWith(() => new Uint8Array(32)),
      hash,
    )
    expect(await rejectionCode(zero.encap(utf8('a key!')))).toBe('CRYPTO_BAD_KEY')
    expect(await rejectionCode(zero.decap(utf8('a key!'), own))).toBe('CRYPTO_OPEN_FAILED')
    for (const index of [0, 15, 31]) {
      const almost = dhKem(
        KEM_ID,
        curveWith(() => new Uint8Array(32).fill(0x80, index, index + 1)),
        hash,
      )
      expect((await almost.encap(utf8('a key!'))).sharedSecret.length).toBe(32)
    }
  })

  it('zero is a coordinate like any other on a NIST curve', async () => {
    const kem = dhKem(
      KEM_ID,
      curveWith(() => new Uint8Array(32), P256),
      hash,
    )
    expect((await kem.encap(utf8('a key!'))).sharedSecret.length).toBe(32)
  })

  it('whatever a curve throws means that the key is bad', async () => {
    const kem = dhKem(
      KEM_ID,
      curveWith(() => {
        throw new RangeError('off the curve')
      }),
      hash,
    )
    expect(await rejectionCode(kem.encap(utf8('a key!')))).toBe('CRYPTO_BAD_KEY')
    expect(await rejectionCode(kem.decap(utf8('a key!'), own))).toBe('CRYPTO_OPEN_FAILED')
  })

  it('the ephemeral private key and the shared value are wiped', async () => {
    const ephemeral = new Uint8Array(32).fill(1)
    const shared = new Uint8Array(32).fill(2)
    const curve = curveWith(() => shared)
    const kem = dhKem(
      KEM_ID,
      { ...curve, generateKeyPair: () => ({ publicKey: utf8('public'), privateKey: new Secret(ephemeral) }) },
      hash,
    )
    await kem.encap(utf8('a key!'))
    expect(ephemeral).toEqual(new Uint8Array(32))
    expect(shared).toEqual(new Uint8Array(32))
  })
})

describe('DeriveKeyPair on a NIST curve (RFC 9180 §7.1.3)', () => {
  // With a quarter of the range, most first candidates are too large.
  const small: NistCurve = { ...P256, n: P256.n / 4n }
  const kem = dhKem(
    KEM_ID,
    curveWith(() => new Uint8Array(32), small),
    hash,
  )

  it('takes the first candidate in range', async () => {
    const counters: number[] = []
    for (let seed = 0; seed < 40; seed++) {
      const ikm = Uint8Array.of(seed)
      const { counter, scalar } = firstCandidate(ikm, small)
      counters.push(counter)
      expect((await kem.deriveKeyPair(ikm)).privateKey.bytes).toEqual(scalar)
    }
    expect(Math.max(...counters)).toBeGreaterThan(3)
  })

  it('gives up after 256 candidates', async () => {
    const none = dhKem(
      KEM_ID,
      curveWith(() => new Uint8Array(32), { ...P256, n: 1n }),
      hash,
    )
    expect(await rejectionCode(none.deriveKeyPair(utf8('ikm')))).toBe('INTERNAL_INVARIANT')
  })

  it('masks the first byte', async () => {
    const masked = dhKem(
      KEM_ID,
      curveWith(() => new Uint8Array(32), { ...P256, firstByteMask: 0x01 }),
      hash,
    )
    for (let seed = 0; seed < 20; seed++) {
      expect((await masked.deriveKeyPair(Uint8Array.of(seed))).privateKey.bytes[0]).toBeLessThan(2)
    }
  })
})

/** RFC 9180 §7.1.3, written out. */
function firstCandidate(ikm: Uint8Array, curve: NistCurve): { counter: number; scalar: Uint8Array } {
  const suiteId = concat(utf8('KEM'), Uint8Array.of(0xff, 0xfe))
  expect(kemSuiteId(KEM_ID)).toEqual(suiteId)
  const prk = labeledExtract(hash, suiteId, new Uint8Array(0), utf8('dkp_prk'), ikm)
  for (let counter = 0; ; counter++) {
    const scalar = labeledExpand(hash, suiteId, prk, utf8('candidate'), Uint8Array.of(counter), 32)
    if (bigEndian(scalar) > 0n && bigEndian(scalar) < curve.n) return { counter, scalar }
  }
}
