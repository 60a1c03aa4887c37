// HPKE's rules beyond its vectors (RFC 9180 §5, §6): sequence numbers, exports, failures, and single-shot forms.
import { describe, expect, it } from 'vitest'
import { EMPTY, utf8 } from '../../../src/bytes.ts'
import type { SuitePrimitives } from '../../../src/crypto/contract.ts'
import {
  hpkeExportRecipient,
  hpkeExportSender,
  hpkeOpen,
  hpkeSeal,
  hpkeSealAll,
  setupBaseRecipient,
  setupBaseSender,
} from '../../../src/crypto/hpke.ts'
import { HpkeSenderContext, KeySchedule, keyScheduleContext, MODE_BASE } from '../../../src/crypto/hpke-context.ts'
import { setupRecipient, setupSender } from '../../../src/crypto/hpke-modes.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import { codeOf, rejectionCode } from '../../support/errors.ts'
import { PROVIDERS, suiteOf } from './all-providers.ts'

const info = utf8('info')
const aad = utf8('aad')
const plaintext = utf8('a plaintext')

const SUITES = PROVIDERS.flatMap((provider) =>
  [1, 2, 3, 4, 5, 6, 7].map((id) => ({ name: `${provider.name}, suite ${id}`, suite: suiteOf(provider, id) })),
)

describe.each(SUITES)('$name', ({ suite }) => {
  it('opens what was sealed, and nothing else', async () => {
    const recipient = await suite.kem.generateKeyPair()
    const sealed = await hpkeSeal(suite, recipient.publicKey, info, aad, plaintext)
    expect(await hpkeOpen(suite, sealed, recipient, info, aad)).toEqual(plaintext)

    const other = await suite.kem.generateKeyPair()
    const changed = { ...sealed, ciphertext: sealed.ciphertext.map((byte, i) => (i === 0 ? byte ^ 1 : byte)) }
    const attempts = [
      () => hpkeOpen(suite, sealed, other, info, aad),
      () => hpkeOpen(suite, sealed, recipient, utf8('other'), aad),
      () => hpkeOpen(suite, sealed, recipient, info, EMPTY),
      () => hpkeOpen(suite, changed, recipient, info, aad),
      () => hpkeOpen(suite, { ...sealed, enc: other.publicKey }, recipient, info, aad),
      () => hpkeOpen(suite, { ...sealed, enc: EMPTY }, recipient, info, aad),
      () => hpkeOpen(suite, { ...sealed, ciphertext: EMPTY }, recipient, info, aad),
    ]
    for (const attempt of attempts) expect(await rejectionCode(attempt())).toBe('CRYPTO_OPEN_FAILED')
  })

  it('seals many as it seals one, whatever their infos are', async () => {
    const recipients = await Promise.all([suite.kem.generateKeyPair(), suite.kem.generateKeyPair()])
    const items = Array.from({ length: 12 }, (_, i) => ({
      publicKey: (recipients[i % 2] as (typeof recipients)[0]).publicKey,
      info: utf8(`info ${i < 6 ? 0 : i % 3}`),
      aad: utf8(`aad ${i}`),
      plaintext: utf8(`plaintext ${i}`),
    }))
    const all = await hpkeSealAll(suite, items)
    expect(all.length).toBe(items.length)
    for (const [i, sealed] of all.entries()) {
      const item = items[i] as (typeof items)[0]
      const recipient = recipients[i % 2] as (typeof recipients)[0]
      expect(await hpkeOpen(suite, sealed, recipient, item.info, item.aad)).toEqual(item.plaintext)
    }
    expect(await hpkeSealAll(suite, [])).toEqual([])
  })

  it('exports the same on both sides, as a context of several messages does', async () => {
    const recipient = await suite.kem.generateKeyPair()
    const length = suite.hash.length
    const { enc, secret } = await hpkeExportSender(suite, recipient.publicKey, info, aad, length)
    const found = await hpkeExportRecipient(suite, enc, recipient, info, aad, length)
    expect(found.bytes).toEqual(secret.bytes)
    expect(found.length).toBe(length)
    const context = await setupBaseRecipient(suite, enc, recipient, info)
    expect(context.export(aad, length)).toEqual(secret.bytes)
    expect(context.export(EMPTY, length)).not.toEqual(secret.bytes)
  })
})

describe('with one suite', () => {
  const suite = suiteOf(PROVIDERS[0] as (typeof PROVIDERS)[0], 1)

  it('the single-shot form is the context’s first message', async () => {
    const recipient = await suite.kem.generateKeyPair()
    const ikmE = utf8('the same ephemeral key')
    const sealed = await hpkeSeal(suite, recipient.publicKey, info, aad, plaintext, ikmE)
    const { enc, context } = await setupBaseSender(suite, recipient.publicKey, info, ikmE)
    expect(enc).toEqual(sealed.enc)
    expect(context.seal(aad, plaintext)).toEqual(sealed.ciphertext)
    expect(context.seal(aad, plaintext)).not.toEqual(sealed.ciphertext)
  })

  it('a message that does not open does not advance the context (§5.2)', async () => {
    const recipient = await suite.kem.generateKeyPair()
    const { enc, context: sending } = await setupBaseSender(suite, recipient.publicKey, info)
    const receiving = await setupBaseRecipient(suite, enc, recipient, info)
    const [first, second] = [sending.seal(aad, plaintext), sending.seal(aad, plaintext)]
    expect(codeOf(() => receiving.open(aad, second))).toBe('CRYPTO_OPEN_FAILED')
    expect(receiving.open(aad, first)).toEqual(plaintext)
    expect(codeOf(() => receiving.open(aad, first))).toBe('CRYPTO_OPEN_FAILED')
    expect(receiving.open(aad, second)).toEqual(plaintext)
  })

  it('sequence numbers do not wrap (§5.2 MessageLimitReachedError)', () => {
    const context = new HpkeSenderContext(suite, schedule(suite), Number.MAX_SAFE_INTEGER - 1)
    context.seal(aad, plaintext)
    expect(codeOf(() => context.seal(aad, plaintext))).toBe('CRYPTO_SEQUENCE_EXHAUSTED')
    expect(codeOf(() => context.seal(aad, plaintext))).toBe('CRYPTO_SEQUENCE_EXHAUSTED')
  })

  it('every sequence number has its own nonce, all of its bytes used', () => {
    const sequences = [0, 1, 255, 256, 2 ** 24, 2 ** 32, 2 ** 40, 2 ** 48, 2 ** 52]
    const ciphertexts = sequences.map((sequence) =>
      new HpkeSenderContext(suite, schedule(suite), sequence).seal(aad, plaintext).join(),
    )
    expect(new Set(ciphertexts).size).toBe(sequences.length)
  })

  it('exports at most 255 · Nh bytes', async () => {
    const { publicKey } = await suite.kem.generateKeyPair()
    const limit = 255 * suite.hash.length
    const { context } = await setupBaseSender(suite, publicKey, info)
    expect(context.export(aad, limit).length).toBe(limit)
    expect(codeOf(() => context.export(aad, limit + 1))).toBe('CRYPTO_BAD_LENGTH')
    const tooLong = hpkeExportSender(suite, publicKey, info, aad, limit + 1)
    expect(await rejectionCode(tooLong)).toBe('CRYPTO_BAD_LENGTH')
  })

  it('a wiped context is not used', async () => {
    const { publicKey } = await suite.kem.generateKeyPair()
    const { context } = await setupBaseSender(suite, publicKey, info)
    context.wipe()
    expect(codeOf(() => context.seal(aad, plaintext))).toBe('CRYPTO_SECRET_WIPED')
    expect(codeOf(() => context.export(aad, 32))).toBe('CRYPTO_SECRET_WIPED')
  })

  it('bad public keys are refused before anything is sealed', async () => {
    const zero = new Uint8Array(32)
    const { publicKey } = await suite.kem.generateKeyPair()
    const items = [publicKey, zero].map((key) => ({ publicKey: key, info, aad, plaintext }))
    expect(await rejectionCode(hpkeSeal(suite, zero, info, aad, plaintext))).toBe('CRYPTO_BAD_KEY')
    expect(await rejectionCode(hpkeSealAll(suite, items))).toBe('CRYPTO_BAD_KEY')
    expect(await rejectionCode(hpkeExportSender(suite, zero, info, aad, 32))).toBe('CRYPTO_BAD_KEY')
  })
})

describe('modes other than base', () => {
  const suite = suiteOf(PROVIDERS[0] as (typeof PROVIDERS)[0], 1)
  const psk = { psk: new Uint8Array(32).fill(1), pskId: utf8('id') }

  it('both sides must agree on PSK and sender', async () => {
    const [recipient, sender, other] = await Promise.all([
      suite.kem.generateKeyPair(),
      suite.kem.generateKeyPair(),
      suite.kem.generateKeyPair(),
    ])
    const { enc, context } = await setupSender(suite, recipient.publicKey, info, { psk, sender })
    const ciphertext = context.seal(aad, plaintext)
    const senderPublicKey = sender.publicKey
    const agreeing = await setupRecipient(suite, enc, recipient, info, { psk, senderPublicKey })
    expect(agreeing.open(aad, ciphertext)).toEqual(plaintext)
    const others = [
      {},
      { psk },
      { senderPublicKey },
      { psk: { ...psk, psk: new Uint8Array(32) }, senderPublicKey },
      { psk: { ...psk, pskId: utf8('another id') }, senderPublicKey },
      { psk, senderPublicKey: other.publicKey },
    ]
    for (const proof of others) {
      const receiving = await setupRecipient(suite, enc, recipient, info, proof)
      expect(codeOf(() => receiving.open(aad, ciphertext))).toBe('CRYPTO_OPEN_FAILED')
    }
  })

  it('a PSK and its id are not empty (§5.1 VerifyPSKInputs)', async () => {
    const { publicKey } = await suite.kem.generateKeyPair()
    for (const part of ['psk', 'pskId']) {
      const setup = setupSender(suite, publicKey, info, { psk: { ...psk, [part]: EMPTY } })
      expect(await rejectionCode(setup)).toBe('ARGUMENT_INVALID')
    }
  })

  it('a KEM that does not show its Diffie-Hellman does not authenticate', async () => {
    const { curve: _curve, hash: _hash, ...kem } = suite.kem as typeof suite.kem & { curve: unknown; hash: unknown }
    const sender = await suite.kem.generateKeyPair()
    const setup = setupSender({ ...suite, kem }, sender.publicKey, info, { sender })
    expect(await rejectionCode(setup)).toBe('ARGUMENT_INVALID')
  })
})

function schedule(suite: SuitePrimitives): KeySchedule {
  const sharedSecret = new Secret(new Uint8Array(suite.kem.sharedSecretLength).fill(7))
  return new KeySchedule(suite, keyScheduleContext(suite, MODE_BASE, info), sharedSecret)
}
