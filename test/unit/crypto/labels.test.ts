// The labelled primitives (RFC 9420 §5.1, §5.2, §8): what is separated by label, context and length, and how they fail.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import { hkdfExpand } from '../../../src/crypto/hkdf.ts'
import {
  type CipherSuite,
  decryptWithLabel,
  deriveSecret,
  deriveTreeSecret,
  encryptAllWithLabel,
  encryptWithLabel,
  expandWithLabel,
  refHash,
  signWithLabel,
  verifyAllWithLabel,
  verifyWithLabel,
} from '../../../src/crypto/labels.ts'
import { suite1 as suite } from '../../../src/crypto/providers/noble/suites.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import { CoterieError } from '../../../src/errors.ts'
import { rejectionCode, rejectionOf } from '../../support/errors.ts'

const NONE = new Uint8Array(0)
const secret = new Uint8Array(32).fill(7)
const content = utf8('content')

describe('expandWithLabel (RFC 9420 §8)', () => {
  it('expands over KDFLabel: length, label with the prefix, context', () => {
    const info = new Uint8Array([0, 16, 11, ...utf8('MLS 1.0 key'), 2, 8, 9])
    const expanded = expandWithLabel(suite, secret, 'key', new Uint8Array([8, 9]), 16)
    expect(expanded).toEqual(hkdfExpand(suite.hash, secret, info, 16))
  })

  it('gives different secrets for different labels, contexts and lengths', () => {
    const outputs = [
      expandWithLabel(suite, secret, 'a', NONE, 32),
      expandWithLabel(suite, secret, 'b', NONE, 32),
      expandWithLabel(suite, secret, 'a', new Uint8Array(1), 32),
      expandWithLabel(suite, secret, 'a', NONE, 33).slice(0, 32),
      // The label and the context have lengths: what moves from one to the other makes a difference.
      expandWithLabel(suite, secret, 'ab', utf8('c'), 32),
      expandWithLabel(suite, secret, 'a', utf8('bc'), 32),
    ]
    expect(new Set(outputs.map(String)).size).toBe(outputs.length)
  })

  it('keeps labels apart that come after the first ones it met', () => {
    const outputs = Array.from({ length: 200 }, (_, i) => expandWithLabel(suite, secret, `label ${i}`, NONE, 32))
    expect(new Set(outputs.map(String)).size).toBe(200)
    expect(expandWithLabel(suite, secret, 'label 199', NONE, 32)).toEqual(outputs[199])
  })
})

describe('deriveSecret and deriveTreeSecret', () => {
  it('are expandWithLabel with Nh bytes, and with the generation as context', () => {
    const derived = deriveSecret(suite, new Secret(secret.slice()), 'init')
    expect(derived.bytes).toEqual(expandWithLabel(suite, secret, 'init', NONE, 32))
    const context = new Uint8Array([0xff, 0xff, 0xff, 0xfe])
    expect(deriveTreeSecret(suite, secret, 'key', 0xfffffffe, 16)).toEqual(
      expandWithLabel(suite, secret, 'key', context, 16),
    )
  })
})

describe('refHash (RFC 9420 §5.2)', () => {
  it('hashes label and value with their lengths', () => {
    const input = new Uint8Array([2, ...utf8('ab'), 1, 5])
    expect(refHash(suite, 'ab', new Uint8Array([5]))).toEqual(suite.hash.digest(input))
  })
})

describe('signWithLabel (RFC 9420 §5.1.2)', () => {
  it('binds the signature to label and content', async () => {
    const pair = await suite.signature.generateKeyPair()
    const signature = await signWithLabel(suite, pair.privateKey, 'LeafNodeTBS', content)
    const signed = { publicKey: pair.publicKey, label: 'LeafNodeTBS', content, signature }
    await verifyWithLabel(suite, signed, 'LEAF_SIGNATURE')
    for (const other of [
      { ...signed, label: 'KeyPackageTBS' },
      { ...signed, content: utf8('contenu') },
      { ...signed, signature: signature.slice(1) },
      { ...signed, publicKey: new Uint8Array(32) },
    ]) {
      expect(await rejectionCode(verifyWithLabel(suite, other, 'LEAF_SIGNATURE'))).toBe('LEAF_SIGNATURE')
    }
  })

  it('verifies many, with the provider in one call or one by one, and finds the one that is wrong', async () => {
    const signed = await Promise.all(
      ['a', 'b', 'c'].map(async (text) => {
        const pair = await suite.signature.generateKeyPair()
        const signature = await signWithLabel(suite, pair.privateKey, 'x', utf8(text))
        return { publicKey: pair.publicKey, label: 'x', content: utf8(text), signature }
      }),
    )
    const calls: number[] = []
    const batching: CipherSuite = {
      ...suite,
      signature: {
        ...suite.signature,
        verifyAll: async (items) => {
          calls.push(items.length)
          for (const item of items) await suite.signature.verify(item.publicKey, item.data, item.signature)
        },
      },
    }
    const { verifyAll: _, ...oneByOne } = suite.signature
    for (const provider of [batching, { ...suite, signature: oneByOne }]) {
      await verifyAllWithLabel(provider, signed, 'LEAF_SIGNATURE')
      const broken = signed.map((one, i) => (i === 1 ? { ...one, content } : one))
      expect(await rejectionCode(verifyAllWithLabel(provider, broken, 'LEAF_SIGNATURE'))).toBe('LEAF_SIGNATURE')
    }
    expect(calls).toEqual([3, 3])
    await verifyAllWithLabel(suite, [], 'LEAF_SIGNATURE')
  })

  it('keeps the reason as the cause', async () => {
    const wrong = { publicKey: new Uint8Array(32), label: 'x', content, signature: new Uint8Array(64) }
    const error = await rejectionOf(verifyWithLabel(suite, wrong, 'FRAMING_SIGNATURE'))
    expect(CoterieError.is(error) && CoterieError.is(error.cause, 'CRYPTO_BAD_SIGNATURE')).toBe(true)
  })
})

describe('encryptWithLabel (RFC 9420 §5.1.3)', () => {
  it('opens with the same label and context only', async () => {
    const pair = await suite.kem.generateKeyPair()
    const sealed = await encryptWithLabel(suite, pair.publicKey, 'Welcome', utf8('context'), content)
    expect(await decryptWithLabel(suite, pair, 'Welcome', utf8('context'), sealed)).toEqual(content)
    const fails = (opening: Promise<unknown>) => expect(rejectionCode(opening)).resolves.toBe('CRYPTO_OPEN_FAILED')
    await fails(decryptWithLabel(suite, pair, 'UpdatePathNode', utf8('context'), sealed))
    await fails(decryptWithLabel(suite, pair, 'Welcome', utf8('other'), sealed))
    await fails(decryptWithLabel(suite, await suite.kem.generateKeyPair(), 'Welcome', utf8('context'), sealed))
    const shorter = { ...sealed, ciphertext: sealed.ciphertext.slice(1) }
    await fails(decryptWithLabel(suite, pair, 'Welcome', utf8('context'), shorter))
  })

  it('encrypts many in order, each to its own key and context', async () => {
    const pairs = await Promise.all([0, 1, 2].map(() => suite.kem.generateKeyPair()))
    const sealed = await encryptAllWithLabel(
      suite,
      'x',
      pairs.map(({ publicKey }, i) => ({ publicKey, context: utf8(`${i >> 1}`), plaintext: utf8(`to ${i}`) })),
    )
    for (const [i, pair] of pairs.entries()) {
      const one = sealed[i]
      if (one === undefined) throw new Error('too few')
      expect(await decryptWithLabel(suite, pair, 'x', utf8(`${i >> 1}`), one)).toEqual(utf8(`to ${i}`))
    }
    expect(await encryptAllWithLabel(suite, 'x', [])).toEqual([])
  })
})
