// Signatures over content and references to proposals (RFC 9420 §6.1, §5.2).
import { beforeAll, describe, expect, it } from 'vitest'
import { decode } from '../../../src/codec/reader.ts'
import { encode } from '../../../src/codec/writer.ts'
import { verifyAllWithLabel } from '../../../src/crypto/labels.ts'
import {
  type AuthenticatedContent,
  contentSignature,
  decodeAuthenticatedContent,
  encodeAuthenticatedContent,
  proposalRef,
  verifyContent,
} from '../../../src/framing/authenticated-content.ts'
import { WireFormat } from '../../../src/messages/code-points.ts'
import { codeOf, rejectionCodeOf } from '../schedule/schedule-fixtures.ts'
import {
  addition,
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

const verify = (authenticated: AuthenticatedContent, context = epoch.context) =>
  verifyContent(epoch.suite, authenticated, epoch.signer.publicKey, context)

describe('the signature over content (RFC 9420 §6.1)', () => {
  it('verifies as it was made', async () => {
    const authenticated = await authenticate(epoch, WireFormat.publicMessage, framed(epoch, removal))
    expect(await verify(authenticated)).toEqual(authenticated)
  })

  it('covers wire format, group, epoch, sender, authenticated data and content', async () => {
    const authenticated = await authenticate(epoch, WireFormat.publicMessage, framed(epoch, removal))
    const { content } = authenticated
    const changed: AuthenticatedContent[] = [
      { ...authenticated, wireFormat: WireFormat.privateMessage },
      { ...authenticated, content: { ...content, groupId: new Uint8Array([1, 2]) } },
      { ...authenticated, content: { ...content, epoch: content.epoch + 1n } },
      { ...authenticated, content: { ...content, sender: { senderType: 1, leafIndex: 2 } } },
      { ...authenticated, content: { ...content, authenticatedData: new Uint8Array() } },
      { ...authenticated, content: { ...content, content: emptyCommit } },
      { ...authenticated, auth: { ...authenticated.auth, signature: authenticated.auth.signature.slice(1) } },
      { ...authenticated, auth: { ...authenticated.auth, signature: new Uint8Array() } },
    ]
    for (const one of changed) expect(await rejectionCodeOf(verify(one))).toBe('FRAMING_SIGNATURE')
  })

  it('needs the right key', async () => {
    const authenticated = await authenticate(epoch, WireFormat.publicMessage, framed(epoch, removal))
    const { publicKey } = await epoch.suite.signature.generateKeyPair()
    for (const key of [publicKey, new Uint8Array(32), new Uint8Array(31), new Uint8Array()]) {
      const verifying = verifyContent(epoch.suite, authenticated, key, epoch.context)
      expect(await rejectionCodeOf(verifying)).toBe('FRAMING_SIGNATURE')
    }
  })

  it('covers the group context for members and for new members who commit, and for nobody else', async () => {
    const other = { ...epoch.context, treeHash: new Uint8Array(32) }
    for (const [sender, content] of [
      [member, removal],
      [newMemberCommit, emptyCommit],
    ] as const) {
      const authenticated = await authenticate(epoch, WireFormat.publicMessage, framed(epoch, content, sender))
      expect(await rejectionCodeOf(verify(authenticated, other))).toBe('FRAMING_SIGNATURE')
      const { wireFormat } = authenticated
      expect(codeOf(() => contentSignature(wireFormat, authenticated.content, undefined, new Uint8Array()))).toBe(
        'ARGUMENT_INVALID',
      )
    }
    for (const sender of [external, newMemberProposal]) {
      const authenticated = await authenticate(epoch, WireFormat.publicMessage, framed(epoch, addition, sender))
      expect(await verify(authenticated, other)).toEqual(authenticated)
    }
  })

  it('can be verified along with others', async () => {
    const { publicKey } = epoch.signer
    const signed = await Promise.all(
      [removal, emptyCommit].map(async (content) => {
        const one = await authenticate(epoch, WireFormat.publicMessage, framed(epoch, content))
        const over = contentSignature(one.wireFormat, one.content, epoch.context, publicKey)
        return { ...over, signature: one.auth.signature }
      }),
    )
    await verifyAllWithLabel(epoch.suite, signed, 'FRAMING_SIGNATURE')
    const swapped = signed.map((one, i) => ({ ...one, signature: signed[1 - i]?.signature ?? new Uint8Array() }))
    expect(await rejectionCodeOf(verifyAllWithLabel(epoch.suite, swapped, 'FRAMING_SIGNATURE'))).toBe(
      'FRAMING_SIGNATURE',
    )
  })
})

describe('authenticated content', () => {
  it('decodes to what was encoded', async () => {
    for (const content of [removal, emptyCommit, addition]) {
      for (const wireFormat of [WireFormat.publicMessage, WireFormat.privateMessage]) {
        const authenticated = await authenticate(epoch, wireFormat, framed(epoch, content))
        const encoded = encode(encodeAuthenticatedContent, authenticated)
        expect(decode(decodeAuthenticatedContent, encoded)).toEqual(authenticated)
      }
    }
  })

  it('has one of two wire formats', async () => {
    const encoded = encode(
      encodeAuthenticatedContent,
      await authenticate(epoch, WireFormat.publicMessage, framed(epoch, removal)),
    )
    for (const wireFormat of [0, 3, 4, 5, 0xffff]) {
      const other = encoded.slice()
      new DataView(other.buffer).setUint16(0, wireFormat)
      expect(codeOf(() => decode(decodeAuthenticatedContent, other))).toBe('FRAMING_WIRE_FORMAT')
    }
  })

  it('is referred to by a hash over all of it, signature included (RFC 9420 §5.2)', async () => {
    const authenticated = await authenticate(epoch, WireFormat.publicMessage, framed(epoch, removal))
    const reference = proposalRef(epoch.suite, authenticated)
    expect(reference).toHaveLength(epoch.suite.hash.length)
    const auth = { ...authenticated.auth, signature: new Uint8Array(64) }
    expect(proposalRef(epoch.suite, { ...authenticated, auth })).not.toEqual(reference)
    const inPrivate = { ...authenticated, wireFormat: WireFormat.privateMessage }
    expect(proposalRef(epoch.suite, inPrivate)).not.toEqual(reference)
  })
})
