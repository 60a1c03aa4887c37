// What invites put on the wire, against its vectors in both directions, and with everything that can be wrong with it.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { toHex } from '../../src/bytes.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { certifyDevice } from '../../src/identity/device-credential.ts'
import type { GroupInvite } from '../../src/session/group-invites.ts'
import { DEFAULT_PERMISSIONS, groupProfileExtension, readGroupProfile } from '../../src/session/group-profile.ts'
import {
  AnswerReason,
  inviteChannel,
  openAdmissionRequest,
  readAnswer,
  sealAdmissionRequest,
} from '../../src/wire/invite.ts'
import { readInviteLink, writeInviteLink } from '../../src/wire/invite-link.ts'
import { inviteVectors, plain } from './invite-vectors.ts'
import { bytesOf, wireSuite } from './wire-vectors.ts'

const suite = wireSuite()

test('the vectors are what this library makes', async () => {
  for (const { name, vectors } of await inviteVectors()) expect(vectors).toEqual(load(name))
})

test('links are read from the vectors', async () => {
  for (const vector of load('invite-link')) {
    const link = await readInviteLink(suite, String(vector.link))
    expect(String(vector.group_name).startsWith(link.groupName)).toBe(true)
    expect(new TextEncoder().encode(link.groupName).length).toBeLessThanOrEqual(64)
    expect(toHex(link.topicSeed)).toBe(vector.topic_seed)
    expect(toHex(link.publicKey)).toBe(vector.public_key)
    const { privateKey } = { privateKey: bytesOf(vector.private_key) }
    expect(toHex((await suite.kem.importPrivateKey(privateKey)).publicKey)).toBe(vector.public_key)
    const { topic, frameKey } = await inviteChannel(suite, link.topicSeed)
    expect([topic.name, toHex(frameKey.bytes)]).toEqual([vector.topic, vector.frame_key])
    expect(Number(link.expiresAt)).toBe(vector.expires_at)
    expect(link.approve).toBe(vector.approve === 1)
    expect(link.invitedBy).toMatchObject({ identity: vector.identity, name: vector.name })
    expect([link.addresses, link.relays]).toEqual([vector.addresses, vector.relays])
  }
})

test('every changed character of a link is noticed, and so is what is none', async () => {
  const [{ link = '' } = {}] = load('invite-link') as { link?: string }[]
  for (let at = 'coterie:invite/'.length; at < link.length; at += 5) {
    const changed = `${link.slice(0, at)}${link[at] === 'A' ? 'B' : 'A'}${link.slice(at + 1)}`
    const code = expect.stringMatching(/^INVITE_(MALFORMED|SIGNATURE)$/)
    await expect(readInviteLink(suite, changed)).rejects.toMatchObject({ code })
  }
  for (const none of [
    '',
    'coterie:invite/',
    'coterie:invite/!!',
    'coterie:card/AAAA',
    `coterie:invite/${'A'.repeat(1e7)}`,
  ]) {
    await expect(readInviteLink(suite, none)).rejects.toMatchObject({ code: 'INVITE_MALFORMED' })
  }
})

test('a link in the name of an identity that has not certified the device is refused', async () => {
  const [identity, device, other] = await Promise.all([1, 2, 3].map(() => suite.signature.generateKeyPair()))
  if (identity === undefined || device === undefined || other === undefined) throw new Error('there are three')
  const credential = await certifyDevice(suite.signature, identity, 'Alice', other.publicKey)
  const topicSeed = new Uint8Array(32)
  const content = { topicSeed, publicKey: topicSeed, expiresAt: 1n, approve: false, groupName: 'x' }
  const link = await writeInviteLink(suite, device, { ...content, credential, addresses: [], relays: [] })
  await expect(readInviteLink(suite, link)).rejects.toMatchObject({ code: 'INVITE_SIGNATURE' })
})

test('requests are opened by the members and by nobody else', async () => {
  for (const vector of load('invite-request')) {
    const members = await suite.kem.importPrivateKey(bytesOf(vector.private_key))
    const topicSeed = bytesOf(vector.topic_seed)
    const request = await openAdmissionRequest(suite, members, topicSeed, bytesOf(vector.payload))
    expect([toHex(request.card), toHex(request.answerKey), request.note]).toEqual([
      ...[vector.card, vector.answer_key, vector.note],
    ])
    const again = await sealAdmissionRequest(suite, { topicSeed, publicKey: members.publicKey }, request)
    expect(await openAdmissionRequest(suite, members, topicSeed, again)).toEqual(request)
    const stranger = await suite.kem.generateKeyPair()
    const other = new Uint8Array(32).fill(8)
    for (const open of [
      openAdmissionRequest(suite, stranger, topicSeed, again),
      openAdmissionRequest(suite, members, other, again),
      openAdmissionRequest(suite, members, topicSeed, again.slice(0, -1)),
      openAdmissionRequest(suite, members, topicSeed, new Uint8Array(5)),
    ]) {
      await expect(open).rejects.toMatchObject({ code: 'REQUEST_MALFORMED' })
    }
    const long = { ...request, note: 'x'.repeat(257) }
    await expect(sealAdmissionRequest(suite, { topicSeed, publicKey: members.publicKey }, long)).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
    })
  }
})

test('answers are believed by whoever has the key, and say one thing only', () => {
  for (const vector of load('invite-answer')) {
    const [key, body] = [bytesOf(vector.answer_key), bytesOf(vector.body)]
    expect(readAnswer(suite, key, body)).toBe(vector.reason)
    expect(readAnswer(suite, new Uint8Array(32), body)).toBeUndefined()
    for (const reason of [0, 5, ...Object.values(AnswerReason)]) {
      if (reason === vector.reason) continue
      expect(readAnswer(suite, key, Uint8Array.of(reason, ...body.subarray(1)))).toBeUndefined()
    }
    expect(readAnswer(suite, key, body.slice(0, -1))).toBeUndefined()
    expect(readAnswer(suite, key, new Uint8Array(0))).toBeUndefined()
  }
})

test('a profile with invites is read; too many, one twice and impossible ones are refused', () => {
  const [vector] = load('invite-profile')
  const extension = { extensionType: 0xf0c1, data: bytesOf(vector?.extension_data) }
  const { invites, ...profile } = readGroupProfile([extension])
  expect(invites.map((invite) => JSON.parse(JSON.stringify(plain(invite))))).toEqual(
    ((vector?.invites ?? []) as string[]).map((text) => JSON.parse(text)),
  )
  const [one] = invites
  if (one === undefined) throw new Error('there are two')
  const read = (others: readonly GroupInvite[]): unknown =>
    readGroupProfile([groupProfileExtension({ ...profile, permissions: DEFAULT_PERMISSIONS, invites: others })])
  const many = Array.from({ length: 33 }, (_, i) => ({ ...one, topicSeed: new Secret(new Uint8Array(32).fill(i)) }))
  expect(read(many.slice(1))).toMatchObject({ invites: { length: 32 } })
  for (const bad of [
    many,
    [one, one],
    [{ ...one, uses: 0 }],
    [{ ...one, uses: 1_001 }],
    [{ ...one, admitted: ['00'.repeat(8), '11'.repeat(8)] }],
  ]) {
    expect(() => read(bad)).toThrow(expect.objectContaining({ code: 'GROUP_PROFILE_MALFORMED' }))
  }
})

function load(name: string): Record<string, unknown>[] {
  const path = new URL(`../../spec/vectors/wire/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>[]
}
