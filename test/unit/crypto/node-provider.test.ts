// The node provider where Node has no `crypto.encapsulate` (before 24.7), and what it remembers of keys.
import { describe, expect, it, vi } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import { nobleProvider } from '../../../src/crypto-noble.ts'
import { nodeProvider } from '../../../src/crypto-node.ts'
import { providerConformance } from '../../../src/testing.ts'
import { rejectionCode } from '../../support/errors.ts'
import { suiteOf } from './all-providers.ts'

describe('before Node 24.7', async () => {
  vi.resetModules()
  vi.doMock('node:crypto', async (importOriginal) => {
    const { encapsulate: _, decapsulate: __, ...rest } = await importOriginal<typeof import('node:crypto')>()
    return rest
  })
  const { nodeProvider: older } = await import('../../../src/crypto-node.ts')
  vi.doUnmock('node:crypto')

  it('batches are not offered', () => {
    for (const id of older.suites) expect(suiteOf(older, id).kem.encapAll).toBeUndefined()
    for (const id of nodeProvider.suites) expect(suiteOf(nodeProvider, id).kem.encapAll).toBeDefined()
  })

  const cases = providerConformance(older).filter(({ name }) => / kem: /.test(name))
  it.each(cases)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined()
  })
})

it('another provider’s keys are taken, though none of them is remembered', async () => {
  for (const id of nodeProvider.suites) {
    const [node, noble] = [suiteOf(nodeProvider, id), suiteOf(nobleProvider, id)]
    const recipient = await noble.kem.generateKeyPair()
    const { enc, sharedSecret } = await node.kem.encap(recipient.publicKey)
    expect((await noble.kem.decap(enc, recipient)).bytes).toEqual(sharedSecret.bytes)
    expect((await node.kem.decap(enc, recipient)).bytes).toEqual(sharedSecret.bytes)

    const signer = await noble.signature.generateKeyPair()
    const signature = await node.signature.sign(signer.privateKey, utf8('data'))
    await expect(noble.signature.verify(signer.publicKey, utf8('data'), signature)).resolves.toBeUndefined()
  }
})

it('results are plain arrays whose slices are copies', async () => {
  for (const id of nodeProvider.suites) {
    const { hash, aead, kem, signature } = suiteOf(nodeProvider, id)
    const pair = await kem.generateKeyPair()
    const signer = await signature.generateKeyPair()
    const sealed = aead.seal(new Uint8Array(aead.keyLength), new Uint8Array(12), utf8('aad'), utf8('data'))
    const results = [
      hash.digest(utf8('data')),
      hash.hmac(utf8('key'), utf8('data')),
      sealed,
      aead.open(new Uint8Array(aead.keyLength), new Uint8Array(12), utf8('aad'), sealed),
      pair.publicKey,
      pair.privateKey.bytes,
      (await kem.encap(pair.publicKey)).enc,
      (await kem.encap(pair.publicKey)).sharedSecret.bytes,
      signer.publicKey,
      await signature.sign(signer.privateKey, utf8('data')),
    ]
    for (const result of results) {
      expect(Object.getPrototypeOf(result)).toBe(Uint8Array.prototype)
      expect(result.slice().buffer).not.toBe(result.buffer)
    }
  }
})

it('private keys of the wrong length cannot sign', async () => {
  const { Secret } = await import('../../../src/crypto/secret.ts')
  for (const provider of [nodeProvider, nobleProvider]) {
    for (const id of provider.suites) {
      const signing = suiteOf(provider, id).signature.sign(new Secret(new Uint8Array(7).fill(1)), utf8('data'))
      expect(await rejectionCode(signing)).toBe('CRYPTO_BAD_PRIVATE_KEY')
    }
  }
})
