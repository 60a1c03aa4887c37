// `coterie/mls`: the Messaging Layer Security protocol, RFC 9420, as operations on immutable values.
// Give it a cipher suite from `coterie/crypto/noble`, `coterie/crypto/node` or `coterie/crypto/webcrypto`.

export type { KeyPair, SuitePrimitives } from './crypto/contract.ts'
export type { CipherSuite, HpkeCiphertext } from './crypto/labels.ts'
export { Secret } from './crypto/secret.ts'
export {
  type AnyCoterieError,
  CoterieError,
  ERROR_CODES,
  type ErrorCode,
  type ErrorContext,
  type ErrorOrigin,
} from './errors.ts'
export { noPadding, type PaddingPolicy, padme, padToMultiple } from './framing/padding.ts'
export { encryptMessage } from './group/application.ts'
export type { AddedMember } from './group/apply-proposals.ts'
export type { JoinChecks } from './group/check-group-info.ts'
export { type CommitOptions, type CommitResult, commit } from './group/commit.ts'
export { type CreateGroupOptions, createGroup } from './group/create-group.ts'
export { epochAuthenticator, exportSecret } from './group/exporter.ts'
export { type ProposalTarget, proposeAsExternalSender, proposeOwnAdd } from './group/external-proposals.ts'
export { createGroupInfo, exportRatchetTree, type GroupInfoOptions, readRatchetTree } from './group/group-info.ts'
export type { SendOptions, SentMessage } from './group/handshake.ts'
export { type ExternalJoinOptions, type ExternalJoinResult, joinExternal } from './group/join-external.ts'
export { type JoinOptions, joinGroup } from './group/join-welcome.ts'
export { keyPackageRecord, restoreKeyPackage } from './group/key-package-record.ts'
export {
  createKeyPackage,
  type KeyPackageOptions,
  type KeyPackageSecrets,
  type LeafOptions,
  lifetimeOfDays,
  type OwnKeyPackage,
  readKeyPackage,
  validateKeyPackage,
} from './group/key-packages.ts'
export { type ExternalPsk, type KnownPsks, knownPsks } from './group/known-psks.ts'
export type {
  CredentialCheck,
  GroupPolicy,
  Judgement,
  ProposalContext,
  ProposalInContext,
  PskLookup,
} from './group/policy.ts'
export type { ProcessedCommit } from './group/process-commit.ts'
export {
  type ProcessedMessage,
  processMessage,
  type ReceivedMessage,
  type ReceivedProposal,
} from './group/process-message.ts'
export type { CommittedProposal } from './group/proposal-list.ts'
export {
  discardProposals,
  type ProposeOptions,
  propose,
  proposeUpdate,
  type SentProposal,
} from './group/propose.ts'
export { restoreState } from './group/restore.ts'
export { type StateRecords, stateRecords } from './group/snapshot.ts'
export {
  DEFAULT_GROUP_LIMITS,
  epoch,
  type GroupLimits,
  type GroupState,
  type GroupStatus,
  groupId,
  groupMembers,
  memberAt,
  type OwnMember,
  ownLeafNode,
  type PastEpoch,
  type PendingProposal,
  type ResumptionPsk,
} from './group/state.ts'
export { type BranchOptions, branchGroup, reinitGroup, type SuccessionOptions } from './group/succession.ts'
export { wipeState } from './group/wipe.ts'
export {
  ContentType,
  CredentialType,
  ExtensionType,
  GREASE_VALUES,
  LeafNodeSource,
  MLS10,
  ProposalType,
  PskType,
  ResumptionPskUsage,
  SenderType,
  WireFormat,
} from './messages/code-points.ts'
export type { Commit, ProposalOrRef, UpdatePath, UpdatePathNode } from './messages/commit.ts'
export {
  type BasicCredential,
  basicCredential,
  basicIdentity,
  type Credential,
  isBasicCredential,
  isX509Credential,
  type OtherCredential,
  type X509Credential,
  x509Credential,
} from './messages/credential.ts'
export {
  applicationIdExtension,
  type Extension,
  type ExternalSender,
  externalPubExtension,
  externalSendersExtension,
  type RequiredCapabilities,
  readApplicationId,
  readExternalPub,
  readExternalSenders,
  readRequiredCapabilities,
  requiredCapabilitiesExtension,
} from './messages/extension.ts'
export type {
  Content,
  FramedContent,
  FramedContentAuthData,
  PrivateMessage,
  PublicMessage,
  Sender,
} from './messages/framed-content.ts'
export type { GroupContext } from './messages/group-context.ts'
export type { GroupInfo, GroupInfoContent } from './messages/group-info.ts'
export { type KeyPackage, type KeyPackageContent, keyPackageRef } from './messages/key-package.ts'
export type { Capabilities, LeafNode, LeafNodeContent, LeafNodeOrigin, Lifetime } from './messages/leaf-node.ts'
export { decodeMlsMessage, encodeMlsMessage, type MlsMessage } from './messages/mls-message.ts'
export {
  type ExternalPskId,
  externalPskId,
  type PreSharedKeyId,
  type ResumptionPskId,
  resumptionPskId,
} from './messages/pre-shared-key.ts'
export {
  type AddProposal,
  addProposal,
  type CustomProposal,
  customProposal,
  type DefaultProposal,
  type ExternalInitProposal,
  type GroupContextExtensionsProposal,
  groupContextExtensionsProposal,
  isDefaultProposal,
  type PreSharedKeyProposal,
  type Proposal,
  preSharedKeyProposal,
  type ReInitOptions,
  type ReInitProposal,
  type RemoveProposal,
  reinitProposal,
  removeProposal,
  type UpdateProposal,
} from './messages/proposal.ts'
export type { EncryptedGroupSecrets, Welcome } from './messages/welcome.ts'
export type { Member } from './tree/ratchet-tree.ts'
