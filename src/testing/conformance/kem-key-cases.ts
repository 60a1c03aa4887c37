// What a provider's KEM has to do with keys at the edges (RFC 9180 §7.1.2 to §7.1.4, RFC 7748 §5).

import { concat, EMPTY } from '../../bytes.ts'
import type { KemPrimitive } from '../../crypto/contract.ts'
import { bigEndian, type NistCurve, P256, P384, P521 } from '../../crypto/nist-curves.ts'
import { KEM_P256, KEM_P384, KEM_P521, KEM_X448, KEM_X25519 } from '../../crypto/suites.ts'
import { bufferLike, type ConformanceCase, expectBytes, expectCode, expectEqual, expectTrue } from './expectations.ts'

const NIST_CURVES: ReadonlyMap<number, NistCurve> = /* @__PURE__ */ new Map([
  [KEM_P256, P256],
  [KEM_P384, P384],
  [KEM_P521, P521],
])

const P25519 = 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffedn
const P448 =
  0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffffffffn

/** The u coordinates that every private key takes to zero, also in their non-canonical form. */
const LOW_ORDER_U: ReadonlyMap<number, readonly bigint[]> = /* @__PURE__ */ new Map([
  [
    KEM_X25519,
    [
      0n,
      1n,
      0x00b8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0n,
      0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5fn,
      P25519 - 1n,
      P25519,
      P25519 + 1n,
    ],
  ],
  [KEM_X448, [0n, 1n, P448 - 1n, P448, P448 + 1n]],
])

/** Imports, and what is refused as a private key. */
export function privateKeyCases(kem: KemPrimitive): ConformanceCase[] {
  return [
    {
      name: 'kem: an imported private key makes the same pair and is a copy',
      async run() {
        const pair = await kem.generateKeyPair()
        const given = bufferLike(pair.privateKey.bytes)
        const imported = await kem.importPrivateKey(given)
        given.fill(0)
        expectBytes('the public key', imported.publicKey, pair.publicKey)
        expectBytes('the private key', imported.privateKey.bytes, pair.privateKey.bytes)
        const { enc, sharedSecret } = await kem.encap(pair.publicKey)
        expectBytes('the shared secret', (await kem.decap(enc, imported)).bytes, sharedSecret.bytes)
      },
    },
    {
      name: 'kem: refuses what is not a private key',
      async run() {
        const curve = NIST_CURVES.get(kem.id)
        const wrong: [string, Uint8Array][] = [
          ['no bytes', EMPTY],
          ['a byte too many', new Uint8Array(kem.privateKeyLength + 1).fill(1)],
        ]
        if (curve === undefined) wrong.push(['a byte too few', new Uint8Array(kem.privateKeyLength - 1).fill(1)])
        else wrong.push(...scalarsOutOfRange(curve))
        for (const [what, bytes] of wrong) {
          await expectCode('CRYPTO_BAD_PRIVATE_KEY', `a private key of ${what}`, () => kem.importPrivateKey(bytes))
        }
      },
    },
    {
      name: 'kem: NIST scalars may be short',
      async run() {
        const curve = NIST_CURVES.get(kem.id)
        if (curve === undefined) return
        const padded = bigEndianBytes(0x0501n, curve.size)
        const short = await kem.importPrivateKey(Uint8Array.of(5, 1))
        expectBytes('the private key', short.privateKey.bytes, padded)
        expectBytes('the public key', short.publicKey, (await kem.importPrivateKey(padded)).publicKey)
      },
    },
  ]
}

/** What a public key of this KEM is not, made from one. */
export function notPublicKeys(kemId: number, publicKey: Uint8Array): [string, Uint8Array][] {
  const wrong: [string, Uint8Array][] = [
    ['no bytes', EMPTY],
    ['a public key without its last byte', publicKey.slice(0, -1)],
    ['a public key and a byte more', concat(publicKey, Uint8Array.of(0))],
  ]
  const curve = NIST_CURVES.get(kemId)
  return curve === undefined ? wrong : [...wrong, ...notUncompressedPoints(curve, publicKey)]
}

/** Other encodings of a NIST point, and pairs of coordinates that are no point. */
export function notUncompressedPoints(curve: NistCurve, publicKey: Uint8Array): [string, Uint8Array][] {
  const x = publicKey.slice(1, 1 + curve.size)
  const y = publicKey.slice(1 + curve.size)
  const odd = (y[curve.size - 1] as number) & 1
  const moved = Uint8Array.from(publicKey)
  moved[publicKey.length - 1] = (moved[publicKey.length - 1] as number) ^ 1
  const wrong: [string, Uint8Array][] = [
    ['a compressed point', concat(Uint8Array.of(2 + odd), x)],
    ['a hybrid point', concat(Uint8Array.of(6 + odd), x, y)],
    ['the point at infinity', Uint8Array.of(0)],
    ['a point at infinity of full length', new Uint8Array(publicKey.length)],
    ['an all-zero uncompressed point', concat(Uint8Array.of(4), new Uint8Array(2 * curve.size))],
    ['a point beside the curve', moved],
  ]
  const raised = bigEndian(x) + curve.p
  if (raised < 1n << BigInt(8 * curve.size)) {
    wrong.push(['a point whose x was not reduced', concat(Uint8Array.of(4), bigEndianBytes(raised, curve.size), y)])
  }
  return wrong
}

/** RFC 9180 §7.1.4: zero Diffie-Hellman results MUST be refused; RFC 7748 §5: other odd coordinates MUST be taken. */
export function zeroCases(kem: KemPrimitive): ConformanceCase[] {
  const lowOrder = LOW_ORDER_U.get(kem.id)
  if (lowOrder === undefined) return []
  return [
    {
      name: 'kem: refuses all-zero Diffie-Hellman results',
      async run() {
        const recipient = await kem.generateKeyPair()
        for (const u of lowOrder) {
          const key = littleEndianBytes(u, kem.publicKeyLength)
          expectTrue(`u = ${u} is not valid`, !kem.validatePublicKey(key))
          await expectCode('CRYPTO_BAD_KEY', `encap to u = ${u}`, () => kem.encap(key))
          await expectCode('CRYPTO_BAD_KEY', `encap to u = ${u} with ikmE`, () => kem.encap(key, key))
          await expectCode('CRYPTO_OPEN_FAILED', `decap of u = ${u}`, () => kem.decap(key, recipient))
          const batch = [...Array.from({ length: 8 }, () => recipient.publicKey), key]
          const { encapAll } = kem
          if (encapAll === undefined) continue
          await expectCode('CRYPTO_BAD_KEY', `a batch with u = ${u}`, () => encapAll.call(kem, batch))
        }
      },
    },
    {
      name: 'kem: takes any other bytes for a public key',
      async run() {
        const recipient = await kem.generateKeyPair()
        for (const fill of [0x55, 0xaa, 0xff]) {
          const key = new Uint8Array(kem.publicKeyLength).fill(fill)
          expectTrue(`${fill} repeated is a public key`, kem.validatePublicKey(key))
          expectEqual('the length', (await kem.decap(key, recipient)).length, kem.sharedSecretLength)
          expectEqual('the length', (await kem.encap(key)).sharedSecret.length, kem.sharedSecretLength)
        }
      },
    },
  ]
}

/** Scalars that are not in [1, n−1]. */
export function scalarsOutOfRange(curve: NistCurve): [string, Uint8Array][] {
  return [
    ['zero', new Uint8Array(curve.size)],
    ['a short zero', Uint8Array.of(0)],
    ['the order', bigEndianBytes(curve.n, curve.size)],
    ['the order and one', bigEndianBytes(curve.n + 1n, curve.size)],
    ['all ones', new Uint8Array(curve.size).fill(0xff)],
  ]
}

function bigEndianBytes(value: bigint, length: number): Uint8Array {
  return littleEndianBytes(value, length).reverse()
}

function littleEndianBytes(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
}
