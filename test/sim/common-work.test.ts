// What the devices of a simulation compute together: the same as each by itself would, and nothing that is not the same.
import { expect, test } from 'vitest'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { CommonWork } from '../../src/testing/simulation/common-work.ts'

const base = nodeProvider.suite(1)
if (base === undefined) throw new Error('this suite is needed')
const bytes = (length: number, first = 0): Uint8Array => Uint8Array.from({ length }, (_, i) => first + i)
const changed = (original: Uint8Array): Uint8Array => original.map((byte, i) => (i === 3 ? byte ^ 1 : byte))

test('there is one suite for all devices', () => {
  const common = new CommonWork()
  expect(common.of(base)).toBe(common.of(base))
})

test('hashes are those of the provider, and each has its own', () => {
  const { hash } = new CommonWork().of(base)
  for (const data of [bytes(0), bytes(40), bytes(200), new Uint8Array(1_000)]) {
    const first = hash.digest(data)
    expect(first).toEqual(base.hash.digest(data))
    first.fill(0)
    expect(hash.digest(data)).toEqual(base.hash.digest(data))
    hash.hmac(bytes(32), data).fill(0)
    expect(hash.hmac(bytes(32), data)).toEqual(base.hash.hmac(bytes(32), data))
    expect(hash.hmac(bytes(31), data)).not.toEqual(hash.hmac(bytes(32), data))
  }
  // The same bytes, with another border between key and data.
  expect(hash.hmac(bytes(8), bytes(8, 8))).not.toEqual(hash.hmac(bytes(9), bytes(7, 9)))
})

test('what was sealed is opened with the same key, nonce and associated data alone', () => {
  const { aead } = new CommonWork().of(base)
  const [key, nonce, aad, plaintext] = [bytes(16), bytes(12), bytes(20), bytes(50)]
  const ciphertext = aead.seal(key, nonce, aad, plaintext)
  aead.open(key, nonce, aad, ciphertext).fill(0)
  expect(aead.open(key, nonce, aad, ciphertext)).toEqual(plaintext)
  expect(base.aead.open(key, nonce, aad, ciphertext)).toEqual(plaintext)
  expect(() => aead.open(changed(key), nonce, aad, ciphertext)).toThrow()
  expect(() => aead.open(key, changed(nonce), aad, ciphertext)).toThrow()
  expect(() => aead.open(key, nonce, changed(aad), ciphertext)).toThrow()
  expect(() => aead.open(key, nonce, aad, changed(ciphertext))).toThrow()
})

test('a key pair belongs to whoever asked for it', async () => {
  const { kem } = new CommonWork().of(base)
  const one = await kem.deriveKeyPair(bytes(32))
  one.privateKey.wipe()
  const other = await kem.deriveKeyPair(bytes(32))
  const alone = await base.kem.deriveKeyPair(bytes(32))
  expect(other.publicKey).toEqual(alone.publicKey)
  expect(other.privateKey.bytes).toEqual(alone.privateKey.bytes)
})

test('what was encapsulated is known to its recipient alone', async () => {
  const { kem } = new CommonWork().of(base)
  const recipient = await kem.deriveKeyPair(bytes(32))
  const other = await kem.deriveKeyPair(bytes(32, 1))
  const { enc, sharedSecret } = await kem.encap(recipient.publicKey)
  const expected = sharedSecret.bytes.slice()
  sharedSecret.wipe()
  expect((await kem.decap(enc, recipient)).bytes).toEqual(expected)
  expect((await base.kem.decap(enc, recipient)).bytes).toEqual(expected)
  expect((await kem.decap(enc, other)).bytes).not.toEqual(expected)
  const mixed = { publicKey: recipient.publicKey, privateKey: other.privateKey }
  expect((await kem.decap(enc, mixed)).bytes).not.toEqual(expected)
  expect((await kem.decap(changed(enc), recipient)).bytes).not.toEqual(expected)
})

test('a signature is valid over what was signed alone', async () => {
  const { signature } = new CommonWork().of(base)
  const pair = await signature.importPrivateKey(bytes(32))
  const other = await signature.importPrivateKey(bytes(32, 1))
  const data = bytes(100)
  const signed = await signature.sign(pair.privateKey, data)
  expect(signed).toEqual(await base.signature.sign(pair.privateKey, data))
  await signature.verify(pair.publicKey, data, signed)
  await expect(signature.verify(other.publicKey, data, signed)).rejects.toThrow()
  await expect(signature.verify(pair.publicKey, changed(data), signed)).rejects.toThrow()
  await expect(signature.verify(pair.publicKey, data, changed(signed))).rejects.toThrow()
  // Found invalid once, it is not valid the next time.
  await expect(signature.verify(pair.publicKey, data, changed(signed))).rejects.toThrow()
})
