// PublicMessages and their membership tags (RFC 9420 §6.2).
import { beforeAll, describe, expect, it } from 'vitest'
import { checkPublic, protectPublic } from '../../../src/framing/public-message.ts'
import { WireFormat } from '../../../src/messages/code-points.ts'
import type { PublicMessage } from '../../../src/messages/framed-content.ts'
import { decodeMlsMessage, encodeMlsMessage } from '../../../src/messages/mls-message.ts'
import { codeOf, secretOf } from '../schedule/schedule-fixtures.ts'
import {
  addition,
  application,
  authenticate,
  emptyCommit,
  external,
  framed,
  member,
  newMemberCommit,
  newMemberProposal,
  removal,
  type TestEpoch,
  testEpoch,
} from './framing-fixtures.ts'

let epoch: TestEpoch
beforeAll(async () => {
  epoch = await testEpoch()
})

async function publicMessage(content = removal, sender = member): Promise<PublicMessage> {
  const authenticated = await authenticate(epoch, WireFormat.publicMessage, framed(epoch, content, sender))
  return protectPublic(epoch.suite, authenticated, epoch.membershipKey, epoch.context)
}

const check = (message: PublicMessage, context = epoch.context, key = epoch.membershipKey) =>
  checkPublic(epoch.suite, message, key, context)

describe('a PublicMessage', () => {
  it('comes over the wire as it was sent', async () => {
    const cases = [
      [removal, member],
      [emptyCommit, member],
      [removal, external],
      [addition, newMemberProposal],
      [emptyCommit, newMemberCommit],
    ] as const
    for (const [content, sender] of cases) {
      const message = await publicMessage(content, sender)
      const sent = encodeMlsMessage({ wireFormat: WireFormat.publicMessage, publicMessage: message })
      const received = decodeMlsMessage(sent)
      if (received.wireFormat !== WireFormat.publicMessage) throw new Error('another wire format')
      expect(received.publicMessage).toEqual(message)
      const { content: checked, auth, wireFormat } = check(received.publicMessage)
      expect({ content: checked, auth }).toEqual({ content: message.content, auth: message.auth })
      expect(wireFormat).toBe(WireFormat.publicMessage)
    }
  })

  it('has a membership tag where a member sends it, and nowhere else (RFC 9420 §6.2)', async () => {
    const fromMember = await publicMessage()
    const { membershipTag } = fromMember
    expect(membershipTag).toHaveLength(epoch.suite.hash.length)
    expect(codeOf(() => check({ ...fromMember, membershipTag: undefined }))).toBe('FRAMING_MEMBERSHIP_TAG')
    const fromOutside = await publicMessage(removal, external)
    expect(fromOutside.membershipTag).toBeUndefined()
    expect(codeOf(() => check({ ...fromOutside, membershipTag }))).toBe('FRAMING_MEMBERSHIP_TAG')
  })

  it('is refused when its tag is another, or of another length', async () => {
    const message = await publicMessage()
    const tag = message.membershipTag ?? new Uint8Array()
    const wrong = [
      tag.slice(0, -1),
      tag.slice(0, 1),
      new Uint8Array(),
      new Uint8Array([...tag, 0]),
      tag.map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
      tag.map((byte, i) => (i === tag.length - 1 ? byte ^ 0x80 : byte)),
    ]
    for (const membershipTag of wrong) {
      expect(codeOf(() => check({ ...message, membershipTag }))).toBe('FRAMING_MEMBERSHIP_TAG')
    }
  })

  it('has a tag that covers content, signature, confirmation tag and group context', async () => {
    const message = await publicMessage(emptyCommit)
    const { content, auth } = message
    const changed: PublicMessage[] = [
      { ...message, content: { ...content, epoch: content.epoch + 1n } },
      { ...message, content: { ...content, sender: { senderType: 1, leafIndex: 0 } } },
      { ...message, auth: { ...auth, signature: new Uint8Array(64) } },
      { ...message, auth: { ...auth, confirmationTag: new Uint8Array([8]) } },
    ]
    for (const one of changed) expect(codeOf(() => check(one))).toBe('FRAMING_MEMBERSHIP_TAG')
    expect(codeOf(() => check(message, { ...epoch.context, epoch: 4n }))).toBe('FRAMING_MEMBERSHIP_TAG')
    expect(codeOf(() => check(message, epoch.context, secretOf(4)))).toBe('FRAMING_MEMBERSHIP_TAG')
  })

  it('carries no application data (RFC 9420 §6)', async () => {
    const message = await publicMessage()
    const content = { ...message.content, content: application }
    expect(codeOf(() => check({ ...message, content }))).toBe('FRAMING_APPLICATION_IN_PUBLIC')
    const authenticated = await authenticate(epoch, WireFormat.publicMessage, framed(epoch, application))
    expect(codeOf(() => protectPublic(epoch.suite, authenticated, epoch.membershipKey, epoch.context))).toBe(
      'FRAMING_APPLICATION_IN_PUBLIC',
    )
  })

  it('comes from a sender who may say it (RFC 9420 §6.1)', async () => {
    const message = await publicMessage(emptyCommit, newMemberCommit)
    const content = { ...message.content, sender: external }
    expect(codeOf(() => check({ ...message, content }))).toBe('FRAMING_SENDER')
  })

  it('has a confirmation tag in a commit, and in nothing else (RFC 9420 §6.1)', async () => {
    const message = await publicMessage(emptyCommit)
    const auth = { ...message.auth, confirmationTag: undefined }
    expect(codeOf(() => check({ ...message, auth }))).toBe('FRAMING_CONFIRMATION_TAG_MISSING')
    const authenticated = await authenticate(epoch, WireFormat.publicMessage, framed(epoch, emptyCommit))
    const protect = (one: typeof authenticated) =>
      codeOf(() => protectPublic(epoch.suite, one, epoch.membershipKey, epoch.context))
    expect(protect({ ...authenticated, auth })).toBe('FRAMING_CONFIRMATION_TAG_MISSING')
    const proposed = await authenticate(epoch, WireFormat.publicMessage, framed(epoch, removal))
    expect(protect({ ...proposed, auth: authenticated.auth })).toBe('ARGUMENT_INVALID')
  })

  it('is made of content that was signed for it', async () => {
    const authenticated = await authenticate(epoch, WireFormat.privateMessage, framed(epoch, removal))
    expect(codeOf(() => protectPublic(epoch.suite, authenticated, epoch.membershipKey, epoch.context))).toBe(
      'ARGUMENT_INVALID',
    )
  })
})
