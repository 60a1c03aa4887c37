// Signing and protecting what a member sends in its current epoch (RFC 9420 §6).

import { EMPTY } from '../bytes.ts'
import { type AuthenticatedContent, signContent } from '../framing/authenticated-content.ts'
import { type PaddingPolicy, padme } from '../framing/padding.ts'
import { protectPrivate } from '../framing/private-message.ts'
import { protectPublic } from '../framing/public-message.ts'
import { SenderType, WireFormat } from '../messages/code-points.ts'
import type { Content, FramedContent, FramedContentAuthData } from '../messages/framed-content.ts'
import { encodeMlsMessage } from '../messages/mls-message.ts'
import type { GroupState } from './state.ts'

/** How a message is sent. */
export interface SendOptions {
  /** Whether a handshake message is encrypted, or readable for those who carry it. Default `private`. */
  readonly wireFormat?: 'private' | 'public'
  /** Authenticated, not encrypted. Default: nothing. */
  readonly authenticatedData?: Uint8Array
  /** For PrivateMessages. Default PADMÉ. */
  readonly padding?: PaddingPolicy
}

/** A signed message, and the state that has used up what it took to protect it. */
export interface SentMessage {
  readonly state: GroupState
  readonly message: Uint8Array
}

export function framed(state: GroupState, content: Content, options: SendOptions): FramedContent {
  return {
    groupId: state.groupContext.groupId,
    epoch: state.groupContext.epoch,
    sender: { senderType: SenderType.member, leafIndex: state.own.leafIndex },
    authenticatedData: options.authenticatedData ?? EMPTY,
    content,
  }
}

export function wireFormatOf(options: SendOptions): typeof WireFormat.privateMessage | typeof WireFormat.publicMessage {
  return options.wireFormat === 'public' ? WireFormat.publicMessage : WireFormat.privateMessage
}

/** Signs content as a member. */
export function signAsMember(state: GroupState, content: FramedContent, options: SendOptions): Promise<Uint8Array> {
  return signContent(state.suite, state.own.signatureKeyPair, wireFormatOf(options), content, state.groupContext)
}

/** Protects signed content with the keys of the epoch. */
export function protect(
  state: GroupState,
  content: FramedContent,
  auth: FramedContentAuthData,
  options: SendOptions,
): SentMessage & { readonly authenticated: AuthenticatedContent } {
  const { suite, secrets, secretTree, groupContext } = state
  const wireFormat = wireFormatOf(options)
  const authenticated = { wireFormat, content, auth }
  if (wireFormat === WireFormat.publicMessage) {
    const publicMessage = protectPublic(suite, authenticated, secrets.membershipKey, groupContext)
    return { state, message: encodeMlsMessage({ wireFormat, publicMessage }), authenticated }
  }
  const keys = { secretTree, senderDataSecret: secrets.senderDataSecret }
  const sealed = protectPrivate(suite, authenticated, keys, options.padding ?? padme)
  return {
    state: { ...state, secretTree: sealed.secretTree },
    message: encodeMlsMessage({ wireFormat, privateMessage: sealed.message }),
    authenticated,
  }
}
