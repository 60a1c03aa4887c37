// What a provider's AEAD has to do (RFC 5116), with known answers of RFC 9180 Appendix A.

import { EMPTY, utf8 } from '../../bytes.ts'
import type { SuitePrimitives } from '../../crypto/contract.ts'
import { AEAD_AES_128_GCM, AEAD_AES_256_GCM, AEAD_CHACHA20_POLY1305 } from '../../crypto/suites.ts'
import {
  bufferLike,
  type ConformanceCase,
  expectBytes,
  expectEqual,
  expectThrows,
  expectUntouched,
  hex,
} from './expectations.ts'

/** The sealings of sequence number 0 in RFC 9180 §A.1.1.1, §A.6.1.1 and §A.2.1.1, by RFC 9180 §7.3 code point. */
const ANSWERS: ReadonlyMap<number, { readonly key: string; readonly nonce: string; readonly sealed: string }> =
  /* @__PURE__ */ new Map([
    [
      AEAD_AES_128_GCM,
      {
        key: '4531685d41d65f03dc48f6b8302c05b0',
        nonce: '56d890e5accaaf011cff4b7d',
        sealed: 'f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a',
      },
    ],
    [
      AEAD_AES_256_GCM,
      {
        key: '751e346ce8f0ddb2305c8a2a85c70d5cf559c53093656be636b9406d4d7d1b70',
        nonce: '55ff7a7d739c69f44b25447b',
        sealed: '170f8beddfe949b75ef9c387e201baf4132fa7374593dfafa90768788b7b2b200aafcc6d80ea4c795a7c5b841a',
      },
    ],
    [
      AEAD_CHACHA20_POLY1305,
      {
        key: 'ad2744de8e17f4ebba575b3f5f5a8fa1f69c2a07f6e7500bc60ca6e3e3ec1c91',
        nonce: '5c4d98150661b848853b547f',
        sealed: '1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28',
      },
    ],
  ])

/** The cases of one suite. */
export function aeadCases({ aead }: SuitePrimitives): ConformanceCase[] {
  const key = new Uint8Array(aead.keyLength).fill(1)
  const nonce = new Uint8Array(aead.nonceLength).fill(2)
  const aad = utf8('associated')
  const answer = ANSWERS.get(aead.id)
  const known: ConformanceCase[] =
    answer === undefined
      ? []
      : [
          {
            name: 'aead: known answer',
            async run() {
              const plaintext = utf8('Beauty is truth, truth beauty')
              const sealed = aead.seal(hex(answer.key), hex(answer.nonce), utf8('Count-0'), plaintext)
              expectBytes('the ciphertext', sealed, hex(answer.sealed))
              const opened = aead.open(hex(answer.key), hex(answer.nonce), utf8('Count-0'), sealed)
              expectBytes('the plaintext', opened, plaintext)
            },
          },
        ]
  return [
    ...known,
    {
      name: 'aead: opens what it sealed, at once, arguments untouched',
      async run() {
        for (const length of [0, 1, 15, 16, 17, 1000, 70_000]) {
          const plaintext = new Uint8Array(length).fill(length & 0xff)
          const inputs = [key, nonce, aad, plaintext]
          const sealed = await expectUntouched('seal', inputs, () => aead.seal(key, nonce, aad, plaintext))
          expectEqual('the length of a ciphertext', sealed.length, length + 16)
          const given = bufferLike(sealed)
          const opened = await expectUntouched('open', [given], () => aead.open(key, nonce, aad, given))
          expectBytes('the plaintext', opened, plaintext)
          opened.fill(0xff)
          expectBytes('the plaintext, opened again', aead.open(key, nonce, aad, given), plaintext)
        }
        expectBytes('without associated data', aead.open(key, nonce, EMPTY, aead.seal(key, nonce, EMPTY, aad)), aad)
      },
    },
    {
      name: 'aead: refuses whatever was changed',
      async run() {
        const sealed = aead.seal(key, nonce, aad, utf8('a plaintext'))
        for (let i = 0; i < sealed.length; i++) {
          expectThrows('CRYPTO_OPEN_FAILED', `byte ${i} changed`, () => aead.open(key, nonce, aad, flipped(sealed, i)))
        }
        const attempts: [string, () => Uint8Array][] = [
          ['another key', () => aead.open(flipped(key, 0), nonce, aad, sealed)],
          ['another nonce', () => aead.open(key, flipped(nonce, 0), aad, sealed)],
          ['other associated data', () => aead.open(key, nonce, flipped(aad, 0), sealed)],
          ['no associated data', () => aead.open(key, nonce, EMPTY, sealed)],
          ['a byte less', () => aead.open(key, nonce, aad, sealed.subarray(0, -1))],
          ['nothing', () => aead.open(key, nonce, aad, EMPTY)],
          ['less than a tag', () => aead.open(key, nonce, aad, sealed.subarray(0, 15))],
        ]
        for (const [what, attempt] of attempts) expectThrows('CRYPTO_OPEN_FAILED', what, attempt)
      },
    },
    {
      name: 'aead: refuses keys and nonces of other lengths',
      async run() {
        for (const wrong of [0, 8, aead.keyLength - 1, aead.keyLength + 1, 24, 64]) {
          const wrongKey = new Uint8Array(wrong)
          expectThrows('CRYPTO_BAD_LENGTH', `a key of ${wrong} bytes`, () => aead.seal(wrongKey, nonce, aad, aad))
          expectThrows('CRYPTO_BAD_LENGTH', `a key of ${wrong} bytes`, () => aead.open(wrongKey, nonce, aad, key))
        }
        for (const wrong of [0, 8, 11, 13, 16]) {
          const wrongNonce = new Uint8Array(wrong)
          expectThrows('CRYPTO_BAD_LENGTH', `a nonce of ${wrong} bytes`, () => aead.seal(key, wrongNonce, aad, aad))
          expectThrows('CRYPTO_BAD_LENGTH', `a nonce of ${wrong} bytes`, () => aead.open(key, wrongNonce, aad, key))
        }
      },
    },
  ]
}

function flipped(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.map((byte, i) => (i === index ? byte ^ 1 : byte))
}
