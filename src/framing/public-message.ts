// PublicMessages: signed, not encrypted, with a tag that proves membership (RFC 9420 §6.2).

import { equalBytes } from '../bytes.ts'
import { Writer } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import type { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'
import { SenderType, WireFormat } from '../messages/code-points.ts'
import { encodeAuthData, type PublicMessage } from '../messages/framed-content.ts'
import type { GroupContext } from '../messages/group-context.ts'
import { type AuthenticatedContent, checkConfirmationTag, writeFramedContentTbs } from './authenticated-content.ts'
import { checkSender } from './sender-rules.ts'

/**
 * Frames content that was signed for a PublicMessage.
 * @throws CoterieError `FRAMING_APPLICATION_IN_PUBLIC`, `FRAMING_SENDER`, `FRAMING_CONFIRMATION_TAG_MISSING`;
 * `ARGUMENT_INVALID` (caller) where it was signed for another wire format
 */
export function protectPublic(
  suite: CipherSuite,
  authenticated: AuthenticatedContent,
  membershipKey: Secret,
  groupContext: GroupContext,
): PublicMessage {
  if (authenticated.wireFormat !== WireFormat.publicMessage) {
    fail('ARGUMENT_INVALID', 'this content was signed for another wire format')
  }
  checkSender(authenticated.content, WireFormat.publicMessage)
  checkConfirmationTag(authenticated)
  const { content, auth } = authenticated
  const fromMember = content.sender.senderType === SenderType.member
  return {
    content,
    auth,
    membershipTag: fromMember ? membershipTag(suite, authenticated, membershipKey, groupContext) : undefined,
  }
}

/**
 * Checks what a PublicMessage can prove without the sender's public key. The signature is still to be verified.
 * @throws CoterieError `FRAMING_APPLICATION_IN_PUBLIC`, `FRAMING_SENDER`, `FRAMING_CONFIRMATION_TAG_MISSING`,
 * `FRAMING_MEMBERSHIP_TAG` (peer)
 */
export function checkPublic(
  suite: CipherSuite,
  message: PublicMessage,
  membershipKey: Secret,
  groupContext: GroupContext,
): AuthenticatedContent {
  const authenticated = { wireFormat: WireFormat.publicMessage, content: message.content, auth: message.auth }
  checkSender(message.content, WireFormat.publicMessage)
  checkConfirmationTag(authenticated)
  const fromMember = message.content.sender.senderType === SenderType.member
  if (fromMember !== (message.membershipTag !== undefined)) {
    fail('FRAMING_MEMBERSHIP_TAG', 'members, and nobody else, add a membership tag')
  }
  // RFC 9420 §6.2: the application MUST check the membership tag.
  if (message.membershipTag !== undefined) {
    const expected = membershipTag(suite, authenticated, membershipKey, groupContext)
    if (!equalBytes(message.membershipTag, expected)) {
      fail('FRAMING_MEMBERSHIP_TAG', 'the membership tag is not the one of this message in this epoch')
    }
  }
  return authenticated
}

/** A MAC over AuthenticatedContentTBM. RFC 9420 §6.2. @returns Nh bytes */
function membershipTag(
  suite: CipherSuite,
  { wireFormat, content, auth }: AuthenticatedContent,
  membershipKey: Secret,
  groupContext: GroupContext,
): Uint8Array {
  const writer = new Writer(1024)
  writeFramedContentTbs(writer, wireFormat, content, groupContext)
  encodeAuthData(writer, auth)
  return suite.hash.hmac(membershipKey.bytes, writer.finish())
}
