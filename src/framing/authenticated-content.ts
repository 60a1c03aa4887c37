// Content with its sender's signature (RFC 9420 §6.1), and the reference to a proposal (§5.2).

import type { Decoder } from '../codec/reader.ts'
import { type Encoder, encode, type Writer } from '../codec/writer.ts'
import type { KeyPair } from '../crypto/contract.ts'
import { type CipherSuite, type LabelledSignature, refHash, signWithLabel, verifyWithLabel } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { ContentType, MLS10, SenderType, WireFormat } from '../messages/code-points.ts'
import {
  decodeAuthData,
  decodeFramedContent,
  encodeAuthData,
  encodeFramedContent,
  type FramedContent,
  type FramedContentAuthData,
} from '../messages/framed-content.ts'
import { encodedGroupContext, type GroupContext } from '../messages/group-context.ts'

/** Content as it was signed, whichever way it travels. */
export interface AuthenticatedContent {
  /** How it travels, or came: the signature covers it. */
  readonly wireFormat: WireFormat
  readonly content: FramedContent
  readonly auth: FramedContentAuthData
}

declare const verified: unique symbol

/** Content whose signature has been verified: `verifyContent` alone makes it. */
export type VerifiedContent = AuthenticatedContent & { readonly [verified]: true }

/** Signs content. RFC 9420 §6.1. `groupContext` is covered where the sender is a member or commits to become one. */
export function signContent(
  suite: CipherSuite,
  signatureKeyPair: KeyPair,
  wireFormat: WireFormat,
  content: FramedContent,
  groupContext: GroupContext | undefined,
): Promise<Uint8Array> {
  return signWithLabel(suite, signatureKeyPair.privateKey, LABEL, framedContentTbs(wireFormat, content, groupContext))
}

/**
 * Verifies the signature over content.
 * @param publicKey - the sender's, from where RFC 9420 §6.1 says for its type
 * @throws CoterieError `FRAMING_SIGNATURE` (peer)
 */
export async function verifyContent(
  suite: CipherSuite,
  authenticated: AuthenticatedContent,
  publicKey: Uint8Array,
  groupContext: GroupContext,
): Promise<VerifiedContent> {
  const { wireFormat, content, auth } = authenticated
  const toBeSigned = contentSignature(wireFormat, content, groupContext, publicKey)
  await verifyWithLabel(suite, { ...toBeSigned, signature: auth.signature }, 'FRAMING_SIGNATURE')
  return authenticated as VerifiedContent
}

/**
 * What the signature over content is over, and under which key, to be verified along with others.
 * @param groupContext - may be absent where the sender is neither a member nor commits to become one
 */
export function contentSignature(
  wireFormat: WireFormat,
  content: FramedContent,
  groupContext: GroupContext | undefined,
  publicKey: Uint8Array,
): Omit<LabelledSignature, 'signature'> {
  return { publicKey, label: LABEL, content: framedContentTbs(wireFormat, content, groupContext) }
}

/** `ProposalRef`. RFC 9420 §5.2. @returns Nh bytes */
export function proposalRef(suite: CipherSuite, authenticated: AuthenticatedContent): Uint8Array {
  return refHash(suite, 'MLS 1.0 Proposal Reference', encode(encodeAuthenticatedContent, authenticated))
}

/**
 * RFC 9420 §6.1: commits have a confirmation tag, nothing else has.
 * @throws CoterieError `FRAMING_CONFIRMATION_TAG_MISSING` (peer), `ARGUMENT_INVALID` (caller): a tag too many never parses
 */
export function checkConfirmationTag({ content, auth }: AuthenticatedContent): void {
  const isCommit = content.content.contentType === ContentType.commit
  if (isCommit && auth.confirmationTag === undefined) {
    fail('FRAMING_CONFIRMATION_TAG_MISSING', 'a commit has no confirmation tag')
  }
  if (!isCommit && auth.confirmationTag !== undefined) {
    fail('ARGUMENT_INVALID', 'a confirmation tag is given for something other than a commit')
  }
}

export const encodeAuthenticatedContent: Encoder<AuthenticatedContent> = (writer, authenticated) => {
  writer.uint16(authenticated.wireFormat)
  encodeFramedContent(writer, authenticated.content)
  encodeAuthData(writer, authenticated.auth)
}

export const decodeAuthenticatedContent: Decoder<AuthenticatedContent> = (reader) => {
  const wireFormat = reader.uint16()
  if (wireFormat !== WireFormat.publicMessage && wireFormat !== WireFormat.privateMessage) {
    return fail('FRAMING_WIRE_FORMAT', `content is never framed in wire format ${wireFormat}`)
  }
  const content = decodeFramedContent(reader)
  return { wireFormat, content, auth: decodeAuthData(reader, content.content.contentType) }
}

/** `FramedContentTBS`. RFC 9420 §6.1. */
export function writeFramedContentTbs(
  writer: Writer,
  wireFormat: WireFormat,
  content: FramedContent,
  groupContext: GroupContext | undefined,
): void {
  writer.uint16(MLS10)
  writer.uint16(wireFormat)
  encodeFramedContent(writer, content)
  const { senderType } = content.sender
  if (senderType === SenderType.member || senderType === SenderType.newMemberCommit) {
    if (groupContext === undefined) fail('ARGUMENT_INVALID', 'this sender signs over the group context')
    writer.fixed(encodedGroupContext(groupContext))
  }
}

function framedContentTbs(
  wireFormat: WireFormat,
  content: FramedContent,
  groupContext: GroupContext | undefined,
): Uint8Array {
  return encode((writer) => writeFramedContentTbs(writer, wireFormat, content, groupContext), undefined)
}

const LABEL = 'FramedContentTBS'
