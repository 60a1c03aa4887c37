// The vectors of primitives (RFC 9180 Appendix A, Wycheproof, mls-rs), in every provider.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadProvider, PROVIDER_NAMES } from '../conformance/providers.ts'
import { runFile } from '../conformance/run-file.ts'
import { vectorsFolder } from './location.ts'

/** Each file with the module that is to recognise it, and how many of its cases pass and are skipped. */
const FILES: readonly (readonly [file: string, module: string, passed: number, skipped: number])[] = [
  ['rfc9180/rfc9180-appendix-a.json', 'hpke', 28, 0],
  // KEMs with ML-KEM, and single-stage KDFs.
  ['hpke/hpke-pq-test-vectors.json', 'hpke', 0, 13],
  // AES-192.
  ['wycheproof/aes_gcm_test.json', 'wycheproof', 213, 103],
  ['wycheproof/chacha20_poly1305_test.json', 'wycheproof', 325, 0],
  ['wycheproof/ecdh_secp256r1_ecpoint_test.json', 'wycheproof', 355, 0],
  ['wycheproof/ecdh_secp384r1_ecpoint_test.json', 'wycheproof', 790, 0],
  ['wycheproof/ecdh_secp521r1_ecpoint_test.json', 'wycheproof', 661, 0],
  ['wycheproof/ecdsa_secp256r1_sha256_test.json', 'wycheproof', 484, 0],
  ['wycheproof/ecdsa_secp384r1_sha384_test.json', 'wycheproof', 504, 0],
  ['wycheproof/ecdsa_secp521r1_sha512_test.json', 'wycheproof', 542, 0],
  ['wycheproof/ed25519_test.json', 'wycheproof', 151, 0],
  ['wycheproof/ed448_test.json', 'wycheproof', 87, 0],
  ['wycheproof/hkdf_sha256_test.json', 'wycheproof', 86, 0],
  ['wycheproof/hkdf_sha384_test.json', 'wycheproof', 83, 0],
  ['wycheproof/hkdf_sha512_test.json', 'wycheproof', 83, 0],
  ['wycheproof/mldsa_44_verify_test.json', 'wycheproof', 0, 180],
  ['wycheproof/mlkem_1024_test.json', 'wycheproof', 0, 193],
  ['wycheproof/mlkem_768_test.json', 'wycheproof', 0, 193],
  ['wycheproof/x25519_test.json', 'wycheproof', 518, 0],
  ['wycheproof/x448_test.json', 'wycheproof', 510, 0],
  ['mls-rs/ecdh.json', 'Diffie-Hellman', 5, 0],
  ['mls-rs/hkdf.json', 'HKDF', 6, 0],
  ['mls-rs/test_der_private.json', 'keys', 7, 0],
  ['mls-rs/test_der_public.json', 'keys', 7, 0],
  ['mls-rs/test_private_keys.json', 'keys', 7, 0],
  ['mls-rs/test_public_keys.json', 'keys', 7, 0],
]

/** What pure JavaScript takes ten seconds for, though its code is that of P-256: `npm run conformance` runs it. */
const LONG: ReadonlySet<string> = new Set([
  'wycheproof/ecdh_secp384r1_ecpoint_test.json',
  'wycheproof/ecdh_secp521r1_ecpoint_test.json',
])

const folder = vectorsFolder()

describe.runIf(folder !== undefined).each(PROVIDER_NAMES)('%s', (name) => {
  it.each(FILES.filter(([file]) => name === 'node' || !LONG.has(file)))('%s', async (file, module, passed, skipped) => {
    const related = module === 'keys' ? [read('mls-rs/test_public_keys.json'), read('mls-rs/test_der_public.json')] : []
    const outcome = await runFile(read(file), await loadProvider(name), related)
    expect(outcome).toMatchObject({ module, passed, failures: [], skipped })
  })
})

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(folder ?? '', file), 'utf8'))
}
