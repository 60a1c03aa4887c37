// The RPCs of those who are not in the group: external commits (RFC 9420 §12.4.3.2), external senders and clients that
// propose to be added (§12.1.8).
import { equalBytes } from '../../../src/bytes.ts'
import { encode } from '../../../src/codec/writer.ts'
import { fail } from '../../../src/errors.ts'
import { encodeExternalSender } from '../../../src/messages/extension.ts'
import {
  basicCredential,
  createKeyPackage,
  ExtensionType,
  type ExternalSender,
  externalPskId,
  type GroupInfo,
  joinExternal,
  type Member as LeafMember,
  proposeAsExternalSender,
  proposeOwnAdd,
  readExternalSenders,
  readRatchetTree,
} from '../../../src/mls.ts'
import type { MlsClient } from './mls-client.ts'
import {
  enter,
  externalPsk,
  judgement,
  LIMITS,
  newLeaf,
  privateKeysOf,
  readGroupInfo,
  type ServerContext,
  suiteOf,
  treeBeside,
} from './server-clients.ts'
import { describedByOutsider, leafIndexOf } from './server-proposals.ts'

type OutsiderRpcs = Pick<
  MlsClient,
  'ExternalJoin' | 'NewMemberAddProposal' | 'CreateExternalSigner' | 'ExternalSignerProposal'
>

/** The RPCs that start from somebody else's GroupInfo. */
export function outsiderRpcs(context: ServerContext): OutsiderRpcs {
  const { transactions, signers } = context.registry
  return {
    ExternalJoin: async ({ groupInfo, ratchetTree, encryptHandshake, identity, removePrior, psks: given }) => {
      const info = readGroupInfo(groupInfo)
      const suite = suiteOf(context, info.groupContext.cipherSuite)
      const psks = given.map(externalPsk)
      const prior = removePrior ? { replaces: leafIndexOf(membersIn(info, ratchetTree), identity) } : {}
      const { state, message } = await joinExternal(suite, groupInfo, {
        ...(await newLeaf(context, suite, basicCredential(identity))),
        ...judgement(psks),
        ...treeBeside(ratchetTree),
        ...prior,
        pskIds: psks.map(({ pskId }) => externalPskId(suite, pskId)),
        limits: LIMITS,
      })
      return { ...enter(context, { group: state, encryptHandshake, psks }), commit: message }
    },
    NewMemberAddProposal: async ({ groupInfo, identity }) => {
      const { groupContext } = readGroupInfo(groupInfo)
      const suite = suiteOf(context, groupContext.cipherSuite)
      const own = await createKeyPackage(suite, await newLeaf(context, suite, basicCredential(identity)))
      const proposal = await proposeOwnAdd(suite, own.secrets.signatureKeyPair, own.keyPackage, groupContext)
      const transactionId = transactions.put({ suite, keyPackage: own, psks: [] })
      return { transactionId, proposal, ...privateKeysOf(own) }
    },
    CreateExternalSigner: async ({ cipherSuite, identity }) => {
      const suite = suiteOf(context, cipherSuite)
      const signatureKeyPair = await suite.signature.generateKeyPair()
      const sender = { signatureKey: signatureKeyPair.publicKey, credential: basicCredential(identity) }
      const signerId = signers.put({ suite, signatureKeyPair, sender })
      return { signerId, externalSender: encode(encodeExternalSender, sender) }
    },
    ExternalSignerProposal: ({ signerId, signerIndex, groupInfo, ratchetTree, description }) =>
      signers.use(signerId, async ({ suite, signatureKeyPair, sender }) => {
        if (description === null) return fail('ARGUMENT_INVALID', 'the proposal is not described')
        const info = readGroupInfo(groupInfo)
        const { groupContext } = info
        if (groupContext.cipherSuite !== suite.id) {
          fail('ARGUMENT_INVALID', `the signer is for suite ${suite.id}, the group has ${groupContext.cipherSuite}`)
        }
        const index = placeAmong(readExternalSenders(groupContext.extensions), sender, signerIndex)
        const members = (): readonly LeafMember[] => membersIn(info, ratchetTree)
        const proposal = describedByOutsider({ suite, groupId: groupContext.groupId, members }, description)
        return { proposal: await proposeAsExternalSender(suite, signatureKeyPair, index, proposal, groupContext) }
      }),
  }
}

/** The members of the group as the tree beside a GroupInfo says, or else the one inside. */
function membersIn({ extensions }: GroupInfo, ratchetTree: Uint8Array): readonly LeafMember[] {
  if (ratchetTree.length > 0) return readRatchetTree(ratchetTree)
  const included = extensions.find(({ extensionType }) => extensionType === ExtensionType.ratchetTree)
  if (included === undefined)
    return fail('JOIN_TREE_MISSING', 'the ratchet tree is neither in the GroupInfo nor beside it')
  return readRatchetTree(included.data)
}

/** The given place where the sender is there, else the one where it is. */
function placeAmong(senders: readonly ExternalSender[], sender: ExternalSender, given: number): number {
  const wanted = encode(encodeExternalSender, sender)
  const isAt = (index: number): boolean => {
    const at = senders[index]
    return at !== undefined && equalBytes(encode(encodeExternalSender, at), wanted)
  }
  const index = isAt(given) ? given : senders.findIndex((_, i) => isAt(i))
  return index < 0 ? fail('PROPOSAL_FROM_EXTERNAL', 'the group does not list this external sender') : index
}
