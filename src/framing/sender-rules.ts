// Who may say what in which form (RFC 9420 §6.1, §6.2, §12.1.8, §12.4.3.2). Knows nothing of who is in the group.

import { fail } from '../errors.ts'
import { ContentType, ProposalType, SenderType, WireFormat } from '../messages/code-points.ts'
import type { FramedContent } from '../messages/framed-content.ts'

/**
 * Refuses combinations of sender, content and wire format that no group state could make valid.
 * @throws CoterieError `FRAMING_APPLICATION_IN_PUBLIC`, `FRAMING_SENDER`, `FRAMING_WIRE_FORMAT` (peer)
 */
export function checkSender(framed: FramedContent, wireFormat: WireFormat): void {
  const { sender, content } = framed
  if (wireFormat !== WireFormat.publicMessage && wireFormat !== WireFormat.privateMessage) {
    fail('FRAMING_WIRE_FORMAT', `content is never framed in wire format ${wireFormat}`)
  }
  // RFC 9420 §6: applications MUST use PrivateMessage to encrypt application messages.
  if (content.contentType === ContentType.application && wireFormat === WireFormat.publicMessage) {
    fail('FRAMING_APPLICATION_IN_PUBLIC', 'application data came in a PublicMessage')
  }
  // RFC 9420 §6, §12.1.8: others have no keys to make a PrivateMessage with.
  if (sender.senderType !== SenderType.member && wireFormat !== WireFormat.publicMessage) {
    fail('FRAMING_SENDER', 'only members send PrivateMessages')
  }
  switch (sender.senderType) {
    case SenderType.member:
      return
    case SenderType.external:
      // RFC 9420 §6.1: the content type MUST be proposal.
      if (content.contentType !== ContentType.proposal) fail('FRAMING_SENDER', 'external senders send proposals only')
      return
    case SenderType.newMemberProposal:
      // RFC 9420 §6.1: the content type MUST be proposal, the proposal type MUST be add.
      if (content.contentType !== ContentType.proposal || content.proposal.proposalType !== ProposalType.add) {
        fail('FRAMING_SENDER', 'new members propose nothing but to add themselves')
      }
      return
    case SenderType.newMemberCommit:
      // RFC 9420 §6.1: the content type MUST be commit.
      if (content.contentType !== ContentType.commit) fail('FRAMING_SENDER', 'new_member_commit sends commits only')
  }
}
