// What a provider's signature scheme has to do, whichever it is (RFC 9420 §5.1.2).

import { EMPTY, utf8 } from '../../bytes.ts'
import type { SignaturePrimitive, SignedBytes, SuitePrimitives } from '../../crypto/contract.ts'
import { CIPHER_SUITES } from '../../crypto/suites.ts'
import { ecdsaCases } from './ecdsa-cases.ts'
import { eddsaCases } from './eddsa-cases.ts'
import {
  bufferLike,
  type ConformanceCase,
  expectBytes,
  expectCode,
  expectEqual,
  expectPlain,
  expectUntouched,
} from './expectations.ts'
import { ECDSA_ANSWERS, EDDSA_ANSWERS } from './signature-answers.ts'

/** The cases of one suite. */
export function signatureCases(suite: SuitePrimitives): ConformanceCase[] {
  const { signature } = suite
  return [
    ...schemeCases(suite),
    {
      name: 'signature: verifies what it signed, arguments untouched',
      async run() {
        const pair = await signature.generateKeyPair()
        expectEqual('the length of a public key', pair.publicKey.length, signature.publicKeyLength)
        expectPlain('a public key', pair.publicKey)
        const key = bufferLike(pair.publicKey)
        const valid = await expectUntouched('validatePublicKey', [key], () => signature.validatePublicKey(key))
        expectEqual('the validity of a public key', valid, true)
        for (const data of [EMPTY, utf8('data'), new Uint8Array(100_000).fill(9)]) {
          const inputs = [data, pair.privateKey.bytes, pair.publicKey]
          const made = await expectUntouched('sign', inputs, () => signature.sign(pair.privateKey, bufferLike(data)))
          expectPlain('a signature', made)
          const given = [pair.publicKey, data, made].map(bufferLike)
          const [publicKey, signed, made2] = given as [Uint8Array, Uint8Array, Uint8Array]
          await expectUntouched('verify', given, () => signature.verify(publicKey, signed, made2))
        }
      },
    },
    {
      name: 'signature: an imported private key makes the same pair and is a copy',
      async run() {
        const pair = await signature.generateKeyPair()
        const given = bufferLike(pair.privateKey.bytes)
        const imported = await signature.importPrivateKey(given)
        given.fill(0)
        expectBytes('the public key', imported.publicKey, pair.publicKey)
        expectBytes('the private key', imported.privateKey.bytes, pair.privateKey.bytes)
        await signature.verify(pair.publicKey, utf8('data'), await signature.sign(imported.privateKey, utf8('data')))
      },
    },
    {
      name: 'signature: refuses whatever was changed',
      async run() {
        const signed = await signedBytes(signature, 1)
        const other = await signature.generateKeyPair()
        const changed: [string, SignedBytes][] = [
          ['other data', { ...signed, data: utf8('other data') }],
          ['no data', { ...signed, data: EMPTY }],
          ['another key', { ...signed, publicKey: other.publicKey }],
          ['no key', { ...signed, publicKey: EMPTY }],
          ['a key without its last byte', { ...signed, publicKey: signed.publicKey.slice(0, -1) }],
          ['no signature', { ...signed, signature: EMPTY }],
          ['a signature without its last byte', { ...signed, signature: signed.signature.slice(0, -1) }],
          ['a signature and a byte more', { ...signed, signature: Uint8Array.from([...signed.signature, 0]) }],
          ...[0, 1, 7, 31, 32, 40, signed.signature.length - 1].map((i): [string, SignedBytes] => [
            `byte ${i} of the signature changed`,
            { ...signed, signature: signed.signature.map((byte, j) => (i === j ? byte ^ 1 : byte)) },
          ]),
        ]
        for (const [what, { publicKey, data, signature: made }] of changed) {
          await expectCode('CRYPTO_BAD_SIGNATURE', what, () => signature.verify(publicKey, data, made))
        }
      },
    },
    {
      name: 'signature: a batch is valid when all are',
      async run() {
        const { verifyAll } = signature
        if (verifyAll === undefined) return
        for (const size of [0, 1, 3, 20]) await verifyAll.call(signature, await manySigned(signature, size))
        for (const at of [0, 7, 19]) {
          const items = await manySigned(signature, 20)
          items[at] = { ...(items[at] as SignedBytes), data: utf8('other data') }
          await expectCode('CRYPTO_BAD_SIGNATURE', `a batch with item ${at} changed`, () =>
            verifyAll.call(signature, items),
          )
        }
      },
    },
    {
      name: 'signature: a wiped private key is not used, even if it was before',
      async run() {
        const { privateKey } = await signature.generateKeyPair()
        await signature.sign(privateKey, utf8('data'))
        privateKey.wipe()
        await expectCode('CRYPTO_SECRET_WIPED', 'sign after wiping', () => signature.sign(privateKey, utf8('data')))
      },
    },
    {
      name: 'signature: a public key’s buffer can be used for another key',
      async run() {
        const [first, second] = [await signedBytes(signature, 1), await signedBytes(signature, 2)]
        const buffer = new Uint8Array(signature.publicKeyLength)
        for (const { publicKey, data, signature: made } of [first, second, first]) {
          buffer.set(publicKey)
          await signature.verify(buffer, data, made)
        }
        await expectCode('CRYPTO_BAD_SIGNATURE', 'the signature of the key before', () =>
          signature.verify(buffer, second.data, second.signature),
        )
      },
    },
  ]
}

function schemeCases({ id, signature }: SuitePrimitives): ConformanceCase[] {
  const scheme = CIPHER_SUITES.find((suite) => suite.id === id)?.signatureScheme ?? 0
  const eddsa = EDDSA_ANSWERS.get(scheme)
  if (eddsa !== undefined) return eddsaCases(signature, eddsa)
  const ecdsa = ECDSA_ANSWERS.get(scheme)
  return ecdsa === undefined ? [] : ecdsaCases(signature, ecdsa)
}

async function manySigned(signature: SignaturePrimitive, size: number): Promise<SignedBytes[]> {
  const few = await Promise.all([1, 2, 3].map((seed) => signedBytes(signature, seed)))
  return Array.from({ length: size }, (_, i) => few[i % few.length] as SignedBytes)
}

async function signedBytes(signature: SignaturePrimitive, seed: number): Promise<SignedBytes> {
  const { publicKey, privateKey } = await signature.generateKeyPair()
  const data = utf8(`data ${seed}`)
  return { publicKey, data, signature: await signature.sign(privateKey, data) }
}
