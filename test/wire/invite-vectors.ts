// Vectors of invites: what a link, a request and an answer are, and how a group's profile holds an invite (spec/invite.md).
// `node test/wire/invite-vectors.ts` writes spec/vectors/wire/.

import { writeFileSync } from 'node:fs'
import { toHex } from '../../src/bytes.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { certifyDevice } from '../../src/identity/device-credential.ts'
import { didKey } from '../../src/identity/did-key.ts'
import type { GroupInvite } from '../../src/session/group-invites.ts'
import { DEFAULT_PERMISSIONS, groupProfileExtension } from '../../src/session/group-profile.ts'
import { type AnswerReason, encodeAnswer, inviteChannel, sealAdmissionRequest } from '../../src/wire/invite.ts'
import { writeInviteLink } from '../../src/wire/invite-link.ts'
import { type WireVectorFile, wireSuite } from './wire-vectors.ts'

type Vector = WireVectorFile['vectors'][number]

/** All that depend on nothing random. */
export async function inviteVectors(): Promise<WireVectorFile[]> {
  return [
    { name: 'invite-link', vectors: await Promise.all(LINKS.map(linkVector)) },
    { name: 'invite-answer', vectors: [1, 2, 3, 4].map((reason) => answerVector(reason as AnswerReason)) },
    { name: 'invite-profile', vectors: [await profileVector()] },
  ]
}

const ADDRESS = '/ip4/192.0.2.7/tcp/4001/p2p/12D3KooWSVfcwBPNFCT8JYqnsYeokWhCe4atfVzjp2nGPXmsTPxw'
const RELAY = '/dns4/relay.example/tcp/443/tls/ws/p2p/12D3KooWC57CfuN2yFHudLdAbJYHiwPBL386ScijJCkfbuPsWfeS'

const LINKS = [
  { name: 'Alice', groupName: 'Book club', approve: false, addresses: [ADDRESS], relays: [] },
  { name: '愛麗絲', groupName: '讀書會'.repeat(10), approve: true, addresses: [ADDRESS, ADDRESS], relays: [RELAY] },
  { name: 'a', groupName: '', approve: false, addresses: [], relays: [RELAY] },
] as const

async function linkVector({ name, groupName, approve, addresses, relays }: (typeof LINKS)[number]): Promise<Vector> {
  const suite = wireSuite()
  const identity = await suite.signature.importPrivateKey(new Uint8Array(32).fill(1))
  const device = await suite.signature.importPrivateKey(new Uint8Array(32).fill(2))
  const topicSeed = new Uint8Array(32).fill(3)
  const members = await suite.kem.importPrivateKey(new Uint8Array(32).fill(4))
  const credential = await certifyDevice(suite.signature, identity, name, device.publicKey)
  const { topic, frameKey } = await inviteChannel(suite, topicSeed)
  const content = { topicSeed, publicKey: members.publicKey, expiresAt: 1_790_604_800n, approve, groupName }
  const link = await writeInviteLink(suite, device, { ...content, credential, addresses, relays })
  return {
    topic_seed: toHex(topicSeed),
    topic: topic.name,
    frame_key: toHex(frameKey.bytes),
    private_key: toHex(members.privateKey.bytes),
    public_key: toHex(members.publicKey),
    expires_at: Number(content.expiresAt),
    approve: approve ? 1 : 0,
    group_name: groupName,
    identity: didKey(identity.publicKey),
    name,
    device_key: toHex(device.publicKey),
    addresses,
    relays,
    link,
  }
}

function answerVector(reason: AnswerReason): Vector {
  const answerKey = new Uint8Array(32).fill(7)
  return { answer_key: toHex(answerKey), reason, body: toHex(encodeAnswer(wireSuite(), answerKey, reason)) }
}

async function profileVector(): Promise<Vector> {
  const admin = 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'
  const secret = (fill: number): Secret => new Secret(new Uint8Array(32).fill(fill))
  const common = { expiresAt: 1_790_604_800n, createdBy: admin }
  const invites: readonly GroupInvite[] = [
    { ...common, topicSeed: secret(3), privateKey: secret(4), uses: 1, approve: false, revoked: false, admitted: [] },
    {
      ...{ ...common, topicSeed: secret(5), privateKey: secret(6), uses: 1_000, approve: true, revoked: true },
      admitted: ['0011223344556677', '8899aabbccddeeff'],
    },
  ]
  const { data } = groupProfileExtension({
    ...{ name: 'Book club', description: '', admins: [admin], permissions: DEFAULT_PERMISSIONS, invites },
    rendezvousSecret: secret(9),
  })
  return {
    invites: invites.map((invite) => JSON.stringify(plain(invite))),
    extension_data: toHex(data),
  }
}

/** An invite as JSON writes it: bytes in hexadecimal. */
export function plain({ topicSeed, privateKey, expiresAt, ...others }: GroupInvite): object {
  return {
    ...others,
    topicSeed: toHex(topicSeed.bytes),
    privateKey: toHex(privateKey.bytes),
    expiresAt: Number(expiresAt),
  }
}

async function requestVector(): Promise<Vector> {
  const suite = wireSuite()
  const topicSeed = new Uint8Array(32).fill(3)
  const members = await suite.kem.importPrivateKey(new Uint8Array(32).fill(4))
  const request = { card: Uint8Array.of(1, 2, 3), answerKey: new Uint8Array(32).fill(7), note: 'Hello, 世界' }
  const payload = await sealAdmissionRequest(suite, { topicSeed, publicKey: members.publicKey }, request)
  return {
    topic_seed: toHex(topicSeed),
    private_key: toHex(members.privateKey.bytes),
    card: toHex(request.card),
    answer_key: toHex(request.answerKey),
    note: request.note,
    payload: toHex(payload),
  }
}

if (import.meta.main) {
  const files = [...(await inviteVectors()), { name: 'invite-request', vectors: [await requestVector()] }]
  for (const { name, vectors } of files) {
    const path = new URL(`../../spec/vectors/wire/${name}.json`, import.meta.url)
    writeFileSync(path, `${JSON.stringify(vectors, undefined, 2)}\n`)
  }
}
