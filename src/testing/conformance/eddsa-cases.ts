// What a provider's EdDSA has to do: RFC 8032's known answers, and strictness at the edges, the same in every provider.

import { concat } from '../../bytes.ts'
import type { SignaturePrimitive } from '../../crypto/contract.ts'
import type { EddsaCurve } from '../../crypto/eddsa-strict.ts'
import { type ConformanceCase, expectBytes, expectCode, expectTrue, hex } from './expectations.ts'
import type { EddsaAnswers } from './signature-answers.ts'

/** The cases of one scheme. */
export function eddsaCases(signature: SignaturePrimitive, answers: EddsaAnswers): ConformanceCase[] {
  const { curve } = answers
  const publicKey = hex(answers.publicKey)
  const data = hex(answers.data)
  const refused = (what: string, key: Uint8Array, made: Uint8Array) =>
    expectCode('CRYPTO_BAD_SIGNATURE', what, () => signature.verify(key, data, made))
  return [
    {
      name: 'eddsa: known answer',
      async run() {
        const pair = await signature.importPrivateKey(hex(answers.privateKey))
        expectBytes('the public key', pair.publicKey, publicKey)
        expectBytes('the signature', await signature.sign(pair.privateKey, data), hex(answers.signature))
        await signature.verify(publicKey, data, hex(answers.signature))
      },
    },
    {
      name: 'eddsa: private keys are seeds of full length',
      async run() {
        for (const length of [0, curve.size - 1, curve.size + 1, 2 * curve.size]) {
          await expectCode('CRYPTO_BAD_PRIVATE_KEY', `a seed of ${length} bytes`, () =>
            signature.importPrivateKey(new Uint8Array(length).fill(1)),
          )
        }
      },
    },
    {
      name: 'eddsa: S is below the order',
      async run() {
        const [r, s] = [hex(answers.signature).slice(0, curve.size), hex(answers.signature).slice(curve.size)]
        await refused('S + L', publicKey, concat(r, plusOrder(curve, s)))
        await refused('S = L', publicKey, concat(r, curve.order))
      },
    },
    {
      name: 'eddsa: public keys are canonical, on the curve and not of small order',
      async run() {
        const { publicKey: identity, signature: made } = answers.smallOrderKey
        const unreduced = hex(answers.unreducedKey)
        const signed = hex(identity).map((byte, i) => (i === curve.size - 1 ? byte | 0x80 : byte))
        await refused('a public key of small order', hex(identity), hex(made))
        await refused('a public key that was not reduced', unreduced, hex(made))
        await refused('x = 0 with a sign', signed, hex(made))
        for (const key of [hex(identity), unreduced, signed, publicKey.slice(1), offCurve(curve)]) {
          expectTrue('what is no strict public key is not valid', !signature.validatePublicKey(key))
        }
        await refused('a public key that is not on the curve', offCurve(curve), hex(answers.signature))
      },
    },
    {
      name: 'eddsa: R is canonical and not of small order',
      async run() {
        await refused('R of small order', publicKey, hex(answers.smallOrderNonce))
        const s = hex(answers.smallOrderNonce).slice(curve.size)
        await refused('R that was not reduced', publicKey, concat(hex(answers.unreducedKey), s))
      },
    },
    {
      name: 'eddsa: torsion parts are judged as everywhere else',
      async run() {
        const { cancelling } = answers
        await signature.verify(hex(cancelling.publicKey), hex(cancelling.data), hex(cancelling.signature))
        const cofactorOnly = hex(answers.cofactorOnly)
        if (answers.cofactored) await signature.verify(publicKey, data, cofactorOnly)
        else await refused('what only the cofactor makes valid', publicKey, cofactorOnly)
      },
    },
  ]
}

/** S and L added as little-endian numbers; the sum fits. */
function plusOrder(curve: EddsaCurve, s: Uint8Array): Uint8Array {
  let carry = 0
  return s.map((byte, i) => {
    const sum = byte + (curve.order[i] as number) + carry
    carry = sum >>> 8
    return sum & 0xff
  })
}

/** y = 2 is on neither curve. */
function offCurve(curve: EddsaCurve): Uint8Array {
  return Uint8Array.from({ length: curve.size }, (_, i) => (i === 0 ? 2 : 0))
}
