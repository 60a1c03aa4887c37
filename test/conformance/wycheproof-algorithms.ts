// How each kind of Wycheproof test is put to a provider.
import { concat, toHex } from '../../src/bytes.ts'
import type { SuitePrimitives } from '../../src/crypto/contract.ts'
import { extractAndExpand } from '../../src/crypto/dhkem.ts'
import { hkdfExpand, hkdfExtract, kemSuiteId } from '../../src/crypto/hkdf.ts'
import { CoterieError, type ErrorCode } from '../../src/errors.ts'
import { bytes, expectBytes } from './vector-cases.ts'

/** One test with the group that it stands in. Which other members there are depends on the algorithm. */
export interface WycheproofCase {
  readonly tcId: number
  readonly flags: readonly string[]
  readonly result: 'valid' | 'invalid' | 'acceptable'
  readonly group: Readonly<Record<string, unknown>>
  readonly [member: string]: unknown
}

/** Runs one test; returns a reason where the suites have no use for it, throws where the provider is wrong. */
export type WycheproofCheck = (test: WycheproofCase, suites: readonly SuitePrimitives[]) => Promise<string | undefined>

/** AEAD tests. @param idBySize - RFC 9180 code points by key size in bits */
export function checkAead(idBySize: Readonly<Record<number, number>>): WycheproofCheck {
  return async (test, suites) => {
    const id = idBySize[Number(test.group.keySize)]
    const aead = suites.find((suite) => suite.aead.id === id)?.aead
    if (aead === undefined) return `keys of ${test.group.keySize} bits are in no cipher suite`
    const [key, nonce] = [member(test, 'key'), member(test, 'iv')]
    const [aad, plaintext] = [member(test, 'aad'), member(test, 'msg')]
    const ciphertext = concat(member(test, 'ct'), member(test, 'tag'))
    // RFC 5116 §5: both AEADs have 96-bit nonces, so that other lengths are refused whatever the file says.
    if (test.group.ivSize !== 96) {
      await expectCode('CRYPTO_BAD_LENGTH', async () => aead.seal(key, nonce, aad, plaintext))
      await expectCode('CRYPTO_BAD_LENGTH', async () => aead.open(key, nonce, aad, ciphertext))
    } else if (test.result === 'valid') {
      expectBytes('the ciphertext', aead.seal(key, nonce, aad, plaintext), toHex(ciphertext))
      expectBytes('the plaintext', aead.open(key, nonce, aad, ciphertext), toHex(plaintext))
    } else {
      await expectCode('CRYPTO_OPEN_FAILED', async () => aead.open(key, nonce, aad, ciphertext))
    }
    return undefined
  }
}

/** HKDF tests. @param kdfId - RFC 9180 code point */
export function checkHkdf(kdfId: number): WycheproofCheck {
  return async (test, suites) => {
    const hash = suites.find((suite) => suite.kdfId === kdfId)?.hash
    if (hash === undefined) return 'this KDF is not offered'
    const prk = hkdfExtract(hash, member(test, 'salt'), member(test, 'ikm'))
    const info = member(test, 'info')
    const size = Number(test.size)
    if (test.result === 'valid') expectBytes('okm', hkdfExpand(hash, prk, info, size), String(test.okm))
    else await expectCode('CRYPTO_BAD_LENGTH', async () => hkdfExpand(hash, prk, info, size))
    return undefined
  }
}

/** RFC 9180 §7.1 code points by Wycheproof's names of curves. */
const KEMS: Readonly<Record<string, number>> = {
  secp256r1: 0x0010,
  secp384r1: 0x0011,
  secp521r1: 0x0012,
  curve25519: 0x0020,
  curve448: 0x0021,
}

/**
 * Diffie-Hellman tests. The contract shows a KEM only, so that the test's shared value is taken through RFC 9180's
 * ExtractAndExpand and compared with what `decap` finds.
 */
export function checkDh(curve: string): WycheproofCheck {
  return async (test, suites) => {
    const suite = suites.find(({ kem }) => kem.id === KEMS[curve])
    if (suite === undefined) return `no KEM over ${curve} is offered`
    const publicKey = member(test, 'public')
    const recipient = await suite.kem.importPrivateKey(integerBytes(curve, member(test, 'private')))
    if (isRefusedDh(curve, test, publicKey)) {
      await expectCode('CRYPTO_OPEN_FAILED', () => suite.kem.decap(publicKey, recipient))
      await expectCode('CRYPTO_BAD_KEY', () => suite.kem.encap(publicKey))
      return undefined
    }
    const context = concat(publicKey, recipient.publicKey)
    const expected = extractAndExpand(suite.hash, kemSuiteId(suite.kem.id), member(test, 'shared'), context)
    const found = await suite.kem.decap(publicKey, recipient)
    expectBytes('the shared secret', found.bytes, toHex(expected.bytes))
    return undefined
  }
}

function isRefusedDh(curve: string, test: WycheproofCase, publicKey: Uint8Array): boolean {
  // RFC 9180 §7.1.1: NIST points are uncompressed; "acceptable" marks compressed ones.
  if (curve.startsWith('secp')) return test.result !== 'valid' || publicKey[0] !== 4
  // RFC 9180 §7.1.4: zero results MUST be refused. RFC 7748 §5: twist points and non-canonical u MUST be taken.
  return test.result === 'invalid' || test.flags.includes('ZeroSharedSecret')
}

/** Wycheproof writes NIST private keys as signed integers: a zero byte may stand in front. */
function integerBytes(curve: string, privateKey: Uint8Array): Uint8Array {
  if (!curve.startsWith('secp')) return privateKey
  let start = 0
  while (privateKey[start] === 0) start++
  return privateKey.slice(start)
}

/** Signature tests: RFC 9420 §5.1.2 wants DER, so that BER is invalid, as these files have it. */
export function checkSignature(): WycheproofCheck {
  return async (test, suites) => {
    const found = signatureSuite(test, suites)
    if (found === undefined) return 'this signature scheme is not offered'
    const { suite, publicKey } = found
    const [data, signature] = [member(test, 'msg'), member(test, 'sig')]
    if (test.result === 'valid') await suite.signature.verify(publicKey, data, signature)
    else await expectCode('CRYPTO_BAD_SIGNATURE', () => suite.signature.verify(publicKey, data, signature))
    return undefined
  }
}

function signatureSuite(
  test: WycheproofCase,
  suites: readonly SuitePrimitives[],
): { readonly suite: SuitePrimitives; readonly publicKey: Uint8Array } | undefined {
  const key = test.group.publicKey
  if (typeof key !== 'object' || key === null) throw new Error('the group has no public key')
  const named = key as Readonly<Record<string, unknown>>
  const publicKey = bytes(String(named.pk ?? named.uncompressed))
  // Key lengths tell the five schemes of RFC 9420 apart; the hash is the curve's own in all of them.
  const suite = suites.find(({ signature }) => signature.publicKeyLength === publicKey.length)
  return suite && { suite, publicKey }
}

function member(test: WycheproofCase, name: string): Uint8Array {
  return bytes(String(test[name]))
}

async function expectCode(code: ErrorCode, call: () => Promise<unknown>): Promise<void> {
  try {
    await call()
  } catch (error) {
    if (CoterieError.is(error, code)) return
    throw error
  }
  throw new Error(`${code} was expected, but nothing was refused`)
}
