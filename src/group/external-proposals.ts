// Proposals from outside the group: by appointed senders, and by those who want to be added (RFC 9420 §12.1.8).

import { copyBytes, EMPTY } from '../bytes.ts'
import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { signContent } from '../framing/authenticated-content.ts'
import { ContentType, ProposalType, SenderType, WireFormat } from '../messages/code-points.ts'
import type { FramedContent, Sender } from '../messages/framed-content.ts'
import type { KeyPackage } from '../messages/key-package.ts'
import { encodeMlsMessage } from '../messages/mls-message.ts'
import type { Proposal } from '../messages/proposal.ts'
import { ownCopy } from './own-copy.ts'

/** The group and epoch that a proposal from outside is for, as a GroupInfo tells them. */
export interface ProposalTarget {
  readonly groupId: Uint8Array
  readonly epoch: bigint
  readonly authenticatedData?: Uint8Array
}

/**
 * A proposal by an external sender: Add, Remove, PSK, ReInit or GroupContextExtensions.
 * @param senderIndex - the sender's place in the group's `external_senders`
 * @returns an `MLSMessage`
 */
export function proposeAsExternalSender(
  suite: CipherSuite,
  signatureKeyPair: KeyPair,
  senderIndex: number,
  proposal: Proposal,
  target: ProposalTarget,
): Promise<Uint8Array> {
  return proposeFromOutside(suite, signatureKeyPair, { senderType: SenderType.external, senderIndex }, proposal, target)
}

/**
 * A client's proposal to be added itself.
 * @param signatureKeyPair - the one that the key package was signed with
 * @returns an `MLSMessage`
 */
export function proposeOwnAdd(
  suite: CipherSuite,
  signatureKeyPair: KeyPair,
  keyPackage: KeyPackage,
  target: ProposalTarget,
): Promise<Uint8Array> {
  const proposal = { proposalType: ProposalType.add, keyPackage }
  return proposeFromOutside(suite, signatureKeyPair, { senderType: SenderType.newMemberProposal }, proposal, target)
}

async function proposeFromOutside(
  suite: CipherSuite,
  signatureKeyPair: KeyPair,
  sender: Sender,
  proposal: Proposal,
  target: ProposalTarget,
): Promise<Uint8Array> {
  const content: FramedContent = {
    groupId: copyBytes(target.groupId),
    epoch: target.epoch,
    sender,
    authenticatedData: copyBytes(target.authenticatedData ?? EMPTY),
    content: { contentType: ContentType.proposal, proposal: ownCopy(proposal) },
  }
  const signature = await signContent(suite, signatureKeyPair, WireFormat.publicMessage, content, undefined)
  const publicMessage = { content, auth: { signature, confirmationTag: undefined }, membershipTag: undefined }
  return encodeMlsMessage({ wireFormat: WireFormat.publicMessage, publicMessage })
}
