// PublicMessage and PrivateMessage: message-protection.json of the working group and of OpenMLS.

import { Reader } from '../../src/codec/reader.ts'
import { encode } from '../../src/codec/writer.ts'
import type { KeyPair } from '../../src/crypto/contract.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { CoterieError } from '../../src/errors.ts'
import { type AuthenticatedContent, signContent, verifyContent } from '../../src/framing/authenticated-content.ts'
import { padme } from '../../src/framing/padding.ts'
import { openPrivate, protectPrivate } from '../../src/framing/private-message.ts'
import { checkPublic, protectPublic } from '../../src/framing/public-message.ts'
import { ContentType, MLS10, SenderType, WireFormat } from '../../src/messages/code-points.ts'
import { type Content, decodeContent, encodeContent, type FramedContent } from '../../src/messages/framed-content.ts'
import type { GroupContext } from '../../src/messages/group-context.ts'
import { decodeMlsMessage, encodeMlsMessage } from '../../src/messages/mls-message.ts'
import { createSecretTree, DEFAULT_SECRET_TREE_LIMITS } from '../../src/schedule/secret-tree.ts'
import { confirmationTag } from '../../src/schedule/transcript.ts'
import { isListWith } from './json-shape.ts'
import type { VectorSuite } from './suite.ts'
import { bytes, expectBytes, expectTrue, runSuiteCases } from './vector-cases.ts'

interface MessageProtectionVector {
  readonly cipher_suite: number
  readonly group_id: string
  readonly epoch: number
  readonly tree_hash: string
  readonly confirmed_transcript_hash: string
  readonly signature_priv: string
  readonly signature_pub: string
  readonly encryption_secret: string
  readonly sender_data_secret: string
  readonly membership_key: string
  readonly proposal: string
  readonly proposal_priv: string
  readonly proposal_pub: string
  readonly commit: string
  readonly commit_priv: string
  readonly commit_pub: string
  readonly application: string
  readonly application_priv: string
}

/** One epoch of a group of two, as its second member sees it. */
interface Epoch {
  readonly suite: CipherSuite
  readonly groupContext: GroupContext
  readonly signer: KeyPair
  readonly encryptionSecret: Uint8Array
  readonly senderDataSecret: Secret
  readonly membershipKey: Secret
}

export const messageProtection: VectorSuite = {
  name: 'message-protection',
  recognises: (json) =>
    isListWith(json, [
      'cipher_suite',
      'group_id',
      'epoch',
      'tree_hash',
      'confirmed_transcript_hash',
      'signature_priv',
      'signature_pub',
      'encryption_secret',
      'sender_data_secret',
      'membership_key',
      'proposal',
      'proposal_priv',
      'proposal_pub',
      'commit',
      'commit_priv',
      'commit_pub',
      'application',
      'application_priv',
    ]),
  run: (json, provider, report) =>
    runSuiteCases<MessageProtectionVector>(json, provider, report, async (suite, vector) => {
      const epoch: Epoch = {
        suite,
        groupContext: {
          version: MLS10,
          cipherSuite: vector.cipher_suite,
          groupId: bytes(vector.group_id),
          epoch: BigInt(vector.epoch),
          treeHash: bytes(vector.tree_hash),
          confirmedTranscriptHash: bytes(vector.confirmed_transcript_hash),
          extensions: [],
        },
        signer: await suite.signature.importPrivateKey(bytes(vector.signature_priv)),
        encryptionSecret: bytes(vector.encryption_secret),
        senderDataSecret: new Secret(bytes(vector.sender_data_secret)),
        membershipKey: new Secret(bytes(vector.membership_key)),
      }
      expectBytes('the signature key', epoch.signer.publicKey, vector.signature_pub)

      const proposal = decodeRaw(vector.proposal, ContentType.proposal)
      await checkMessage(epoch, vector.proposal_pub, vector.proposal)
      await checkMessage(epoch, vector.proposal_priv, vector.proposal)
      await checkMessage(epoch, await protect(epoch, proposal, WireFormat.publicMessage), vector.proposal)
      await checkMessage(epoch, await protect(epoch, proposal, WireFormat.privateMessage), vector.proposal)

      const commit = decodeRaw(vector.commit, ContentType.commit)
      await checkMessage(epoch, vector.commit_pub, vector.commit)
      await checkMessage(epoch, vector.commit_priv, vector.commit)
      await checkMessage(epoch, await protect(epoch, commit, WireFormat.publicMessage), vector.commit)
      await checkMessage(epoch, await protect(epoch, commit, WireFormat.privateMessage), vector.commit)

      const application: Content = {
        contentType: ContentType.application,
        applicationData: bytes(vector.application),
      }
      await checkMessage(epoch, vector.application_priv, vector.application)
      await checkMessage(epoch, await protect(epoch, application, WireFormat.privateMessage), vector.application)
      const refused = await protect(epoch, application, WireFormat.publicMessage).catch((error: unknown) => error)
      expectTrue('application data is not sent in the clear', CoterieError.is(refused, 'FRAMING_APPLICATION_IN_PUBLIC'))
    }),
}

/** Opens a message, verifies its signature and compares its content. */
async function checkMessage(epoch: Epoch, message: string | Uint8Array, expectedContent: string): Promise<void> {
  const opened = open(epoch, typeof message === 'string' ? bytes(message) : message)
  const { suite, groupContext, signer } = epoch
  const { content } = await verifyContent(suite, opened, signer.publicKey, groupContext)
  expectTrue('the epoch is right', content.epoch === groupContext.epoch)
  const { sender } = content
  expectTrue('leaf 1 sent it', sender.senderType === SenderType.member && sender.leafIndex === SENDER)
  const actual =
    content.content.contentType === ContentType.application
      ? content.content.applicationData
      : encode(encodeContent, content.content)
  expectBytes('the content', actual, expectedContent)
}

function open(epoch: Epoch, message: Uint8Array): AuthenticatedContent {
  const { suite, groupContext, membershipKey, senderDataSecret } = epoch
  const decoded = decodeMlsMessage(message)
  if (decoded.wireFormat === WireFormat.publicMessage) {
    return checkPublic(suite, decoded.publicMessage, membershipKey, groupContext)
  }
  if (decoded.wireFormat !== WireFormat.privateMessage) throw new Error('the message has no content')
  const keys = { secretTree: freshTree(epoch), senderDataSecret }
  const { privateMessage } = decoded
  return openPrivate(suite, privateMessage, keys, DEFAULT_SECRET_TREE_LIMITS, (leafIndex) => leafIndex < LEAVES)
    .authenticated
}

async function protect(epoch: Epoch, content: Content, wireFormat: WireFormat): Promise<Uint8Array> {
  const { suite, groupContext, signer, membershipKey, senderDataSecret } = epoch
  const framed: FramedContent = {
    groupId: groupContext.groupId,
    epoch: groupContext.epoch,
    sender: { senderType: SenderType.member, leafIndex: SENDER },
    authenticatedData: new Uint8Array([1, 2, 3]),
    content,
  }
  const signature = await signContent(suite, signer, wireFormat, framed, groupContext)
  // Any tag will do: these messages are not processed any further.
  const tag = confirmationTag(suite, membershipKey, groupContext.confirmedTranscriptHash)
  const confirmed = content.contentType === ContentType.commit ? tag : undefined
  const authenticated = { wireFormat, content: framed, auth: { signature, confirmationTag: confirmed } }
  if (wireFormat === WireFormat.publicMessage) {
    const publicMessage = protectPublic(suite, authenticated, membershipKey, groupContext)
    return encodeMlsMessage({ wireFormat, publicMessage })
  }
  const keys = { secretTree: freshTree(epoch), senderDataSecret }
  const { message } = protectPrivate(suite, authenticated, keys, padme)
  return encodeMlsMessage({ wireFormat: WireFormat.privateMessage, privateMessage: message })
}

function freshTree({ suite, encryptionSecret }: Epoch): ReturnType<typeof createSecretTree> {
  return createSecretTree(suite, Secret.copyOf(encryptionSecret), LEAVES)
}

function decodeRaw(hex: string, contentType: ContentType): Content {
  const reader = new Reader(bytes(hex))
  const content = decodeContent(reader, contentType)
  reader.finish()
  return content
}

const LEAVES = 2
const SENDER = 1
