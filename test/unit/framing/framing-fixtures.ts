// One epoch of a group of four, with what the tests of framing need to speak in it.
import type { KeyPair } from '../../../src/crypto/contract.ts'
import type { CipherSuite } from '../../../src/crypto/labels.ts'
import type { Secret } from '../../../src/crypto/secret.ts'
import { type AuthenticatedContent, signContent } from '../../../src/framing/authenticated-content.ts'
import type { MessageKeys } from '../../../src/framing/private-message.ts'
import { ContentType, SenderType, type WireFormat } from '../../../src/messages/code-points.ts'
import type { Content, FramedContent, Sender } from '../../../src/messages/framed-content.ts'
import type { GroupContext } from '../../../src/messages/group-context.ts'
import type { KeyPackage } from '../../../src/messages/key-package.ts'
import { createSecretTree } from '../../../src/schedule/secret-tree.ts'
import { groupContext, secretOf, suiteOf } from '../schedule/schedule-fixtures.ts'

export interface TestEpoch {
  readonly suite: CipherSuite
  readonly context: GroupContext
  readonly signer: KeyPair
  readonly membershipKey: Secret
  /** As every member has them at the beginning of the epoch. */
  readonly keys: MessageKeys
}

export async function testEpoch(suiteId = 1): Promise<TestEpoch> {
  const suite = suiteOf(suiteId)
  const { length } = suite.hash
  return {
    suite,
    context: { ...groupContext(), cipherSuite: suiteId },
    signer: await suite.signature.generateKeyPair(),
    membershipKey: secretOf(3, length),
    keys: { secretTree: createSecretTree(suite, secretOf(1, length), 4), senderDataSecret: secretOf(2, length) },
  }
}

export const application: Content = {
  contentType: ContentType.application,
  applicationData: new TextEncoder().encode('hello'),
}
export const removal: Content = { contentType: ContentType.proposal, proposal: { proposalType: 3, removed: 2 } }
export const emptyCommit: Content = {
  contentType: ContentType.commit,
  commit: { proposals: [], path: undefined },
}
const bytes = (...values: number[]) => new Uint8Array(values)
const keyPackage: KeyPackage = {
  version: 1,
  cipherSuite: 1,
  initKey: bytes(1),
  leafNode: {
    encryptionKey: bytes(2),
    signatureKey: bytes(3),
    credential: { credentialType: 1, identity: bytes(4) },
    capabilities: { versions: [1], cipherSuites: [1], extensions: [], proposals: [], credentials: [1] },
    origin: { source: 1, lifetime: { notBefore: 0n, notAfter: 1n } },
    extensions: [],
    signature: bytes(5),
  },
  extensions: [],
  signature: bytes(6),
}
export const addition: Content = { contentType: ContentType.proposal, proposal: { proposalType: 1, keyPackage } }

export const member: Sender = { senderType: SenderType.member, leafIndex: 1 }
export const external: Sender = { senderType: SenderType.external, senderIndex: 0 }
export const newMemberProposal: Sender = { senderType: SenderType.newMemberProposal }
export const newMemberCommit: Sender = { senderType: SenderType.newMemberCommit }

export function framed(epoch: TestEpoch, content: Content, sender: Sender = member): FramedContent {
  const { groupId, epoch: number } = epoch.context
  return { groupId, epoch: number, sender, authenticatedData: bytes(7, 8), content }
}

/** Signs content; commits get a confirmation tag. */
export async function authenticate(
  epoch: TestEpoch,
  wireFormat: WireFormat,
  content: FramedContent,
): Promise<AuthenticatedContent> {
  const signature = await signContent(epoch.suite, epoch.signer, wireFormat, content, epoch.context)
  const isCommit = content.content.contentType === ContentType.commit
  return { wireFormat, content, auth: { signature, confirmationTag: isCommit ? bytes(9) : undefined } }
}
