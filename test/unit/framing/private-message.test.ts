// PrivateMessages: encryption, padding, reuse guard, and failures that tell nothing (RFC 9420 §6.3).
import { beforeAll, describe, expect, it } from 'vitest'
import { Writer } from '../../../src/codec/writer.ts'
import { CoterieError, type ErrorCode } from '../../../src/errors.ts'
import { type AuthenticatedContent, verifyContent } from '../../../src/framing/authenticated-content.ts'
import { noPadding, padToMultiple } from '../../../src/framing/padding.ts'
import {
  guardNonce,
  type MessageKeys,
  openPrivate,
  type ProtectedMessage,
  protectPrivate,
} from '../../../src/framing/private-message.ts'
import { openSenderData, sealSenderData, senderDataKey } from '../../../src/framing/sender-data.ts'
import { ContentType, WireFormat } from '../../../src/messages/code-points.ts'
import {
  encodeAuthData,
  encodeContent,
  encodePrivateContentAad,
  type PrivateMessage,
} from '../../../src/messages/framed-content.ts'
import { decodeMlsMessage, encodeMlsMessage } from '../../../src/messages/mls-message.ts'
import { DEFAULT_SECRET_TREE_LIMITS, nextSendKey, type SecretTree } from '../../../src/schedule/secret-tree.ts'
import { codeOf, countingSuite, secretOf } from '../schedule/schedule-fixtures.ts'
import {
  addition,
  application,
  authenticate,
  emptyCommit,
  external,
  framed,
  removal,
  type TestEpoch,
  testEpoch,
} from './framing-fixtures.ts'

let epoch: TestEpoch
let hello: AuthenticatedContent
beforeAll(async () => {
  epoch = await testEpoch()
  hello = await authenticate(epoch, WireFormat.privateMessage, framed(epoch, application))
})

const isMember = (leafIndex: number) => leafIndex !== 3
const limits = { maxForward: 10, maxSkipped: 10 }
const protect = (authenticated = hello, secretTree = epoch.keys.secretTree, padding = 0) =>
  protectPrivate(epoch.suite, authenticated, { ...epoch.keys, secretTree }, padding)
const open = (message: PrivateMessage, secretTree = epoch.keys.secretTree) =>
  openPrivate(epoch.suite, message, { ...epoch.keys, secretTree }, limits, isMember)

/** The nth message of the sender. */
function nthMessage(n: number): PrivateMessage {
  let sent: ProtectedMessage = protect()
  for (let i = 0; i < n; i++) sent = protect(hello, sent.secretTree)
  return sent.message
}

/** A message whose plaintext, generation or leaf are not what `protectPrivate` would make. */
function forged({
  plaintext = plaintextOf(hello),
  leafIndex = 1,
  generation = 0,
  contentType = ContentType.application as PrivateMessage['contentType'],
}): PrivateMessage {
  const { suite, keys, context } = epoch
  const { groupId, epoch: number } = context
  const header = { groupId, epoch: number, contentType, authenticatedData: hello.content.authenticatedData }
  const type = contentType === ContentType.application ? 'application' : 'handshake'
  const { key } = nextSendKey(suite, keys.secretTree, leafIndex, type)
  const reuseGuard = new Uint8Array(4)
  const aad = new Writer()
  encodePrivateContentAad(aad, header)
  const ciphertext = suite.aead.seal(key.key, key.nonce, aad.finish(), plaintext)
  const senderData = { leafIndex, generation, reuseGuard }
  const encryptedSenderData = sealSenderData(suite, keys.senderDataSecret, senderData, header, ciphertext)
  return { ...header, encryptedSenderData, ciphertext }
}

function plaintextOf({ content, auth }: AuthenticatedContent, ...padding: number[]): Uint8Array {
  const writer = new Writer()
  encodeContent(writer, content.content)
  encodeAuthData(writer, auth)
  writer.fixed(new Uint8Array(padding))
  return writer.finish()
}

/** Everything that an error shows, but for where it was thrown. */
function faceOf(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    if (!CoterieError.is(error)) throw error
    const { code, message, details, cause, retryable, origin } = error
    return { code, message, details, cause, retryable, origin }
  }
  throw new Error('nothing was thrown')
}

describe('a PrivateMessage', () => {
  it('gives every member what was said, in every suite', async () => {
    for (const id of [1, 2, 3, 4, 5, 6, 7]) {
      const other = await testEpoch(id)
      const authenticated = await authenticate(other, WireFormat.privateMessage, framed(other, application))
      const { message } = protectPrivate(other.suite, authenticated, other.keys, 7)
      const sent = encodeMlsMessage({ wireFormat: WireFormat.privateMessage, privateMessage: message })
      const received = decodeMlsMessage(sent)
      if (received.wireFormat !== WireFormat.privateMessage) throw new Error('another wire format')
      const opened = openPrivate(other.suite, received.privateMessage, other.keys, limits, isMember)
      expect(opened.authenticated).toEqual(authenticated)
      expect(opened.generation).toBe(0)
      await verifyContent(other.suite, opened.authenticated, other.signer.publicKey, other.context)
    }
  })

  it('carries proposals and commits in the handshake ratchet', async () => {
    let { secretTree } = epoch.keys
    for (const content of [application, removal, application, emptyCommit]) {
      const authenticated = await authenticate(epoch, WireFormat.privateMessage, framed(epoch, content))
      const sent = protect(authenticated, secretTree)
      expect(open(sent.message).authenticated).toEqual(authenticated)
      secretTree = sent.secretTree
    }
    expect(open(protect(hello, secretTree).message).generation).toBe(2)
  })

  it('shows nothing of its content or sender', () => {
    const { message } = protect()
    const text = new TextDecoder('latin1').decode(message.ciphertext)
    expect(text).not.toContain('hello')
    expect(Object.keys(message).sort()).toEqual([
      'authenticatedData',
      'ciphertext',
      'contentType',
      'encryptedSenderData',
      'epoch',
      'groupId',
    ])
  })

  it('uses each key once, from whichever tree it is sent', () => {
    const first = protect()
    expect(open(protect(hello, first.secretTree).message).generation).toBe(1)
    // From the old tree the same generation is used again: only the reuse guard keeps the nonces apart.
    const again = protect()
    expect(open(again.message).generation).toBe(0)
    expect(again.message.ciphertext).not.toEqual(first.message.ciphertext)
  })

  it('leaves the old tree as it was (both ways)', () => {
    const messages = [0, 1, 2].map(nthMessage)
    const [first, , third] = messages
    if (first === undefined || third === undefined) throw new Error('no messages')
    const after = open(third).secretTree
    expect(open(first).authenticated).toEqual(open(first, after).authenticated)
    expect(open(third).authenticated).toEqual(open(third).authenticated)
  })

  it('is a tree node for nobody: steady state costs five HMACs to send and to receive', () => {
    const { suite, count } = countingSuite()
    const first = protectPrivate(suite, hello, epoch.keys, 0)
    const received = openPrivate(suite, first.message, epoch.keys, limits, isMember)
    count()
    const keys: MessageKeys = { ...epoch.keys, secretTree: first.secretTree }
    const { message } = protectPrivate(suite, hello, keys, 0)
    expect(count()).toBe(5)
    openPrivate(suite, message, { ...epoch.keys, secretTree: received.secretTree }, limits, isMember)
    expect(count()).toBe(5)
  })
})

describe('the reuse guard (RFC 9420 §6.3.1)', () => {
  it('changes the first four bytes of the nonce', () => {
    const nonce = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    const guarded = guardNonce(nonce, new Uint8Array([0xff, 0, 0x80, 4]))
    expect([...guarded]).toEqual([0xfe, 2, 0x83, 0, 5, 6, 7, 8, 9, 10, 11, 12])
    expect(nonce[0]).toBe(1)
  })

  it('is drawn anew for each message and sent along', () => {
    const drawn: Uint8Array[] = []
    const randomBytes = (length: number) => {
      const bytes = epoch.suite.randomBytes(length)
      drawn.push(bytes.slice())
      return bytes
    }
    const suite = { ...epoch.suite, randomBytes }
    const sent = [0, 1, 2].map(() => protectPrivate(suite, hello, epoch.keys, 0).message)
    expect(drawn.map((bytes) => bytes.length)).toEqual([4, 4, 4])
    const guards = sent.map(
      (message) =>
        openSenderData(suite, epoch.keys.senderDataSecret, message.encryptedSenderData, message, message.ciphertext)
          .reuseGuard,
    )
    expect(guards).toEqual(drawn)
    expect(new Set(guards.map((guard) => guard.join())).size).toBe(3)
  })
})

describe('padding (RFC 9420 §6.3.1)', () => {
  it('is as long as asked, by number or by policy', () => {
    const length = (padding: Parameters<typeof protectPrivate>[3]) =>
      protectPrivate(epoch.suite, hello, epoch.keys, padding).message.ciphertext.length
    const plain = length(0)
    expect(length(noPadding)).toBe(plain)
    expect(length(100)).toBe(plain + 100)
    expect(length(padToMultiple(256))).toBe(256 + 16)
    for (const padding of [-1, 1.5, Number.NaN, 2 ** 31]) expect(codeOf(() => length(padding))).toBe('ARGUMENT_INVALID')
    expect(codeOf(() => length(() => -1))).toBe('ARGUMENT_INVALID')
  })

  it('is zeros, to the last byte', () => {
    expect(open(forged({ plaintext: plaintextOf(hello, 0, 0, 0) })).authenticated).toEqual(hello)
    for (const padding of [[1], [0, 0, 1], [0x80, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0xff]]) {
      const message = forged({ plaintext: plaintextOf(hello, ...padding) })
      expect(codeOf(() => open(message))).toBe('FRAMING_DECRYPT_FAILED')
    }
  })
})

describe('what cannot be opened', () => {
  it('looks the same, whatever is wrong with it', () => {
    const { message } = protect()
    const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))
    const { ciphertext, encryptedSenderData } = message
    const late = flipped(ciphertext, ciphertext.length - 1)
    const wrong: PrivateMessage[] = [
      { ...message, groupId: new Uint8Array([9]) },
      { ...message, epoch: message.epoch + 1n },
      { ...message, contentType: ContentType.commit },
      { ...message, authenticatedData: new Uint8Array() },
      { ...message, encryptedSenderData: flipped(encryptedSenderData, 0) },
      { ...message, encryptedSenderData: new Uint8Array() },
      { ...message, ciphertext: flipped(ciphertext, 0) },
      { ...message, ciphertext: late },
      { ...message, ciphertext: ciphertext.slice(0, 40) },
      { ...message, ciphertext: new Uint8Array() },
      forged({ plaintext: new Uint8Array() }),
      forged({ plaintext: new Uint8Array([0x40, 0x01]) }),
      forged({ plaintext: plaintextOf(hello).slice(0, -1) }),
      forged({ plaintext: plaintextOf(hello, 0, 1) }),
      forged({ plaintext: plaintextOf(hello), contentType: ContentType.proposal }),
      forged({ leafIndex: 3 }),
    ]
    const faces = wrong.map((one) => faceOf(() => open(one)))
    expect(new Set(faces.map((face) => JSON.stringify(face))).size).toBe(1)
    expect(faces[0]).toEqual({
      code: 'FRAMING_DECRYPT_FAILED' satisfies ErrorCode,
      message: 'the message cannot be decrypted',
      details: {},
      cause: undefined,
      retryable: false,
      origin: 'peer',
    })
  })

  it('includes senders beyond the tree, unsigned', () => {
    const { suite, keys } = epoch
    const { message } = protect()
    for (const leafIndex of [4, 0x7fffffff, 0x80000001, 0xffffffff]) {
      const senderData = { leafIndex, generation: 0, reuseGuard: new Uint8Array(4) }
      const encryptedSenderData = sealSenderData(suite, keys.senderDataSecret, senderData, message, message.ciphertext)
      const attempt = () => openPrivate(suite, { ...message, encryptedSenderData }, keys, limits, () => true)
      expect(codeOf(attempt)).toBe('FRAMING_DECRYPT_FAILED')
    }
  })

  it('includes sender data that are longer or shorter than they should be', () => {
    const { suite, keys } = epoch
    const { message } = protect()
    const { key, nonce } = senderDataKey(suite, keys.senderDataSecret, message.ciphertext)
    const aad = new Writer()
    aad.opaque(message.groupId)
    aad.uint64(message.epoch)
    aad.uint8(message.contentType)
    const good = suite.aead.open(key, nonce, aad.finish(), message.encryptedSenderData)
    for (const plaintext of [new Uint8Array([...good, 0]), good.slice(0, -1), new Uint8Array()]) {
      const encryptedSenderData = suite.aead.seal(key, nonce, aad.finish(), plaintext)
      expect(codeOf(() => open({ ...message, encryptedSenderData }))).toBe('FRAMING_DECRYPT_FAILED')
    }
    const encryptedSenderData = suite.aead.seal(key, nonce, aad.finish(), good)
    expect(open({ ...message, encryptedSenderData }).authenticated).toEqual(hello)
  })

  it('includes messages of another epoch', () => {
    const { message } = protect()
    const other = { ...epoch.keys, senderDataSecret: secretOf(9) }
    expect(codeOf(() => openPrivate(epoch.suite, message, other, limits, isMember))).toBe('FRAMING_DECRYPT_FAILED')
  })

  it('is what the caller says of the sender, before a key is looked for', () => {
    const { message, secretTree } = protect()
    const own = new Error('this is my own')
    const attempt = () =>
      openPrivate(epoch.suite, message, { ...epoch.keys, secretTree }, limits, (leafIndex) => {
        expect(leafIndex).toBe(1)
        throw own
      })
    expect(attempt).toThrow(own)
  })

  it('does not hide a mistake of the caller', () => {
    const { message } = protect()
    const senderDataSecret = secretOf(2)
    senderDataSecret.wipe()
    const wiped = { ...epoch.keys, senderDataSecret }
    expect(codeOf(() => openPrivate(epoch.suite, message, wiped, limits, isMember))).toBe('CRYPTO_SECRET_WIPED')
  })

  it('names replays (RFC 9420 §9.1) and generations that are too far ahead (§15.3)', () => {
    const [first, second] = [nthMessage(0), nthMessage(1)]
    const after = open(second).secretTree
    expect(codeOf(() => open(second, after))).toBe('FRAMING_GENERATION_USED')
    const both = open(first, after).secretTree
    expect(codeOf(() => open(first, both))).toBe('FRAMING_GENERATION_USED')
    expect(faceOf(() => open(second, after))).toMatchObject({ details: { leafIndex: 1, generation: 1 } })
    expect(codeOf(() => open(forged({ generation: 11 })))).toBe('FRAMING_GENERATION_TOO_FAR')
    expect(codeOf(() => open(forged({ generation: 0xffffffff })))).toBe('FRAMING_GENERATION_TOO_FAR')
  })

  it('does not use up the generation that a forger claimed', () => {
    const message = nthMessage(0)
    const after: SecretTree = epoch.keys.secretTree
    expect(codeOf(() => open(forged({ plaintext: new Uint8Array([0x40, 0x01]) }), after))).toBe(
      'FRAMING_DECRYPT_FAILED',
    )
    expect(open(message, after).generation).toBe(0)
  })

  it('is a message to oneself, once the key has been used for sending', () => {
    const { message, secretTree } = protect()
    expect(faceOf(() => open(message, secretTree))).toMatchObject({
      code: 'FRAMING_GENERATION_USED',
      details: { leafIndex: 1, generation: 0 },
    })
  })
})

describe('what cannot be sent', () => {
  const protectCode = (authenticated: AuthenticatedContent) => codeOf(() => protect(authenticated))

  it('is content of somebody who is not a member (RFC 9420 §6)', async () => {
    const content = framed(epoch, addition, external)
    expect(protectCode(await authenticate(epoch, WireFormat.privateMessage, content))).toBe('FRAMING_SENDER')
  })

  it('is content that was signed for another wire format', async () => {
    const signed = await authenticate(epoch, WireFormat.publicMessage, framed(epoch, removal))
    expect(protectCode(signed)).toBe('ARGUMENT_INVALID')
  })

  it('is a commit without a confirmation tag (RFC 9420 §6.1)', async () => {
    const signed = await authenticate(epoch, WireFormat.privateMessage, framed(epoch, emptyCommit))
    const auth = { ...signed.auth, confirmationTag: undefined }
    expect(protectCode({ ...signed, auth })).toBe('FRAMING_CONFIRMATION_TAG_MISSING')
  })

  it('is a message after the last generation', () => {
    const spent = { generation: 2 ** 32, secret: undefined, skipped: undefined }
    const tree: SecretTree = { leafCount: 1, root: { handshake: spent, application: spent } }
    const sender = { senderType: 1, leafIndex: 0 } as const
    const authenticated = { ...hello, content: { ...hello.content, sender } }
    expect(codeOf(() => protect(authenticated, tree))).toBe('RATCHET_EXHAUSTED')
  })
})

it('the default window lets a thousand messages be lost', () => {
  expect(DEFAULT_SECRET_TREE_LIMITS).toEqual({ maxForward: 1000, maxSkipped: 1000 })
})
