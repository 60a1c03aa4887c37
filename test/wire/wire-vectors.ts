// The vectors of what travels around MLS (spec/): made from fixed seeds, so that everybody who makes them gets the same bytes.
// `node test/wire/wire-vectors.ts` writes spec/vectors/wire/.

import { writeFileSync } from 'node:fs'
import { fromHex, toHex, utf8 } from '../../src/bytes.ts'
import { encode } from '../../src/codec/writer.ts'
import { encodeBody, type MessageBody } from '../../src/content/message-body.ts'
import { encodeMessageContent, messageId } from '../../src/content/message-content.ts'
import type { SuitePrimitives } from '../../src/crypto/contract.ts'
import { nobleProvider } from '../../src/crypto/providers/noble/provider.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { createKeyPackage, lifetimeOfDays } from '../../src/group/key-packages.ts'
import { certifyDevice } from '../../src/identity/device-credential.ts'
import { didKey } from '../../src/identity/did-key.ts'
import { encodeKeyPackage } from '../../src/messages/key-package.ts'
import { DEFAULT_PERMISSIONS, groupProfileExtension } from '../../src/session/group-profile.ts'
import { seededEntropy } from '../../src/testing/simulation/seeded-entropy.ts'
import { writeContactCard } from '../../src/wire/contact-card.ts'
import { sealFrame } from '../../src/wire/frame.ts'
import { inboxChannel, sealForInbox } from '../../src/wire/inbox.ts'
import { rendezvousFrom, topicFromSeed } from '../../src/wire/topic.ts'

/** A file of vectors: its name, and what it holds. */
export interface WireVectorFile {
  readonly name: string
  readonly vectors: readonly Readonly<Record<string, string | number | readonly string[]>>[]
}

/** The wire suite, with bytes that are counted up instead of random ones. */
export function countingSuite(): SuitePrimitives {
  const suite = wireSuite()
  let next = 0
  const randomBytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => next++ & 0xff)
  return { ...suite, randomBytes }
}

export function wireSuite(): SuitePrimitives {
  const suite = nobleProvider.suite(3)
  if (suite === undefined) throw new Error('the provider lacks the wire suite')
  return suite
}

/** All that depend on nothing random. */
export async function deterministicVectors(): Promise<WireVectorFile[]> {
  return [
    { name: 'topic', vectors: await Promise.all([0, 1, 255].map(topicVector)) },
    { name: 'frame', vectors: await Promise.all([0, 1, 254, 255, 256, 5_000].map(frameVector)) },
    { name: 'credential', vectors: await Promise.all(['a', 'Alice', '愛麗絲', 'x'.repeat(128)].map(credentialVector)) },
    { name: 'contact-card', vectors: await Promise.all(CARDS.map(cardVector)) },
    { name: 'group-policy', vectors: ['', 'Book club'].map(profileVector) },
    { name: 'message', vectors: ['', 'Chapter one tonight?', '✓'].map(messageVector) },
    { name: 'message-body', vectors: BODIES.map(bodyVector) },
  ]
}

async function topicVector(fill: number): Promise<WireVectorFile['vectors'][number]> {
  const secret = new Uint8Array(32).fill(fill)
  const suite = wireSuite()
  const { topic, controlKey } = await rendezvousFrom(suite, new Secret(secret.slice()))
  const inbox = await inboxChannel(suite, { seed: secret, publicKey: secret })
  return {
    rendezvous_secret: toHex(secret),
    topic: topic.name,
    control_key: toHex(controlKey.bytes),
    inbox_topic_of_same_seed: inbox.topic.name,
    inbox_frame_key_of_same_seed: toHex(inbox.frameKey.bytes),
  }
}

async function frameVector(length: number): Promise<WireVectorFile['vectors'][number]> {
  const suite = countingSuite()
  const seed = new Uint8Array(32).fill(length & 0xff)
  const topic = await topicFromSeed(suite, seed)
  const key = new Uint8Array(32).fill(7)
  const payload = Uint8Array.from({ length }, (_, i) => i & 0xff)
  const nowMs = 1_790_000_123_456
  const frame = await sealFrame(suite, topic, new Secret(key.slice()), payload, nowMs)
  return {
    topic_seed: toHex(seed),
    topic: topic.name,
    key: toHex(key),
    now_ms: nowMs,
    salt: toHex(frame.slice(13, 29)),
    payload: toHex(payload),
    frame: toHex(frame),
    frame_id: toHex(suite.hash.digest(frame)),
  }
}

async function credentialVector(name: string): Promise<WireVectorFile['vectors'][number]> {
  const { signature } = wireSuite()
  const identitySeed = new Uint8Array(32).fill(1)
  const deviceSeed = new Uint8Array(32).fill(2)
  const identity = await signature.importPrivateKey(identitySeed)
  const device = await signature.importPrivateKey(deviceSeed)
  const credential = await certifyDevice(signature, identity, name, device.publicKey)
  return {
    identity_seed: toHex(identitySeed),
    identity: didKey(identity.publicKey),
    name,
    device_key: toHex(device.publicKey),
    credential_identity: toHex(credential.identity),
  }
}

const CARDS = [
  { name: 'Alice', addresses: [], relays: [] },
  {
    name: '愛麗絲',
    addresses: ['/ip4/192.0.2.7/tcp/4001', '/ip6/2001:db8::7/tcp/4001'],
    relays: ['/dns4/relay.example/tcp/443/tls/ws/p2p/12D3KooWSVfcwBPNFCT8JYqnsYeokWhCe4atfVzjp2nGPXmsTPxw'],
  },
] as const

async function cardVector({
  name,
  addresses,
  relays,
}: (typeof CARDS)[number]): Promise<WireVectorFile['vectors'][number]> {
  const base = wireSuite()
  const suite = { ...base, ...seededEntropy(base, name) }
  const deviceSeed = new Uint8Array(32).fill(2)
  const identity = await suite.signature.importPrivateKey(new Uint8Array(32).fill(1))
  const device = await suite.signature.importPrivateKey(deviceSeed)
  const { keyPackage } = await createKeyPackage(suite, {
    credential: await certifyDevice(suite.signature, identity, name, device.publicKey),
    signatureKeyPair: device,
    lifetime: lifetimeOfDays(1_790_000_000_000, 90),
  })
  const inbox = { seed: new Uint8Array(32).fill(8), publicKey: new Uint8Array(32).fill(9) }
  return {
    device_seed: toHex(deviceSeed),
    key_package: toHex(encode(encodeKeyPackage, keyPackage)),
    inbox_seed: toHex(inbox.seed),
    inbox_public_key: toHex(inbox.publicKey),
    addresses,
    relays,
    card: await writeContactCard(suite, device, { keyPackage, inbox, addresses, relays }),
  }
}

function profileVector(name: string): WireVectorFile['vectors'][number] {
  const secret = new Uint8Array(32).fill(3)
  const admins = ['did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK']
  const profile = {
    name,
    description: 'every Thursday',
    admins,
    permissions: DEFAULT_PERMISSIONS,
    rendezvousSecret: new Secret(secret.slice()),
    invites: [],
  }
  const { extensionType, data } = groupProfileExtension(profile)
  const { add, remove, rename, promote } = DEFAULT_PERMISSIONS
  return {
    name,
    description: profile.description,
    admins,
    permissions: [add, remove, rename, promote],
    rendezvous_secret: toHex(secret),
    extension_type: extensionType,
    extension_data: toHex(data),
  }
}

function messageVector(text: string, i: number): WireVectorFile['vectors'][number] {
  const suite = wireSuite()
  const previous = new Uint8Array(i === 0 ? 0 : 32).fill(9)
  const lamport = (1n << 32n) + BigInt(i)
  const sentAtMs = 1_790_000_000_000 + i
  const body = encodeBody({ kind: 'text', text })
  const content = encodeMessageContent({ seq: BigInt(i), previous, lamport, sentAtMs, body })
  const groupId = utf8('group')
  const deviceKey = new Uint8Array(32).fill(4)
  return {
    group_id: toHex(groupId),
    device_key: toHex(deviceKey),
    seq: i,
    previous: toHex(previous),
    lamport: lamport.toString(),
    sent_at_ms: sentAtMs,
    body: toHex(body),
    content: toHex(content),
    id: toHex(messageId(suite, groupId, deviceKey, content)),
  }
}

/** A body as JSON writes it: bytes in hexadecimal. */
function bodyVector(body: MessageBody): WireVectorFile['vectors'][number] {
  const fields = body.kind === 'custom' ? { ...body, bytes: toHex(body.bytes) } : body
  return { body: JSON.stringify(fields), encoded: toHex(encodeBody(body)) }
}

const BODIES: readonly MessageBody[] = [
  { kind: 'text', text: '' },
  { kind: 'text', text: 'Chapter one tonight?' },
  { kind: 'text', text: 'Yes!', replyTo: 'ab'.repeat(32) },
  { kind: 'reaction', to: 'cd'.repeat(32), emoji: '👍' },
  { kind: 'reaction', to: 'cd'.repeat(32), emoji: '👍', removed: true },
  { kind: 'edit', of: 'ef'.repeat(32), text: 'Chapter two tonight?' },
  { kind: 'custom', contentType: 'application/octet-stream', bytes: Uint8Array.of(0, 1, 2, 255) },
]

async function inboxVector(): Promise<WireVectorFile['vectors'][number]> {
  const suite = wireSuite()
  const seed = new Uint8Array(32).fill(5)
  const owner = await suite.kem.importPrivateKey(new Uint8Array(32).fill(6))
  const body = utf8('a Welcome')
  const payload = await sealForInbox(suite, { seed, publicKey: owner.publicKey }, { kind: 1, body })
  return {
    seed: toHex(seed),
    private_key: toHex(owner.privateKey.bytes),
    public_key: toHex(owner.publicKey),
    kind: 1,
    body: toHex(body),
    payload: toHex(payload),
  }
}

/** Bytes of a vector's field. */
export function bytesOf(value: unknown): Uint8Array {
  const bytes = typeof value === 'string' ? fromHex(value) : undefined
  if (bytes === undefined) throw new Error('this field is not hexadecimal')
  return bytes
}

if (import.meta.main) {
  const files = [...(await deterministicVectors()), { name: 'inbox', vectors: [await inboxVector()] }]
  for (const { name, vectors } of files) {
    const path = new URL(`../../spec/vectors/wire/${name}.json`, import.meta.url)
    writeFileSync(path, `${JSON.stringify(vectors, undefined, 2)}\n`)
  }
}
