// PrivateMessages: signed and encrypted for the members (RFC 9420 §6.3).

import { wipeBytes } from '../bytes.ts'
import { Reader } from '../codec/reader.ts'
import { encode, MAX_VECTOR_LENGTH } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import type { Secret } from '../crypto/secret.ts'
import { CoterieError, fail } from '../errors.ts'
import { ContentType, SenderType, WireFormat } from '../messages/code-points.ts'
import {
  decodeAuthData,
  decodeContent,
  encodeAuthData,
  encodeContent,
  encodePrivateContentAad,
  type PrivateMessage,
} from '../messages/framed-content.ts'
import {
  nextSendKey,
  type RatchetKey,
  type RatchetType,
  receiveKey,
  type SecretTree,
  type SecretTreeLimits,
} from '../schedule/secret-tree.ts'
import { type AuthenticatedContent, checkConfirmationTag } from './authenticated-content.ts'
import type { PaddingPolicy } from './padding.ts'
import { openSenderData, REUSE_GUARD_BYTES, type SenderData, sealSenderData } from './sender-data.ts'

/** What encrypts and decrypts an epoch's messages. */
export interface MessageKeys {
  readonly secretTree: SecretTree
  readonly senderDataSecret: Secret
}

/** A message, and the tree without the key that it was encrypted with. */
export interface ProtectedMessage {
  readonly message: PrivateMessage
  readonly secretTree: SecretTree
}

/** A message's content, and the tree without the key that it was decrypted with. */
export interface OpenedMessage {
  /** Its signature is still to be verified. */
  readonly authenticated: AuthenticatedContent
  readonly generation: number
  readonly secretTree: SecretTree
}

/**
 * Encrypts content that was signed for a PrivateMessage. The returned tree has to replace the old one, durably, before
 * the message is sent: a key is used once. RFC 9420 §6.3.1.
 * @param padding - padding bytes, or the policy that chooses them
 * @throws CoterieError `FRAMING_SENDER`, `FRAMING_CONFIRMATION_TAG_MISSING`; `RATCHET_EXHAUSTED`, `ARGUMENT_INVALID`,
 * `CODEC_VALUE_RANGE` (caller)
 */
export function protectPrivate(
  suite: CipherSuite,
  authenticated: AuthenticatedContent,
  keys: MessageKeys,
  padding: number | PaddingPolicy,
): ProtectedMessage {
  const { content, auth } = authenticated
  if (authenticated.wireFormat !== WireFormat.privateMessage) {
    fail('ARGUMENT_INVALID', 'this content was signed for another wire format')
  }
  checkConfirmationTag(authenticated)
  // RFC 9420 §6.3.2: the sender MUST be a member; members may say anything in a PrivateMessage.
  if (content.sender.senderType !== SenderType.member)
    return fail('FRAMING_SENDER', 'only members send PrivateMessages')
  const { leafIndex } = content.sender

  const unpadded = encode((writer) => {
    encodeContent(writer, content.content)
    encodeAuthData(writer, auth)
  }, undefined)
  const plaintext = pad(unpadded, padding)

  const { contentType } = content.content
  const { tree, key } = nextSendKey(suite, keys.secretTree, leafIndex, ratchetType(contentType))
  // RFC 9420 §6.3.1: a fresh random value guards against the reuse of a nonce after a loss of state.
  const reuseGuard = suite.randomBytes(REUSE_GUARD_BYTES)
  const context = { groupId: content.groupId, epoch: content.epoch, contentType }
  const aad = contentAad({ ...context, authenticatedData: content.authenticatedData })
  const ciphertext = suite.aead.seal(key.key, guardNonce(key.nonce, reuseGuard), aad, plaintext)
  wipeKey(key)

  const senderData = { leafIndex, generation: key.generation, reuseGuard }
  const encryptedSenderData = sealSenderData(suite, keys.senderDataSecret, senderData, context, ciphertext)
  const message = { ...context, authenticatedData: content.authenticatedData, encryptedSenderData, ciphertext }
  return { message, secretTree: tree }
}

/**
 * Decrypts a message of the epoch that the keys belong to. RFC 9420 §6.3.
 * Everything that can be wrong looks the same, so that it tells a forger nothing. Only replays and generations out of
 * reach have their own codes: the sender data that name them are authenticated.
 * @param isMember - whether a leaf is not blank; what it throws is passed on, so that a caller can tell its own messages
 * @throws CoterieError `FRAMING_DECRYPT_FAILED`; `FRAMING_GENERATION_USED`, `FRAMING_GENERATION_TOO_FAR`, with `leafIndex`
 * and `generation` among their details (peer)
 */
export function openPrivate(
  suite: CipherSuite,
  message: PrivateMessage,
  keys: MessageKeys,
  limits: SecretTreeLimits,
  isMember: (leafIndex: number) => boolean,
): OpenedMessage {
  const { secretTree, senderDataSecret } = keys
  const senderData = concealing(() =>
    openSenderData(suite, senderDataSecret, message.encryptedSenderData, message, message.ciphertext),
  )
  const { leafIndex, generation } = senderData
  // RFC 9420 §6.3.2: the recipient MUST verify that the leaf is not blank.
  if (leafIndex >= secretTree.leafCount || !isMember(leafIndex)) return refuse()
  const { tree, key } = receiveKey(suite, secretTree, leafIndex, ratchetType(message.contentType), generation, limits)
  const authenticated = concealing(() => openContent(suite, message, senderData, key))
  return { authenticated, generation, secretTree: tree }
}

/** The nonce of the key schedule with its first four bytes XORed. RFC 9420 §6.3.1. */
export function guardNonce(nonce: Uint8Array, reuseGuard: Uint8Array): Uint8Array {
  const guarded = nonce.slice()
  for (let i = 0; i < REUSE_GUARD_BYTES; i++) guarded[i] = (nonce[i] as number) ^ (reuseGuard[i] as number)
  return guarded
}

function openContent(
  suite: CipherSuite,
  message: PrivateMessage,
  senderData: SenderData,
  key: RatchetKey,
): AuthenticatedContent {
  const nonce = guardNonce(key.nonce, senderData.reuseGuard)
  const plaintext = suite.aead.open(key.key, nonce, contentAad(message), message.ciphertext)
  wipeKey(key)
  const reader = new Reader(plaintext)
  const content = decodeContent(reader, message.contentType)
  const auth = decodeAuthData(reader, message.contentType)
  // RFC 9420 §6.3.1: the padding MUST be zero, or else the message MUST be rejected.
  if (!isZero(reader.rest())) return refuse()
  return {
    wireFormat: WireFormat.privateMessage,
    content: {
      groupId: message.groupId,
      epoch: message.epoch,
      sender: { senderType: SenderType.member, leafIndex: senderData.leafIndex },
      authenticatedData: message.authenticatedData,
      content,
    },
    auth,
  }
}

/** Makes whatever is wrong with a message look the same. What is wrong with the caller stays visible. */
function concealing<T>(open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (CoterieError.is(error) && error.origin === 'peer') return refuse()
    throw error
  }
}

function refuse(): never {
  return fail('FRAMING_DECRYPT_FAILED', 'the message cannot be decrypted')
}

function ratchetType(contentType: ContentType): RatchetType {
  return contentType === ContentType.application ? 'application' : 'handshake'
}

function contentAad(message: Parameters<typeof encodePrivateContentAad>[1]): Uint8Array {
  return encode(encodePrivateContentAad, message)
}

function pad(unpadded: Uint8Array, padding: number | PaddingPolicy): Uint8Array {
  const length = typeof padding === 'number' ? padding : padding(unpadded.length)
  if (!Number.isInteger(length) || length < 0 || length > MAX_VECTOR_LENGTH) {
    fail('ARGUMENT_INVALID', `${length} is not a number of padding bytes`)
  }
  if (length === 0) return unpadded
  const padded = new Uint8Array(unpadded.length + length)
  padded.set(unpadded)
  return padded
}

/** Looks at every byte, whatever the first ones are. */
function isZero(bytes: Uint8Array): boolean {
  let seen = 0
  for (const byte of bytes) seen |= byte
  return seen === 0
}

/** RFC 9420 §9.2: keys are deleted as soon as they have been used. */
function wipeKey(key: RatchetKey): void {
  wipeBytes(key.key)
  wipeBytes(key.nonce)
}
