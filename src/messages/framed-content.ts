// What members say to each other, before it is protected, and the two forms in which it travels (RFC 9420 §6).

import type { Decoder, Reader } from '../codec/reader.ts'
import type { Encoder, Writer } from '../codec/writer.ts'
import { fail } from '../errors.ts'
import { ContentType, SenderType } from './code-points.ts'
import { type Commit, decodeCommit, encodeCommit } from './commit.ts'
import { decodeProposal, encodeProposal, type Proposal } from './proposal.ts'

/** Who speaks. */
export type Sender =
  | { readonly senderType: typeof SenderType.member; readonly leafIndex: number }
  | { readonly senderType: typeof SenderType.external; readonly senderIndex: number }
  | { readonly senderType: typeof SenderType.newMemberProposal }
  | { readonly senderType: typeof SenderType.newMemberCommit }

/** What is said. */
export type Content =
  | { readonly contentType: typeof ContentType.application; readonly applicationData: Uint8Array }
  | { readonly contentType: typeof ContentType.proposal; readonly proposal: Proposal }
  | { readonly contentType: typeof ContentType.commit; readonly commit: Commit }

/** Content with the group, epoch and sender that it belongs to. RFC 9420 §6. */
export interface FramedContent {
  readonly groupId: Uint8Array
  readonly epoch: bigint
  readonly sender: Sender
  readonly authenticatedData: Uint8Array
  readonly content: Content
}

/** What authenticates framed content. RFC 9420 §6.1. */
export interface FramedContentAuthData {
  readonly signature: Uint8Array
  /** Present in commits, and in nothing else. */
  readonly confirmationTag: Uint8Array | undefined
}

/** Framed content, signed and readable. RFC 9420 §6.2. */
export interface PublicMessage {
  readonly content: FramedContent
  readonly auth: FramedContentAuthData
  /** Present where the sender is a member, and nowhere else. */
  readonly membershipTag: Uint8Array | undefined
}

/** Framed content, signed and encrypted. RFC 9420 §6.3. */
export interface PrivateMessage {
  readonly groupId: Uint8Array
  readonly epoch: bigint
  readonly contentType: ContentType
  readonly authenticatedData: Uint8Array
  readonly encryptedSenderData: Uint8Array
  readonly ciphertext: Uint8Array
}

export const encodeFramedContent: Encoder<FramedContent> = (writer, framed) => {
  writer.opaque(framed.groupId)
  writer.uint64(framed.epoch)
  encodeSender(writer, framed.sender)
  writer.opaque(framed.authenticatedData)
  writer.uint8(framed.content.contentType)
  encodeContent(writer, framed.content)
}

export const decodeFramedContent: Decoder<FramedContent> = (reader) => ({
  groupId: reader.opaque(),
  epoch: reader.uint64(),
  sender: decodeSender(reader),
  authenticatedData: reader.opaque(),
  content: decodeContent(reader, decodeContentType(reader)),
})

/** The content without its type, as in `PrivateMessageContent`. */
export const encodeContent: Encoder<Content> = (writer, content) => {
  if (content.contentType === ContentType.application) writer.opaque(content.applicationData)
  else if (content.contentType === ContentType.proposal) encodeProposal(writer, content.proposal)
  else encodeCommit(writer, content.commit)
}

export function decodeContent(reader: Reader, contentType: ContentType): Content {
  if (contentType === ContentType.application) return { contentType, applicationData: reader.opaque() }
  if (contentType === ContentType.proposal) return { contentType, proposal: decodeProposal(reader) }
  return { contentType, commit: decodeCommit(reader) }
}

export const encodeAuthData: Encoder<FramedContentAuthData> = (writer, auth) => {
  writer.opaque(auth.signature)
  if (auth.confirmationTag !== undefined) writer.opaque(auth.confirmationTag)
}

export function decodeAuthData(reader: Reader, contentType: ContentType): FramedContentAuthData {
  const signature = reader.opaque()
  return { signature, confirmationTag: contentType === ContentType.commit ? reader.opaque() : undefined }
}

export const encodePublicMessage: Encoder<PublicMessage> = (writer, message) => {
  encodeFramedContent(writer, message.content)
  encodeAuthData(writer, message.auth)
  if (message.membershipTag !== undefined) writer.opaque(message.membershipTag)
}

export const decodePublicMessage: Decoder<PublicMessage> = (reader) => {
  const content = decodeFramedContent(reader)
  const auth = decodeAuthData(reader, content.content.contentType)
  const membershipTag = content.sender.senderType === SenderType.member ? reader.opaque() : undefined
  return { content, auth, membershipTag }
}

export const encodePrivateMessage: Encoder<PrivateMessage> = (writer, message) => {
  encodePrivateContentAad(writer, message)
  writer.opaque(message.encryptedSenderData)
  writer.opaque(message.ciphertext)
}

export const decodePrivateMessage: Decoder<PrivateMessage> = (reader) => ({
  groupId: reader.opaque(),
  epoch: reader.uint64(),
  contentType: decodeContentType(reader),
  authenticatedData: reader.opaque(),
  encryptedSenderData: reader.opaque(),
  ciphertext: reader.opaque(),
})

/** `PrivateContentAAD`: the beginning of a PrivateMessage. RFC 9420 §6.3.1. */
export function encodePrivateContentAad(
  writer: Writer,
  message: Pick<PrivateMessage, 'groupId' | 'epoch' | 'contentType' | 'authenticatedData'>,
): void {
  writer.opaque(message.groupId)
  writer.uint64(message.epoch)
  writer.uint8(message.contentType)
  writer.opaque(message.authenticatedData)
}

function decodeContentType(reader: Reader): ContentType {
  const value = reader.uint8()
  for (const contentType of Object.values(ContentType)) if (contentType === value) return contentType
  return fail('CODEC_UNKNOWN_VARIANT', `unknown content type ${value}`)
}

export const encodeSender: Encoder<Sender> = (writer, sender) => {
  writer.uint8(sender.senderType)
  if (sender.senderType === SenderType.member) writer.uint32(sender.leafIndex)
  else if (sender.senderType === SenderType.external) writer.uint32(sender.senderIndex)
}

export const decodeSender: Decoder<Sender> = (reader) => {
  const senderType = reader.uint8()
  switch (senderType) {
    case SenderType.member:
      return { senderType, leafIndex: reader.uint32() }
    case SenderType.external:
      return { senderType, senderIndex: reader.uint32() }
    case SenderType.newMemberProposal:
    case SenderType.newMemberCommit:
      return { senderType }
    default:
      return fail('CODEC_UNKNOWN_VARIANT', `unknown sender type ${senderType}`)
  }
}
