// The proposals of the interop interface, by member RPC, by description in a commit, and from external signers
// (RFC 9420 §12.1).
import { equalBytes, toHex } from '../../../src/bytes.ts'
import { decode } from '../../../src/codec/reader.ts'
import { fail } from '../../../src/errors.ts'
import { decodeExternalSender } from '../../../src/messages/extension.ts'
import {
  addProposal,
  basicIdentity,
  type CipherSuite,
  externalPskId,
  externalSendersExtension,
  type GroupState,
  groupContextExtensionsProposal,
  groupMembers,
  type Member as LeafMember,
  type Extension as MlsExtension,
  type Proposal,
  preSharedKeyProposal,
  propose,
  proposeUpdate,
  readExternalSenders,
  reinitProposal,
  removeProposal,
  resumptionPskId,
  type SentProposal,
} from '../../../src/mls.ts'
import type { Extension, ProposalDescription, ProposalResponse } from './messages.ts'
import type { MlsClient } from './mls-client.ts'
import { decodeKeyPackageMessage, judgement, type ServerContext, wireFormatOf } from './server-clients.ts'
import type { Change, Member } from './server-registry.ts'

type ProposalRpcs = Pick<
  MlsClient,
  | 'AddProposal'
  | 'UpdateProposal'
  | 'RemoveProposal'
  | 'ExternalPSKProposal'
  | 'ResumptionPSKProposal'
  | 'GroupContextExtensionsProposal'
  | 'ReInitProposal'
  | 'AddExternalSigner'
>

/** The RPCs by which members propose. */
export function proposalRpcs({ registry: { states } }: ServerContext): ProposalRpcs {
  const proposing = (stateId: number, make: (group: GroupState) => Proposal): Promise<ProposalResponse> =>
    states.change(stateId, async (member) => {
      const options = { ...judgement(member.psks), wireFormat: wireFormatOf(member) }
      return sent(member, await propose(member.group, make(member.group), options))
    })
  return {
    AddProposal: ({ stateId, keyPackage }) =>
      proposing(stateId, () => addProposal(decodeKeyPackageMessage(keyPackage))),
    UpdateProposal: ({ stateId }) =>
      states.change(stateId, async (member) => {
        const options = { ...judgement(member.psks), wireFormat: wireFormatOf(member) }
        return sent(member, await proposeUpdate(member.group, options))
      }),
    RemoveProposal: ({ stateId, removedId }) =>
      proposing(stateId, (group) => removeProposal(leafIndexOf(groupMembers(group), removedId))),
    ExternalPSKProposal: ({ stateId, pskId }) =>
      proposing(stateId, ({ suite }) => preSharedKeyProposal(externalPskId(suite, pskId))),
    ResumptionPSKProposal: ({ stateId, epochId }) =>
      proposing(stateId, ({ suite, groupContext }) =>
        preSharedKeyProposal(resumptionPskId(suite, groupContext.groupId, BigInt(epochId))),
      ),
    GroupContextExtensionsProposal: ({ stateId, extensions }) =>
      proposing(stateId, () => groupContextExtensionsProposal(extensions.map(mlsExtension))),
    ReInitProposal: ({ stateId, groupId, cipherSuite, extensions }) =>
      proposing(stateId, () => reinitProposal({ groupId, cipherSuite, extensions: extensions.map(mlsExtension) })),
    AddExternalSigner: ({ stateId, externalSender }) =>
      proposing(stateId, ({ groupContext }) => {
        const senders = [...readExternalSenders(groupContext.extensions), decode(decodeExternalSender, externalSender)]
        return groupContextExtensionsProposal(withExtension(groupContext.extensions, externalSendersExtension(senders)))
      }),
  }
}

/** What a described proposal depends on. */
export interface ProposalScene {
  readonly suite: CipherSuite
  readonly groupId: Uint8Array
  members(): readonly LeafMember[]
}

export function sceneOf(group: GroupState): ProposalScene {
  return { suite: group.suite, groupId: group.groupContext.groupId, members: () => groupMembers(group) }
}

/** Builds what a member describes. @throws CoterieError `ARGUMENT_INVALID` for another type */
export function describedProposal(scene: ProposalScene, description: ProposalDescription): Proposal {
  const type = new TextDecoder().decode(description.proposalType)
  switch (type) {
    case 'add':
      return addProposal(decodeKeyPackageMessage(description.keyPackage))
    case 'remove':
      return removeProposal(leafIndexOf(scene.members(), description.removedId))
    case 'externalPSK':
      return preSharedKeyProposal(externalPskId(scene.suite, description.pskId))
    case 'resumptionPSK':
      return preSharedKeyProposal(resumptionPskId(scene.suite, scene.groupId, BigInt(description.epochId)))
    case 'groupContextExtensions':
      return groupContextExtensionsProposal(description.extensions.map(mlsExtension))
    default:
      return fail('ARGUMENT_INVALID', `no proposal of the type ${JSON.stringify(type)} can be described here`)
  }
}

/** Builds what an external signer describes: a ReInit too. */
export function describedByOutsider(scene: ProposalScene, description: ProposalDescription): Proposal {
  if (new TextDecoder().decode(description.proposalType) !== 'reinit') return describedProposal(scene, description)
  const { groupId, cipherSuite, extensions } = description
  return reinitProposal({ groupId, cipherSuite, extensions: extensions.map(mlsExtension) })
}

/** The member whose basic credential has this identity, the leftmost if there are several. */
export function leafIndexOf(members: readonly LeafMember[], identity: Uint8Array): number {
  const member = members.find(({ leafNode }) => {
    const own = basicIdentity(leafNode.credential)
    return own !== undefined && equalBytes(own, identity)
  })
  return member?.leafIndex ?? fail('PROPOSAL_TARGET', 'the group has no member of this identity')
}

export function mlsExtension({ extensionType, extensionData }: Extension): MlsExtension {
  return { extensionType, data: extensionData }
}

function sent(member: Member, { state, message, reference }: SentProposal): Change<Member, ProposalResponse> {
  const references = new Map(member.references).set(toHex(message), reference)
  return [{ ...member, group: state, references }, { proposal: message }]
}

/** The list with an extension in the place of that of its type, or at the end. */
function withExtension(extensions: readonly MlsExtension[], extension: MlsExtension): MlsExtension[] {
  const { extensionType } = extension
  if (!extensions.some((other) => other.extensionType === extensionType)) return [...extensions, extension]
  return extensions.map((other) => (other.extensionType === extensionType ? extension : other))
}
