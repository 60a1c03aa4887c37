// What travels around MLS, against its vectors in both directions, and with everything that can be wrong with it (spec/).

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { toHex, utf8 } from '../../src/bytes.ts'
import { encode } from '../../src/codec/writer.ts'
import { decodeBody, encodeBody, MAX_MESSAGE_BYTES, type MessageBody } from '../../src/content/message-body.ts'
import { compareMessages, decodeMessageContent, encodeMessageContent } from '../../src/content/message-content.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { createKeyPackage, lifetimeOfDays } from '../../src/group/key-packages.ts'
import { certifyDevice, verifyDevice } from '../../src/identity/device-credential.ts'
import { didKey, publicKeyOfDid } from '../../src/identity/did-key.ts'
import { basicCredential } from '../../src/messages/credential.ts'
import { encodeKeyPackage } from '../../src/messages/key-package.ts'
import { readGroupProfile } from '../../src/session/group-profile.ts'
import { readContactCard, writeContactCard } from '../../src/wire/contact-card.ts'
import { isForKey, MAX_LARGE_FRAME_BYTES, openFrame, readFrame, sealFrame } from '../../src/wire/frame.ts'
import { openFromInbox, sealForInbox } from '../../src/wire/inbox.ts'
import { topicFromSeed } from '../../src/wire/topic.ts'
import { bytesOf, countingSuite, deterministicVectors, wireSuite } from './wire-vectors.ts'

const suite = wireSuite()
const NOW = 1_790_000_000_000
const RELAYS = ['/dns4/relay.example/tcp/443/tls/ws/p2p/12D3KooWSVfcwBPNFCT8JYqnsYeokWhCe4atfVzjp2nGPXmsTPxw']

test('the vectors are what this library makes', async () => {
  for (const { name, vectors } of await deterministicVectors()) expect(vectors).toEqual(load(name))
})

describe('frame', () => {
  test('vectors are read, opened, and give their payload', async () => {
    for (const vector of load('frame')) {
      const frame = await readFrame(suite, String(vector.topic), bytesOf(vector.frame))
      const key = new Secret(bytesOf(vector.key))
      expect(toHex(frame.id)).toBe(vector.frame_id)
      expect(isForKey(suite, frame, key)).toBe(true)
      expect(toHex(openFrame(suite, key, frame))).toBe(vector.payload)
    }
  })

  test('every changed byte is noticed by those who have no key', async () => {
    const topic = await topicFromSeed(suite, new Uint8Array(32).fill(1))
    const bytes = await sealFrame(suite, topic, new Secret(new Uint8Array(32)), utf8('hello'), NOW)
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = bytes.slice()
      changed[at] = (changed[at] as number) ^ 0x10
      await expect(readFrame(suite, topic.name, changed)).rejects.toMatchObject({
        code: expect.stringMatching(/^FRAME_(MALFORMED|SIGNATURE)$/),
      })
    }
  })

  test('another topic, another key, too short and too long', async () => {
    const topic = await topicFromSeed(suite, new Uint8Array(32).fill(1))
    const other = await topicFromSeed(suite, new Uint8Array(32).fill(2))
    const bytes = await sealFrame(suite, topic, new Secret(new Uint8Array(32)), utf8('hello'), NOW)
    const frame = await readFrame(suite, topic.name, bytes)
    const wrongKey = new Secret(new Uint8Array(32).fill(1))
    await expect(readFrame(suite, other.name, bytes)).rejects.toMatchObject({ code: 'FRAME_SIGNATURE' })
    await expect(readFrame(suite, 'nonsense', bytes)).rejects.toMatchObject({ code: 'FRAME_MALFORMED' })
    await expect(readFrame(suite, topic.name, bytes.slice(0, 80))).rejects.toMatchObject({ code: 'FRAME_MALFORMED' })
    const long = new Uint8Array(MAX_LARGE_FRAME_BYTES + 1).fill(1)
    await expect(readFrame(suite, topic.name, long)).rejects.toMatchObject({ code: 'FRAME_MALFORMED' })
    expect(isForKey(suite, frame, wrongKey)).toBe(false)
    expect(() => openFrame(suite, wrongKey, frame)).toThrow(expect.objectContaining({ code: 'FRAME_UNREADABLE' }))
    const large = new Uint8Array(MAX_LARGE_FRAME_BYTES)
    await expect(sealFrame(suite, topic, wrongKey, large, NOW)).rejects.toMatchObject({
      code: 'TRANSPORT_FRAME_TOO_LARGE',
    })
  })

  test('short payloads have one length, and two frames under one key share no tag', async () => {
    const topic = await topicFromSeed(suite, new Uint8Array(32).fill(1))
    const key = new Secret(new Uint8Array(32))
    const frames = await Promise.all(
      ['', 'yes', 'x'.repeat(200)].map((text) => sealFrame(suite, topic, key, utf8(text), NOW)),
    )
    expect(new Set(frames.map(({ length }) => length)).size).toBe(1)
    const tags = await Promise.all(
      frames.map(async (bytes) => toHex((await readFrame(suite, topic.name, bytes)).keyTag)),
    )
    expect(new Set(tags).size).toBe(3)
  })
})

describe('credential', () => {
  test('vectors verify and name their identity', async () => {
    for (const vector of load('credential')) {
      const credential = basicCredential(bytesOf(vector.credential_identity))
      const device = await verifyDevice(suite.signature, credential, bytesOf(vector.device_key))
      expect(device).toMatchObject({ identity: vector.identity, name: vector.name })
      expect(didKey(publicKeyOfDid(device.identity))).toBe(device.identity)
    }
  })

  test('another device, another name, another identity and names out of bounds are refused', async () => {
    const identity = await suite.signature.generateKeyPair()
    const stranger = await suite.signature.generateKeyPair()
    const device = await suite.signature.generateKeyPair()
    const { identity: bytes } = await certifyDevice(suite.signature, identity, 'Alice', device.publicKey)
    const verify = (content: Uint8Array, key: Uint8Array): Promise<unknown> =>
      verifyDevice(suite.signature, basicCredential(content), key)
    await expect(verify(bytes, stranger.publicKey)).rejects.toMatchObject({ code: 'IDENTITY_CERTIFICATE' })
    const renamed = replace(bytes, utf8('Alice'), utf8('Mally'))
    await expect(verify(renamed, device.publicKey)).rejects.toMatchObject({ code: 'IDENTITY_CERTIFICATE' })
    const stolen = replace(bytes, identity.publicKey, stranger.publicKey)
    await expect(verify(stolen, device.publicKey)).rejects.toMatchObject({ code: 'IDENTITY_CERTIFICATE' })
    await expect(verify(utf8('alice'), device.publicKey)).rejects.toMatchObject({ code: 'IDENTITY_MALFORMED' })
    for (const name of ['', 'x'.repeat(129), 'x'.repeat(10_000_000)]) {
      const certified = certifyDevice(suite.signature, identity, name, device.publicKey)
      await expect(certified).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    }
  })

  test.each([
    'did:web:example.org',
    'did:key:z6Mk',
    'did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme',
    '',
    'did:key:z0OIl',
  ])('%s is no identity', (did) => {
    expect(() => publicKeyOfDid(did)).toThrow(expect.objectContaining({ code: 'IDENTITY_MALFORMED' }))
  })
})

test('profile vectors are read', () => {
  for (const vector of load('group-policy')) {
    const extension = { extensionType: Number(vector.extension_type), data: bytesOf(vector.extension_data) }
    const profile = readGroupProfile([extension])
    expect(profile).toMatchObject({ name: vector.name, description: vector.description, admins: vector.admins })
    expect(Object.values(profile.permissions)).toEqual(vector.permissions)
    expect(toHex(profile.rendezvousSecret.bytes)).toBe(vector.rendezvous_secret)
    const shorter = { ...extension, data: extension.data.slice(0, -1) }
    expect(() => readGroupProfile([shorter])).toThrow(expect.objectContaining({ code: 'GROUP_PROFILE_MALFORMED' }))
  }
  expect(() => readGroupProfile([])).toThrow(expect.objectContaining({ code: 'GROUP_PROFILE_MALFORMED' }))
})

describe('message', () => {
  test('vectors are read, and sort as they should', () => {
    const messages = load('message').map((vector) => {
      const content = decodeMessageContent(bytesOf(vector.content))
      expect(toHex(content.body)).toBe(vector.body)
      expect(content.lamport.toString()).toBe(vector.lamport)
      return { id: bytesOf(vector.id), content }
    })
    expect([...messages].reverse().sort(compareMessages)).toEqual(messages)
  })

  test('too long, and not a message', () => {
    const body = new Uint8Array(MAX_MESSAGE_BYTES)
    const content = { seq: 0n, previous: new Uint8Array(0), lamport: 1n, sentAtMs: NOW, body }
    expect(decodeMessageContent(encodeMessageContent(content))).toEqual(content)
    const longer = { ...content, body: new Uint8Array(MAX_MESSAGE_BYTES + 1) }
    expect(() => encodeMessageContent(longer)).toThrow(expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }))
    for (const bytes of [
      new Uint8Array(0),
      Uint8Array.of(2),
      encodeMessageContent({ ...content, body: Uint8Array.of(1) }).slice(0, -1),
    ]) {
      expect(() => decodeMessageContent(bytes)).toThrow(expect.objectContaining({ code: 'MESSAGE_MALFORMED' }))
    }
  })
})

describe('message body', () => {
  test('vectors are read and written', () => {
    for (const vector of load('message-body')) {
      const fields = JSON.parse(String(vector.body)) as MessageBody
      const body = fields.kind === 'custom' ? { ...fields, bytes: bytesOf(fields.bytes) } : fields
      expect(decodeBody(bytesOf(vector.encoded))).toEqual(body)
      expect(toHex(encodeBody(body))).toBe(vector.encoded)
      const cut = bytesOf(vector.encoded).slice(0, -1)
      expect(() => decodeBody(cut)).toThrow(expect.objectContaining({ code: 'MESSAGE_MALFORMED' }))
      const longer = Uint8Array.of(...bytesOf(vector.encoded), 0)
      expect(() => decodeBody(longer)).toThrow(expect.objectContaining({ code: 'MESSAGE_MALFORMED' }))
    }
  })

  test('a kind of a newer version is unknown, not an error', () => {
    expect(decodeBody(Uint8Array.of(99, 1, 2, 3))).toEqual({ kind: 'unknown' })
  })

  test('the longest text, and one that is longer', () => {
    const text = 'x'.repeat(MAX_MESSAGE_BYTES - 6)
    expect(decodeBody(encodeBody({ kind: 'text', text }))).toEqual({ kind: 'text', text })
    const longer = { kind: 'text', text: `${text}x` } as const
    expect(() => encodeBody(longer)).toThrow(expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }))
  })

  test.each([
    { kind: 'text', text: 'Yes', replyTo: 'abc' },
    { kind: 'text', text: 5 },
    { kind: 'reaction', to: 'ab'.repeat(31), emoji: '👍' },
    { kind: 'reaction', to: 'ab'.repeat(32), emoji: '' },
    { kind: 'reaction', to: 'ab'.repeat(32), emoji: 'x'.repeat(65) },
    { kind: 'edit', of: 7, text: '' },
    { kind: 'custom', contentType: '', bytes: new Uint8Array(1) },
    { kind: 'custom', contentType: 'text/plain', bytes: [1] },
    { kind: 'dance' },
  ])('%j is refused', (body) => {
    expect(() => encodeBody(body as MessageBody)).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }))
  })
})

describe('inbox', () => {
  test('the vector is opened by its owner and by nobody else', async () => {
    for (const vector of load('inbox')) {
      const owner = await suite.kem.importPrivateKey(bytesOf(vector.private_key))
      const address = { seed: bytesOf(vector.seed), publicKey: bytesOf(vector.public_key) }
      const message = await openFromInbox(suite, owner, address, bytesOf(vector.payload))
      expect(message).toMatchObject({ kind: vector.kind })
      expect(toHex(message.body)).toBe(vector.body)
      const stranger = await suite.kem.generateKeyPair()
      const opened = openFromInbox(suite, stranger, address, bytesOf(vector.payload))
      await expect(opened).rejects.toMatchObject({ code: 'INBOX_UNREADABLE' })
      const again = await sealForInbox(suite, address, message)
      expect(await openFromInbox(suite, owner, address, again)).toEqual(message)
    }
  })
})

describe('contact card', () => {
  test('vectors are read', async () => {
    const vectors = load('contact-card')
    expect(vectors.length).toBeGreaterThan(1)
    for (const vector of vectors) {
      const { keyPackage, inbox, addresses, relays } = await readContactCard(suite, String(vector.card))
      expect(toHex(encode(encodeKeyPackage, keyPackage))).toBe(vector.key_package)
      expect({ addresses, relays }).toEqual({ addresses: vector.addresses, relays: vector.relays })
      expect([toHex(inbox.seed), toHex(inbox.publicKey)]).toEqual([vector.inbox_seed, vector.inbox_public_key])
      const device = await suite.signature.importPrivateKey(bytesOf(vector.device_seed))
      expect(device.publicKey).toEqual(keyPackage.leafNode.signatureKey)
    }
  })

  test('what was written is read, and every changed character is noticed', async () => {
    const url = await card()
    const read = await readContactCard(suite, url)
    expect(read.addresses).toEqual(['/ip4/127.0.0.1/tcp/4001'])
    expect(read.relays).toEqual(RELAYS)
    expect(read.inbox.seed).toEqual(new Uint8Array(32).fill(8))
    expect(await readContactCard(suite, `  ${url}\n`)).toEqual(read)
    for (let at = 13; at < url.length; at += 17) {
      const changed = `${url.slice(0, at)}${url[at] === 'A' ? 'B' : 'A'}${url.slice(at + 1)}`
      await expect(readContactCard(suite, changed)).rejects.toMatchObject({ code: expect.stringMatching(/^CARD_/) })
    }
  })

  test.each([
    '',
    'coterie:card/',
    'coterie:card/!!!',
    'https://example.org/',
    `coterie:card/${'A'.repeat(10_000_000)}`,
  ])('no card', async (text) => {
    await expect(readContactCard(suite, text)).rejects.toMatchObject({ code: 'CARD_MALFORMED' })
  })
})

async function card(): Promise<string> {
  const device = await suite.signature.generateKeyPair()
  const identity = await suite.signature.generateKeyPair()
  const { keyPackage } = await createKeyPackage(countingSuite(), {
    credential: await certifyDevice(suite.signature, identity, 'Alice', device.publicKey),
    signatureKeyPair: device,
    lifetime: lifetimeOfDays(NOW, 30),
  })
  const inbox = { seed: new Uint8Array(32).fill(8), publicKey: new Uint8Array(32).fill(9) }
  return writeContactCard(suite, device, { keyPackage, inbox, addresses: ['/ip4/127.0.0.1/tcp/4001'], relays: RELAYS })
}

function replace(bytes: Uint8Array, part: Uint8Array, other: Uint8Array): Uint8Array {
  const at = toHex(bytes).indexOf(toHex(part)) / 2
  if (at < 0) throw new Error('there is no such part')
  const changed = bytes.slice()
  changed.set(other, at)
  return changed
}

function load(name: string): Record<string, unknown>[] {
  const path = new URL(`../../spec/vectors/wire/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>[]
}
