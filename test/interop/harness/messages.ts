// The messages of the interop interface (mls_client.proto) as TypeScript types: field names in camelCase, bytes as
// Uint8Array, uint64 as decimal text (a JavaScript number cannot hold it), every field present.

/** A uint64 in decimal digits: what the wire codec reads and writes without loss. */
export type Uint64 = string

/** A message without fields. */
export type Empty = Readonly<Record<never, never>>

export interface Extension {
  readonly extensionType: number
  readonly extensionData: Uint8Array
}

export interface PreSharedKey {
  readonly pskId: Uint8Array
  readonly pskSecret: Uint8Array
}

/** A proposal to build. `proposalType` is a UTF-8 name and decides which other fields count; the rest are empty. */
export interface ProposalDescription {
  readonly proposalType: Uint8Array
  readonly keyPackage: Uint8Array
  readonly removedId: Uint8Array
  readonly pskId: Uint8Array
  readonly epochId: Uint64
  readonly extensions: readonly Extension[]
  readonly groupId: Uint8Array
  readonly cipherSuite: number
}

/** Names a group state that the answering stack holds. */
export interface StateRequest {
  readonly stateId: number
}

/** A member's state of one epoch, after joining or after a commit. */
export interface StateResponse {
  readonly stateId: number
  readonly epochAuthenticator: Uint8Array
}

export interface ProposalResponse {
  readonly proposal: Uint8Array
}

export interface NameResponse {
  readonly name: string
}

export interface SupportedCiphersuitesResponse {
  readonly ciphersuites: readonly number[]
}

export interface CreateGroupRequest {
  readonly groupId: Uint8Array
  readonly cipherSuite: number
  readonly encryptHandshake: boolean
  readonly identity: Uint8Array
}

export interface CreateGroupResponse {
  readonly stateId: number
}

export interface CreateKeyPackageRequest {
  readonly cipherSuite: number
  readonly identity: Uint8Array
}

export interface CreateKeyPackageResponse {
  readonly transactionId: number
  readonly keyPackage: Uint8Array
  readonly initPriv: Uint8Array
  readonly encryptionPriv: Uint8Array
  readonly signaturePriv: Uint8Array
}

export interface JoinGroupRequest {
  readonly transactionId: number
  readonly welcome: Uint8Array
  readonly encryptHandshake: boolean
  readonly identity: Uint8Array
  readonly ratchetTree: Uint8Array
}

export interface ExternalJoinRequest {
  readonly groupInfo: Uint8Array
  readonly ratchetTree: Uint8Array
  readonly encryptHandshake: boolean
  readonly identity: Uint8Array
  readonly removePrior: boolean
  readonly psks: readonly PreSharedKey[]
}

export interface ExternalJoinResponse extends StateResponse {
  readonly commit: Uint8Array
}

export interface StateAuthResponse {
  readonly stateAuthSecret: Uint8Array
}

export interface ExportRequest extends StateRequest {
  readonly label: string
  readonly context: Uint8Array
  readonly keyLength: number
}

export interface ExportResponse {
  readonly exportedSecret: Uint8Array
}

export interface GroupInfoRequest extends StateRequest {
  readonly externalTree: boolean
}

export interface GroupInfoResponse {
  readonly groupInfo: Uint8Array
  readonly ratchetTree: Uint8Array
}

export interface ProtectRequest extends StateRequest {
  readonly authenticatedData: Uint8Array
  readonly plaintext: Uint8Array
}

export interface ProtectResponse {
  readonly ciphertext: Uint8Array
}

export interface UnprotectRequest extends StateRequest {
  readonly ciphertext: Uint8Array
}

export interface UnprotectResponse {
  readonly authenticatedData: Uint8Array
  readonly plaintext: Uint8Array
}

export interface StorePSKRequest {
  readonly stateOrTransactionId: number
  readonly pskId: Uint8Array
  readonly pskSecret: Uint8Array
}

export interface AddProposalRequest extends StateRequest {
  readonly keyPackage: Uint8Array
}

export interface RemoveProposalRequest extends StateRequest {
  readonly removedId: Uint8Array
}

export interface ExternalPSKProposalRequest extends StateRequest {
  readonly pskId: Uint8Array
}

export interface ResumptionPSKProposalRequest extends StateRequest {
  readonly epochId: Uint64
}

export interface GroupContextExtensionsProposalRequest extends StateRequest {
  readonly extensions: readonly Extension[]
}

export interface ReInitProposalRequest extends StateRequest {
  readonly cipherSuite: number
  readonly groupId: Uint8Array
  readonly extensions: readonly Extension[]
}

export interface NewMemberAddProposalRequest {
  readonly groupInfo: Uint8Array
  readonly identity: Uint8Array
}

export interface NewMemberAddProposalResponse extends ProposalResponse {
  readonly transactionId: number
  readonly initPriv: Uint8Array
  readonly encryptionPriv: Uint8Array
  readonly signaturePriv: Uint8Array
}

export interface CreateExternalSignerRequest {
  readonly cipherSuite: number
  readonly identity: Uint8Array
}

export interface CreateExternalSignerResponse {
  readonly signerId: number
  readonly externalSender: Uint8Array
}

export interface AddExternalSignerRequest extends StateRequest {
  readonly externalSender: Uint8Array
}

/** `description` is null when the caller left it out. */
export interface ExternalSignerProposalRequest {
  readonly signerId: number
  readonly signerIndex: number
  readonly groupInfo: Uint8Array
  readonly ratchetTree: Uint8Array
  readonly description: ProposalDescription | null
}

export interface CommitRequest extends StateRequest {
  readonly byReference: readonly Uint8Array[]
  readonly byValue: readonly ProposalDescription[]
  readonly forcePath: boolean
  readonly externalTree: boolean
}

export interface CommitResponse {
  readonly commit: Uint8Array
  readonly welcome: Uint8Array
  readonly ratchetTree: Uint8Array
}

export interface HandleCommitRequest extends StateRequest {
  readonly proposal: readonly Uint8Array[]
  readonly commit: Uint8Array
}

export interface HandleReInitCommitResponse {
  readonly reinitId: number
  readonly keyPackage: Uint8Array
  readonly epochAuthenticator: Uint8Array
}

export interface ReInitWelcomeRequest {
  readonly reinitId: number
  readonly keyPackage: readonly Uint8Array[]
  readonly forcePath: boolean
  readonly externalTree: boolean
}

export interface HandleReInitWelcomeRequest {
  readonly reinitId: number
  readonly welcome: Uint8Array
  readonly ratchetTree: Uint8Array
}

export interface CreateBranchRequest extends StateRequest {
  readonly groupId: Uint8Array
  readonly extensions: readonly Extension[]
  readonly keyPackages: readonly Uint8Array[]
  readonly forcePath: boolean
  readonly externalTree: boolean
}

export interface CreateSubgroupResponse extends StateResponse {
  readonly welcome: Uint8Array
  readonly ratchetTree: Uint8Array
}

export interface HandleBranchRequest extends StateRequest {
  readonly transactionId: number
  readonly welcome: Uint8Array
  readonly ratchetTree: Uint8Array
}
