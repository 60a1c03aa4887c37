// mls-rs's vectors of bare primitives: Diffie-Hellman, HKDF, and keys in raw and DER encodings.
import { concat, toHex } from '../../src/bytes.ts'
import type { KeyPair, SuitePrimitives } from '../../src/crypto/contract.ts'
import { extractAndExpand } from '../../src/crypto/dhkem.ts'
import { hkdfExpand, hkdfExtract, kemSuiteId } from '../../src/crypto/hkdf.ts'
import { hex, isListWith, lacksSuite, list, object, uint } from './json-shape.ts'
import type { VectorSuite } from './suite.ts'
import { bytes, expectBytes, expectTrue, runCases } from './vector-cases.ts'

const dhCase = object({
  ciphersuite: uint,
  alice_pub: hex,
  alice_pri: hex,
  bob_pub: hex,
  bob_pri: hex,
  shared_secret: hex,
})

const diffieHellman: VectorSuite = {
  name: 'Diffie-Hellman',
  recognises: (json) => isListWith(json, ['ciphersuite', 'alice_pub', 'bob_pri', 'shared_secret']),
  run: (json, provider, report) =>
    runCases<unknown>(json, report, async (value) => {
      const vector = dhCase(value)
      const suite = provider.suite(vector.ciphersuite)
      if (suite === undefined) return lacksSuite(provider, vector.ciphersuite)
      const alice = await suite.kem.importPrivateKey(bytes(vector.alice_pri))
      const bob = await suite.kem.importPrivateKey(bytes(vector.bob_pri))
      expectBytes("Alice's public key", alice.publicKey, vector.alice_pub)
      expectBytes("Bob's public key", bob.publicKey, vector.bob_pub)
      await expectShared(suite, alice, bob.publicKey, vector.shared_secret)
      await expectShared(suite, bob, alice.publicKey, vector.shared_secret)
      return undefined
    }),
}

/** The contract shows a KEM only: the shared value is taken through RFC 9180's ExtractAndExpand. */
async function expectShared(suite: SuitePrimitives, own: KeyPair, enc: Uint8Array, shared: string): Promise<void> {
  const context = concat(enc, own.publicKey)
  const expected = extractAndExpand(suite.hash, kemSuiteId(suite.kem.id), bytes(shared), context)
  expectBytes('the shared secret', (await suite.kem.decap(enc, own)).bytes, toHex(expected.bytes))
}

const hkdfFile = object({
  ikm: hex,
  info: hex,
  test_cases: list(object({ ciphersuite: uint, salt: hex, prk: hex, okm: hex })),
})

const hkdf: VectorSuite = {
  name: 'HKDF',
  recognises: (json) => hasFields(json, ['ikm', 'info', 'test_cases']),
  run(json, provider, report) {
    const { ikm, info, test_cases } = hkdfFile(json)
    return runCases<(typeof test_cases)[number]>(test_cases, report, async ({ ciphersuite, salt, prk, okm }) => {
      const suite = provider.suite(ciphersuite)
      if (suite === undefined) return lacksSuite(provider, ciphersuite)
      const extracted = hkdfExtract(suite.hash, bytes(salt), bytes(ikm))
      expectBytes('prk', extracted, prk)
      expectBytes('okm', hkdfExpand(suite.hash, extracted, bytes(info), okm.length / 2), okm)
      return undefined
    })
  },
}

/** The schemes that the key files name, with a suite that has them and the length of a private key. */
const SCHEMES = [
  { name: 'p256', suite: 2, use: 'kem', privateLength: 32 },
  { name: 'p384', suite: 7, use: 'kem', privateLength: 48 },
  { name: 'p521', suite: 5, use: 'kem', privateLength: 66 },
  { name: 'x25519', suite: 1, use: 'kem', privateLength: 32 },
  { name: 'x448', suite: 4, use: 'kem', privateLength: 56 },
  { name: 'ed25519', suite: 1, use: 'signature', privateLength: 32 },
  { name: 'ed448', suite: 4, use: 'signature', privateLength: 57 },
] as const

type Scheme = (typeof SCHEMES)[number]

const keyFile = object({ p256: hex, p384: hex, p521: hex, x25519: hex, x448: hex, ed25519: hex, ed448: hex })

/** The files hold the same keys in four encodings, which their P-256 keys tell apart. */
const ENCODINGS: Readonly<Record<number, 'public' | 'DER public' | 'private' | 'DER private'>> = {
  65: 'public',
  91: 'DER public',
  32: 'private',
  121: 'DER private',
}

const keys: VectorSuite = {
  name: 'keys',
  recognises: (json) => hasFields(json, ['p256', 'p384', 'p521', 'x25519', 'x448', 'ed25519', 'ed448']),
  run: (json, provider, report, related = []) =>
    runCases<Scheme>(SCHEMES, report, async (scheme) => {
      const primitive = provider.suite(scheme.suite)?.[scheme.use]
      if (primitive === undefined) return lacksSuite(provider, scheme.suite)
      const { publicKeyLength } = primitive
      const files = [json, ...related.filter((file) => keys.recognises(file))].map((file) => keyFile(file))
      const publicKeys = files
        .filter((file) => encodingOf(file)?.endsWith('public'))
        .map((file) => bytes(file[scheme.name]).slice(-publicKeyLength))
      for (const key of publicKeys) expectTrue(`${toHex(key)} is valid`, primitive.validatePublicKey(key))

      const own = keyFile(json)
      const privateKey = privateKeyIn(own, scheme)
      if (privateKey === undefined) return undefined
      const { publicKey } = await primitive.importPrivateKey(privateKey)
      for (const key of publicKeys) expectBytes('the public key', publicKey, toHex(key))
      return undefined
    }),
}

function encodingOf(file: ReturnType<typeof keyFile>): (typeof ENCODINGS)[number] | undefined {
  return ENCODINGS[file.p256.length / 2]
}

function privateKeyIn(file: ReturnType<typeof keyFile>, scheme: Scheme): Uint8Array | undefined {
  const key = bytes(file[scheme.name])
  const { privateLength } = scheme
  switch (encodingOf(file)) {
    // Raw EdDSA keys have the public key behind the seed.
    case 'private':
      return key.slice(0, privateLength)
    // ECPrivateKey (RFC 5915) is a sequence of the version, the scalar, and more; PKCS #8 of RFC 8410 ends in the key.
    case 'DER private': {
      if (!scheme.name.startsWith('p')) return key.slice(-privateLength)
      const start = key.indexOf(0x04) + 2
      return key.slice(start, start + privateLength)
    }
    default:
      return undefined
  }
}

function hasFields(json: unknown, names: readonly string[]): boolean {
  return typeof json === 'object' && json !== null && names.every((name) => name in json)
}

export const mlsRsPrimitives: readonly VectorSuite[] = [diffieHellman, hkdf, keys]
