// Framed messages with every step open to tampering: content, signature, tags, encryption (RFC 9420 §6).
import { concat } from '../../../src/bytes.ts'
import { Writer } from '../../../src/codec/writer.ts'
import type { KeyPair } from '../../../src/crypto/contract.ts'
import { signContent, writeFramedContentTbs } from '../../../src/framing/authenticated-content.ts'
import { guardNonce } from '../../../src/framing/private-message.ts'
import { type SenderData, sealSenderData } from '../../../src/framing/sender-data.ts'
import type { GroupState } from '../../../src/group/state.ts'
import { ContentType, SenderType, WireFormat } from '../../../src/messages/code-points.ts'
import {
  type Content,
  encodeAuthData,
  encodeContent,
  encodePrivateContentAad,
  type FramedContent,
  type FramedContentAuthData,
  type PrivateMessage,
  type Sender,
} from '../../../src/messages/framed-content.ts'
import type { GroupContext } from '../../../src/messages/group-context.ts'
import { encodeMlsMessage } from '../../../src/messages/mls-message.ts'
import { nextSendKey } from '../../../src/schedule/secret-tree.ts'

export type HandshakeFormat = typeof WireFormat.publicMessage | typeof WireFormat.privateMessage

/** Where a framed message can be tampered with. */
export interface FramingTampering {
  readonly sender?: Sender
  /** Before it is signed. */
  readonly framed?: (content: FramedContent) => FramedContent
  /** Signs in place of the sender. */
  readonly signer?: KeyPair
  /** What the signature covers in place of the real ones. */
  readonly signedContext?: GroupContext
  readonly signedFormat?: WireFormat
  /** After the signature, before what depends on it. */
  readonly signature?: (signature: Uint8Array) => Uint8Array
  readonly confirmationTag?: (tag: Uint8Array) => Uint8Array
  readonly membershipTag?: (tag: Uint8Array) => Uint8Array
  readonly sealing?: SealingTampering
}

/** Where the encryption of a PrivateMessage can be tampered with. */
export interface SealingTampering {
  /** How many generations are skipped. */
  readonly skip?: number
  readonly padding?: Uint8Array
  /** What the sender data say. The content is encrypted with the real sender's key. */
  readonly senderData?: (data: SenderData) => SenderData
  /** Leaves the guard out of the nonce, which the sender data still name. */
  readonly unguarded?: boolean
  /** What is authenticated with the content in place of the real header. */
  readonly aad?: (header: Header) => Header
  /** What is authenticated with the sender data in place of the real header. */
  readonly senderDataAad?: (header: Header) => Header
  /** After everything else. */
  readonly sealed?: (message: PrivateMessage) => PrivateMessage
}

type Header = Pick<PrivateMessage, 'groupId' | 'epoch' | 'contentType' | 'authenticatedData'>

/** Frames content as a member says it in its current epoch. */
export function frame(state: GroupState, content: Content, tampering: FramingTampering = {}): FramedContent {
  const framed: FramedContent = {
    groupId: state.groupContext.groupId,
    epoch: state.groupContext.epoch,
    sender: tampering.sender ?? { senderType: SenderType.member, leafIndex: state.own.leafIndex },
    authenticatedData: new Uint8Array(0),
    content,
  }
  return tampering.framed?.(framed) ?? framed
}

export async function signFramed(
  state: GroupState,
  wireFormat: HandshakeFormat,
  content: FramedContent,
  tampering: FramingTampering = {},
): Promise<Uint8Array> {
  const signature = await signContent(
    state.suite,
    tampering.signer ?? state.own.signatureKeyPair,
    tampering.signedFormat ?? wireFormat,
    content,
    tampering.signedContext ?? state.groupContext,
  )
  return tampering.signature?.(signature) ?? signature
}

/** Puts signed content into a message. Commits come with their confirmation tag. */
export function seal(
  state: GroupState,
  wireFormat: HandshakeFormat,
  content: FramedContent,
  auth: FramedContentAuthData,
  tampering: FramingTampering = {},
): Uint8Array {
  const tag = auth.confirmationTag && (tampering.confirmationTag?.(auth.confirmationTag) ?? auth.confirmationTag)
  const said: FramedContentAuthData = { signature: auth.signature, confirmationTag: tag }
  if (wireFormat === WireFormat.privateMessage) {
    const privateMessage = sealPrivate(state, content, said, tampering.sealing ?? {})
    return encodeMlsMessage({ wireFormat, privateMessage })
  }
  const membershipTag =
    content.sender.senderType === SenderType.member ? membershipTagOf(state, content, said, tampering) : undefined
  return encodeMlsMessage({ wireFormat, publicMessage: { content, auth: said, membershipTag } })
}

/** A whole message other than a commit. */
export async function forgeMessage(
  state: GroupState,
  content: Content,
  wireFormat: HandshakeFormat = WireFormat.publicMessage,
  tampering: FramingTampering = {},
): Promise<Uint8Array> {
  const framed = frame(state, content, tampering)
  const signature = await signFramed(state, wireFormat, framed, tampering)
  return seal(state, wireFormat, framed, { signature, confirmationTag: undefined }, tampering)
}

function membershipTagOf(
  state: GroupState,
  content: FramedContent,
  auth: FramedContentAuthData,
  tampering: FramingTampering,
): Uint8Array {
  const writer = new Writer(1024)
  writeFramedContentTbs(writer, WireFormat.publicMessage, content, state.groupContext)
  encodeAuthData(writer, auth)
  const tag = state.suite.hash.hmac(state.secrets.membershipKey.bytes, writer.finish())
  return tampering.membershipTag?.(tag) ?? tag
}

function sealPrivate(
  state: GroupState,
  content: FramedContent,
  auth: FramedContentAuthData,
  tampering: SealingTampering,
): PrivateMessage {
  const { suite } = state
  const { contentType } = content.content
  const ratchet = contentType === ContentType.application ? 'application' : 'handshake'
  let step = nextSendKey(suite, state.secretTree, state.own.leafIndex, ratchet)
  for (let i = 0; i < (tampering.skip ?? 0); i++) step = nextSendKey(suite, step.tree, state.own.leafIndex, ratchet)
  const { key, nonce, generation } = step.key

  const writer = new Writer(1024)
  encodeContent(writer, content.content)
  encodeAuthData(writer, auth)
  const plaintext = concat(writer.finish(), tampering.padding ?? new Uint8Array(0))
  const header: Header = {
    groupId: content.groupId,
    epoch: content.epoch,
    contentType,
    authenticatedData: content.authenticatedData,
  }
  const reuseGuard = suite.randomBytes(4)
  const used = tampering.unguarded === true ? nonce : guardNonce(nonce, reuseGuard)
  const ciphertext = suite.aead.seal(key, used, encodedHeader(tampering.aad?.(header) ?? header), plaintext)
  const leafIndex = content.sender.senderType === SenderType.member ? content.sender.leafIndex : state.own.leafIndex
  const honest = { leafIndex, generation, reuseGuard }
  const encryptedSenderData = sealSenderData(
    suite,
    state.secrets.senderDataSecret,
    tampering.senderData?.(honest) ?? honest,
    tampering.senderDataAad?.(header) ?? header,
    ciphertext,
  )
  const message = { ...header, encryptedSenderData, ciphertext }
  return tampering.sealed?.(message) ?? message
}

function encodedHeader(header: Header): Uint8Array {
  const writer = new Writer(256)
  encodePrivateContentAad(writer, header)
  return writer.finish()
}
