// What a provider's ECDSA has to do: RFC 6979's known answers, and strict DER (RFC 9420 §5.1.2).

import { concat, EMPTY } from '../../bytes.ts'
import type { SignaturePrimitive } from '../../crypto/contract.ts'
import { derToRawSignature, rawToDerSignature } from '../../crypto/ecdsa-der.ts'
import { bigEndian } from '../../crypto/nist-curves.ts'
import { type ConformanceCase, expectBytes, expectCode, expectTrue, hex } from './expectations.ts'
import { notUncompressedPoints, scalarsOutOfRange } from './kem-key-cases.ts'
import type { EcdsaAnswers } from './signature-answers.ts'

/** The cases of one scheme. */
export function ecdsaCases(signature: SignaturePrimitive, answers: EcdsaAnswers): ConformanceCase[] {
  const { curve } = answers
  const publicKey = hex(answers.publicKey)
  const data = hex(answers.data)
  const valid = hex(answers.signature)
  const raw = derToRawSignature(curve, valid) ?? EMPTY
  const refused = (what: string, key: Uint8Array, made: Uint8Array) =>
    expectCode('CRYPTO_BAD_SIGNATURE', what, () => signature.verify(key, data, made))
  return [
    {
      name: 'ecdsa: known answer',
      async run() {
        const pair = await signature.importPrivateKey(hex(answers.privateKey))
        expectBytes('the public key', pair.publicKey, publicKey)
        await signature.verify(publicKey, data, valid)
        await signature.verify(publicKey, data, await signature.sign(pair.privateKey, data))
      },
    },
    {
      name: 'ecdsa: private keys are scalars in range, which may be short',
      async run() {
        const short = await signature.importPrivateKey(Uint8Array.of(5, 1))
        const padded = new Uint8Array(curve.size)
        padded.set([5, 1], curve.size - 2)
        expectBytes('the private key', short.privateKey.bytes, padded)
        await signature.verify(short.publicKey, data, await signature.sign(short.privateKey, data))
        const tooLong: [string, Uint8Array] = ['a byte too many', new Uint8Array(curve.size + 1).fill(1)]
        for (const [what, bytes] of [...scalarsOutOfRange(curve), ['no bytes', EMPTY] as const, tooLong]) {
          await expectCode('CRYPTO_BAD_PRIVATE_KEY', `a private key of ${what}`, () =>
            signature.importPrivateKey(bytes),
          )
        }
      },
    },
    {
      name: 'ecdsa: signatures are DER in its one form',
      async run() {
        const header = valid[1] === 0x81 ? 3 : 2
        const body = valid.slice(header)
        const [r, s] = integers(body)
        const wrong: [string, Uint8Array][] = [
          ['r || s', raw],
          ['a longer form of the length', concat(Uint8Array.of(0x30, 0x82, 0, body.length), body)],
          ['an indefinite length', concat(Uint8Array.of(0x30, 0x80), body, Uint8Array.of(0, 0))],
          ['bytes behind the sequence', concat(valid, Uint8Array.of(0, 0))],
          ['bytes inside the sequence', sequence(body, Uint8Array.of(5, 0))],
          ['a padded integer', sequence(integer(concat(Uint8Array.of(0), r)), integer(s))],
          ['one integer', sequence(integer(r))],
          ['three integers', sequence(integer(r), integer(s), integer(s))],
          ['a wrong tag', concat(Uint8Array.of(0x31), valid.subarray(1))],
          ['a negative integer', sequence(integer(r.map((byte, i) => (i === 0 ? byte | 0x80 : byte))), integer(s))],
        ]
        for (const [what, made] of wrong) await refused(what, publicKey, made)
      },
    },
    {
      name: 'ecdsa: r and s are in range, high s is as good as low',
      async run() {
        const order = integerOf(curve.n, curve.size)
        const [r, s] = [raw.slice(0, curve.size), raw.slice(curve.size)]
        await refused('r = 0', publicKey, sequence(integer(Uint8Array.of(0)), integer(minimal(s))))
        await refused('s = 0', publicKey, sequence(integer(minimal(r)), integer(Uint8Array.of(0))))
        await refused('r = n', publicKey, sequence(integer(minimal(order)), integer(minimal(s))))
        await refused('s = n', publicKey, sequence(integer(minimal(r)), integer(minimal(order))))
        const negated = integerOf(curve.n - bigEndian(s), curve.size)
        await signature.verify(publicKey, data, rawToDerSignature(curve, concat(r, negated)))
      },
    },
    {
      name: 'ecdsa: public keys are uncompressed points on the curve',
      async run() {
        for (const [what, key] of notUncompressedPoints(curve, publicKey)) {
          expectTrue(`${what} is not valid`, !signature.validatePublicKey(key))
          await refused(what, key, valid)
        }
      },
    },
  ]
}

/** The contents of the two INTEGERs. */
function integers(body: Uint8Array): [Uint8Array, Uint8Array] {
  const length = body[1] as number
  return [body.slice(2, 2 + length), body.slice(4 + length)]
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(...parts)
  return concat(Uint8Array.from(body.length < 0x80 ? [0x30, body.length] : [0x30, 0x81, body.length]), body)
}

function integer(content: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(2, content.length), content)
}

/** An unsigned number as the content of an INTEGER. */
function minimal(number: Uint8Array): Uint8Array {
  let start = 0
  while (start < number.length - 1 && number[start] === 0) start++
  const magnitude = number.subarray(start)
  return (magnitude[0] as number) < 0x80 ? magnitude : concat(Uint8Array.of(0), magnitude)
}

function integerOf(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 0xffn))
}
