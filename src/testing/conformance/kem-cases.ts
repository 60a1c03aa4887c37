// What a provider's KEM has to do (RFC 9180 §4, §7.1).

import { concat, toHex, utf8 } from '../../bytes.ts'
import type { KeyPair, SuitePrimitives } from '../../crypto/contract.ts'
import { extractAndExpand } from '../../crypto/dhkem.ts'
import { kemSuiteId } from '../../crypto/hkdf.ts'
import {
  bufferLike,
  type ConformanceCase,
  expectBytes,
  expectCode,
  expectEqual,
  expectPlain,
  expectTrue,
  expectUntouched,
  hex,
} from './expectations.ts'
import { DH_ANSWERS, KEM_ANSWERS } from './kem-answers.ts'
import { notPublicKeys, privateKeyCases, zeroCases } from './kem-key-cases.ts'

/** The cases of one suite. */
export function kemCases(suite: SuitePrimitives): ConformanceCase[] {
  const { kem } = suite
  return [
    ...knownAnswerCases(suite),
    {
      name: 'kem: lengths are as it says',
      async run() {
        const pair = await kem.generateKeyPair()
        const { enc, sharedSecret } = await kem.encap(pair.publicKey)
        for (const [what, bytes] of Object.entries({ publicKey: pair.publicKey, enc })) expectPlain(what, bytes)
        expectEqual('the length of a public key', pair.publicKey.length, kem.publicKeyLength)
        expectEqual('the length of a private key', pair.privateKey.length, kem.privateKeyLength)
        expectEqual('the length of enc', enc.length, kem.encLength)
        expectEqual('the length of a shared secret', sharedSecret.length, kem.sharedSecretLength)
      },
    },
    {
      name: 'kem: the recipient finds the secret, arguments untouched',
      async run() {
        const generated = await kem.generateKeyPair()
        const recipient = { ...generated, publicKey: bufferLike(generated.publicKey) }
        const inputs = [recipient.publicKey, recipient.privateKey.bytes]
        const { enc, sharedSecret } = await expectUntouched('encap', inputs, () => kem.encap(recipient.publicKey))
        const found = await expectUntouched('decap', [...inputs, enc], () => kem.decap(bufferLike(enc), recipient))
        expectBytes('the shared secret', found.bytes, sharedSecret.bytes)
        const again = await kem.encap(recipient.publicKey)
        expectTrue('encapsulations differ', toHex(again.enc) !== toHex(enc))
        const other = await kem.generateKeyPair()
        const unrelated = await kem.decap(enc, other)
        expectTrue('another recipient finds another secret', toHex(unrelated.bytes) !== toHex(sharedSecret.bytes))
      },
    },
    {
      name: 'kem: ikm determines the key pair, ikmE the encapsulation',
      async run() {
        const pairs = await Promise.all([kem.deriveKeyPair(utf8('ikm')), kem.deriveKeyPair(utf8('ikm'))])
        expectBytes('the public key', pairs[0].publicKey, pairs[1].publicKey)
        expectBytes('the private key', pairs[0].privateKey.bytes, pairs[1].privateKey.bytes)
        const other = await kem.deriveKeyPair(utf8('another ikm'))
        expectTrue('another ikm gives another key', toHex(other.publicKey) !== toHex(pairs[0].publicKey))
        const first = await kem.encap(other.publicKey, utf8('ikmE'))
        const second = await kem.encap(other.publicKey, utf8('ikmE'))
        expectBytes('enc', first.enc, second.enc)
        expectBytes('the shared secret', first.sharedSecret.bytes, second.sharedSecret.bytes)
        expectBytes('the ephemeral key', first.enc, (await kem.deriveKeyPair(utf8('ikmE'))).publicKey)
      },
    },
    ...privateKeyCases(kem),
    {
      name: 'kem: refuses what is not a public key',
      async run() {
        const { publicKey } = await kem.generateKeyPair()
        const recipient = await kem.generateKeyPair()
        const given = bufferLike(publicKey)
        const valid = await expectUntouched('validatePublicKey', [given], () => kem.validatePublicKey(given))
        expectEqual('the validity of a public key', valid, true)
        for (const [what, wrong] of notPublicKeys(kem.id, publicKey)) {
          expectTrue(`${what} is not valid`, !kem.validatePublicKey(wrong))
          await expectCode('CRYPTO_BAD_KEY', `encap to ${what}`, () => kem.encap(wrong))
          await expectCode('CRYPTO_OPEN_FAILED', `decap of ${what}`, () => kem.decap(wrong, recipient))
        }
      },
    },
    ...zeroCases(kem),
    {
      name: 'kem: a batch is the same as single encapsulations',
      async run() {
        const { encapAll } = kem
        if (encapAll === undefined) return
        for (const size of [0, 1, 3, 20]) {
          const pool = await Promise.all([kem.generateKeyPair(), kem.generateKeyPair()])
          const recipients = Array.from({ length: size }, (_, i) => pool[i % 2] as KeyPair)
          const all = await encapAll.call(
            kem,
            recipients.map(({ publicKey }) => publicKey),
          )
          expectEqual('the number of encapsulations', all.length, size)
          expectEqual('the number of different ones', new Set(all.map(({ enc }) => toHex(enc))).size, size)
          for (const [i, { enc, sharedSecret }] of all.entries()) {
            if (i % 5 !== 0) continue
            const found = await kem.decap(enc, recipients[i] as KeyPair)
            expectBytes('the shared secret', found.bytes, sharedSecret.bytes)
          }
        }
        const { publicKey } = await kem.generateKeyPair()
        const keys = [...Array.from({ length: 9 }, () => publicKey), publicKey.subarray(1)]
        await expectCode('CRYPTO_BAD_KEY', 'a batch with a bad key', () => encapAll.call(kem, keys))
      },
    },
    {
      name: 'kem: a wiped private key is not used, even if it was before',
      async run() {
        const recipient = await kem.generateKeyPair()
        const { enc } = await kem.encap(recipient.publicKey)
        await kem.decap(enc, recipient)
        recipient.privateKey.wipe()
        await expectCode('CRYPTO_SECRET_WIPED', 'decap after wiping', () => kem.decap(enc, recipient))
      },
    },
    {
      name: 'kem: a public key’s buffer can be used for another key',
      async run() {
        const pairs = await Promise.all([kem.generateKeyPair(), kem.generateKeyPair()])
        const buffer = new Uint8Array(kem.publicKeyLength)
        for (const pair of [...pairs, pairs[0]]) {
          buffer.set(pair.publicKey)
          const { enc, sharedSecret } = await kem.encap(buffer)
          expectBytes('the shared secret', (await kem.decap(enc, pair)).bytes, sharedSecret.bytes)
        }
      },
    },
  ]
}

function knownAnswerCases({ kem, hash }: SuitePrimitives): ConformanceCase[] {
  const cases: ConformanceCase[] = []
  const answers = KEM_ANSWERS.get(kem.id)
  if (answers !== undefined) {
    cases.push({
      name: 'kem: known answer',
      async run() {
        const derived = await kem.deriveKeyPair(hex(answers.ikmR))
        expectBytes('the derived private key', derived.privateKey.bytes, hex(answers.privateKey))
        expectBytes('the derived public key', derived.publicKey, hex(answers.publicKey))
        const { enc, sharedSecret } = await kem.encap(hex(answers.publicKey), hex(answers.ikmE))
        expectBytes('enc', enc, hex(answers.enc))
        expectBytes('the shared secret', sharedSecret.bytes, hex(answers.sharedSecret))
        const imported = await kem.importPrivateKey(hex(answers.privateKey))
        const found = await kem.decap(hex(answers.enc), imported)
        expectBytes('the secret that decap finds', found.bytes, hex(answers.sharedSecret))
      },
    })
  }
  const dhAnswers = DH_ANSWERS.get(kem.id)
  if (dhAnswers !== undefined) {
    cases.push({
      name: 'kem: known Diffie-Hellman',
      async run() {
        const recipient = await kem.importPrivateKey(hex(dhAnswers.privateKey))
        const context = concat(hex(dhAnswers.enc), recipient.publicKey)
        const expected = extractAndExpand(hash, kemSuiteId(kem.id), hex(dhAnswers.dh), context)
        const found = await kem.decap(hex(dhAnswers.enc), recipient)
        expectBytes('the secret that decap finds', found.bytes, expected.bytes)
      },
    })
  }
  return cases
}
