// Any value of any structure on the wire (RFC 9420), for fast-check. Valid as an encoding, not as a message.
import fc, { type Arbitrary } from 'fast-check'
import { type Encoder, encode } from '../../src/codec/writer.ts'
import { Secret } from '../../src/crypto/secret.ts'
import type { AuthenticatedContent } from '../../src/framing/authenticated-content.ts'
import type { Commit, ProposalOrRef, UpdatePath } from '../../src/messages/commit.ts'
import type { Credential } from '../../src/messages/credential.ts'
import type { Extension, ExternalSender, RequiredCapabilities } from '../../src/messages/extension.ts'
import type {
  Content,
  FramedContent,
  FramedContentAuthData,
  PrivateMessage,
  PublicMessage,
  Sender,
} from '../../src/messages/framed-content.ts'
import type { GroupContext } from '../../src/messages/group-context.ts'
import type { GroupInfo } from '../../src/messages/group-info.ts'
import type { KeyPackage } from '../../src/messages/key-package.ts'
import { type Capabilities, encodeLeafNode, type LeafNode, type LeafNodeOrigin } from '../../src/messages/leaf-node.ts'
import type { MlsMessage } from '../../src/messages/mls-message.ts'
import { encodeParentNode, type ParentNode } from '../../src/messages/parent-node.ts'
import type { PreSharedKeyId } from '../../src/messages/pre-shared-key.ts'
import type { Proposal } from '../../src/messages/proposal.ts'
import type { GroupSecrets, Welcome } from '../../src/messages/welcome.ts'

/** Lengths around the boundaries of variable-size lengths among them (§2.1.2). */
const opaque: Arbitrary<Uint8Array> = fc.oneof(
  { weight: 20, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 2, arbitrary: fc.uint8Array({ minLength: 0x3e, maxLength: 0x41 }) },
  { weight: 1, arbitrary: fc.constantFrom(0x3fff, 0x4000).map((length) => new Uint8Array(length).fill(0xa5)) },
)
const uint16 = fc.integer({ min: 0, max: 0xffff })
const uint32 = fc.oneof(
  fc.integer({ min: 0, max: 0xffff_ffff }),
  fc.constantFrom(0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff),
)
const uint64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn })
const few = <T>(arbitrary: Arbitrary<T>): Arbitrary<T[]> => fc.array(arbitrary, { maxLength: 3 })
const optional = <T>(arbitrary: Arbitrary<T>): Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined })

export const credential: Arbitrary<Credential> = fc.oneof(
  fc.record({ credentialType: fc.constant(1 as const), identity: opaque }),
  fc.record({ credentialType: fc.constant(2 as const), certificates: few(opaque) }),
  fc.record({ credentialType: uint16.filter((type) => type !== 1 && type !== 2), content: opaque }),
)

const extension: Arbitrary<Extension> = fc.record({ extensionType: uint16, data: opaque })

/** §13.4: no type twice. */
export const extensions: Arbitrary<Extension[]> = fc.uniqueArray(extension, {
  maxLength: 3,
  selector: ({ extensionType }) => extensionType,
})

const capabilities: Arbitrary<Capabilities> = fc.record({
  versions: few(uint16),
  cipherSuites: few(uint16),
  extensions: few(uint16),
  proposals: few(uint16),
  credentials: few(uint16),
})

const origin: Arbitrary<LeafNodeOrigin> = fc.oneof(
  fc.record({ source: fc.constant(1 as const), lifetime: fc.record({ notBefore: uint64, notAfter: uint64 }) }),
  fc.record({ source: fc.constant(2 as const) }),
  fc.record({ source: fc.constant(3 as const), parentHash: opaque }),
)

export const leafNode: Arbitrary<LeafNode> = fc.record({
  encryptionKey: opaque,
  signatureKey: opaque,
  credential,
  capabilities,
  origin,
  extensions,
  signature: opaque,
})

export const parentNode: Arbitrary<ParentNode> = fc.record({
  encryptionKey: opaque,
  parentHash: opaque,
  unmergedLeaves: few(uint32),
})

export const keyPackage: Arbitrary<KeyPackage> = fc.record({
  version: uint16,
  cipherSuite: uint16,
  initKey: opaque,
  leafNode,
  extensions,
  signature: opaque,
})

export const preSharedKeyId: Arbitrary<PreSharedKeyId> = fc.oneof(
  fc.record({ pskType: fc.constant(1 as const), pskId: opaque, pskNonce: opaque }),
  fc.record({
    pskType: fc.constant(2 as const),
    usage: fc.constantFrom(1 as const, 2 as const, 3 as const),
    pskGroupId: opaque,
    pskEpoch: uint64,
    pskNonce: opaque,
  }),
)

export const proposal: Arbitrary<Proposal> = fc.oneof(
  fc.record({ proposalType: fc.constant(1 as const), keyPackage }),
  fc.record({ proposalType: fc.constant(2 as const), leafNode }),
  fc.record({ proposalType: fc.constant(3 as const), removed: uint32 }),
  fc.record({ proposalType: fc.constant(4 as const), psk: preSharedKeyId }),
  fc.record({
    proposalType: fc.constant(5 as const),
    groupId: opaque,
    version: uint16,
    cipherSuite: uint16,
    extensions,
  }),
  fc.record({ proposalType: fc.constant(6 as const), kemOutput: opaque }),
  fc.record({ proposalType: fc.constant(7 as const), extensions }),
  fc.record({ proposalType: uint16.filter((type) => type < 1 || type > 7), data: opaque }),
)

const hpkeCiphertext = fc.record({ kemOutput: opaque, ciphertext: opaque })

export const updatePath: Arbitrary<UpdatePath> = fc.record({
  leafNode,
  nodes: few(fc.record({ encryptionKey: opaque, encryptedPathSecret: few(hpkeCiphertext) })),
})

const proposalOrRef: Arbitrary<ProposalOrRef> = fc.oneof(
  fc.record({ kind: fc.constant('proposal' as const), proposal }),
  fc.record({ kind: fc.constant('reference' as const), reference: opaque }),
)

export const commit: Arbitrary<Commit> = fc.record({ proposals: few(proposalOrRef), path: optional(updatePath) })

const sender: Arbitrary<Sender> = fc.oneof(
  fc.record({ senderType: fc.constant(1 as const), leafIndex: uint32 }),
  fc.record({ senderType: fc.constant(2 as const), senderIndex: uint32 }),
  fc.record({ senderType: fc.constant(3 as const) }),
  fc.record({ senderType: fc.constant(4 as const) }),
)

const content: Arbitrary<Content> = fc.oneof(
  fc.record({ contentType: fc.constant(1 as const), applicationData: opaque }),
  fc.record({ contentType: fc.constant(2 as const), proposal }),
  fc.record({ contentType: fc.constant(3 as const), commit }),
)

export const framedContent: Arbitrary<FramedContent> = fc.record({
  groupId: opaque,
  epoch: uint64,
  sender,
  authenticatedData: opaque,
  content,
})

/** Commits have a confirmation tag, nothing else has (§6.1). */
function authOf({ content }: FramedContent): Arbitrary<FramedContentAuthData> {
  const confirmationTag = content.contentType === 3 ? opaque : fc.constant(undefined)
  return fc.record({ signature: opaque, confirmationTag })
}

export const publicMessage: Arbitrary<PublicMessage> = framedContent.chain((framed) =>
  fc.record({
    content: fc.constant(framed),
    auth: authOf(framed),
    membershipTag: framed.sender.senderType === 1 ? opaque : fc.constant(undefined),
  }),
)

export const authenticatedContent: Arbitrary<AuthenticatedContent> = framedContent.chain((framed) =>
  fc.record({
    wireFormat: fc.constantFrom(1 as const, 2 as const),
    content: fc.constant(framed),
    auth: authOf(framed),
  }),
)

export const privateMessage: Arbitrary<PrivateMessage> = fc.record({
  groupId: opaque,
  epoch: uint64,
  contentType: fc.constantFrom(1 as const, 2 as const, 3 as const),
  authenticatedData: opaque,
  encryptedSenderData: opaque,
  ciphertext: opaque,
})

export const groupContext: Arbitrary<GroupContext> = fc.record({
  version: uint16,
  cipherSuite: uint16,
  groupId: opaque,
  epoch: uint64,
  treeHash: opaque,
  confirmedTranscriptHash: opaque,
  extensions,
})

export const groupInfo: Arbitrary<GroupInfo> = fc.record({
  groupContext,
  extensions,
  confirmationTag: opaque,
  signer: uint32,
  signature: opaque,
})

export const welcome: Arbitrary<Welcome> = fc.record({
  cipherSuite: uint16,
  secrets: few(fc.record({ newMember: opaque, encryptedGroupSecrets: hpkeCiphertext })),
  encryptedGroupInfo: opaque,
})

const secret = opaque.map((bytes) => new Secret(bytes))

export const groupSecrets: Arbitrary<GroupSecrets> = fc.record({
  joinerSecret: secret,
  pathSecret: optional(secret),
  psks: few(preSharedKeyId),
})

export const requiredCapabilities: Arbitrary<RequiredCapabilities> = fc.record({
  extensionTypes: few(uint16),
  proposalTypes: few(uint16),
  credentialTypes: few(uint16),
})

export const externalSenders: Arbitrary<ExternalSender[]> = few(fc.record({ signatureKey: opaque, credential }))

export const mlsMessage: Arbitrary<MlsMessage> = fc.oneof(
  fc.record({ wireFormat: fc.constant(1 as const), publicMessage }),
  fc.record({ wireFormat: fc.constant(2 as const), privateMessage }),
  fc.record({ wireFormat: fc.constant(3 as const), welcome }),
  fc.record({ wireFormat: fc.constant(4 as const), groupInfo }),
  fc.record({ wireFormat: fc.constant(5 as const), keyPackage }),
)

/** Nodes by node index, the last of them a leaf, and the vector of them. */
export const ratchetTree: Arbitrary<{ nodes: (LeafNode | ParentNode | undefined)[]; bytes: Uint8Array }> = fc
  .tuple(fc.array(fc.tuple(optional(leafNode), optional(parentNode)), { maxLength: 5 }), leafNode)
  .map(([pairs, last]) => {
    const nodes = [...pairs.flat(), last]
    const bytes = encode((writer) => writer.vector(nodes, encodeListed), undefined)
    return { nodes, bytes }
  })

/** `optional<Node>`. §12.4.3.3. */
const encodeListed: Encoder<LeafNode | ParentNode | undefined> = (writer, node) => {
  writer.uint8(node === undefined ? 0 : 1)
  if (node === undefined) return
  writer.uint8('unmergedLeaves' in node ? 2 : 1)
  if ('unmergedLeaves' in node) encodeParentNode(writer, node)
  else encodeLeafNode(writer, node)
}
