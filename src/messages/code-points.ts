// RFC 9420's registries of numbers (§17) and the enumerations of its structures, as far as this library gives them a meaning.

/** The only protocol version there is. */
export const MLS10 = 1

export const WireFormat = {
  publicMessage: 1,
  privateMessage: 2,
  welcome: 3,
  groupInfo: 4,
  keyPackage: 5,
} as const
export type WireFormat = (typeof WireFormat)[keyof typeof WireFormat]

export const ContentType = { application: 1, proposal: 2, commit: 3 } as const
export type ContentType = (typeof ContentType)[keyof typeof ContentType]

export const SenderType = { member: 1, external: 2, newMemberProposal: 3, newMemberCommit: 4 } as const
export type SenderType = (typeof SenderType)[keyof typeof SenderType]

export const LeafNodeSource = { keyPackage: 1, update: 2, commit: 3 } as const
export type LeafNodeSource = (typeof LeafNodeSource)[keyof typeof LeafNodeSource]

export const CredentialType = { basic: 1, x509: 2 } as const

export const ExtensionType = {
  applicationId: 1,
  ratchetTree: 2,
  requiredCapabilities: 3,
  externalPub: 4,
  externalSenders: 5,
} as const

export const ProposalType = {
  add: 1,
  update: 2,
  remove: 3,
  preSharedKey: 4,
  reinit: 5,
  externalInit: 6,
  groupContextExtensions: 7,
} as const

export const PskType = { external: 1, resumption: 2 } as const

export const ResumptionPskUsage = { application: 1, reinit: 2, branch: 3 } as const
export type ResumptionPskUsage = (typeof ResumptionPskUsage)[keyof typeof ResumptionPskUsage]

/** RFC 9420 §7.2: these need no entry in anyone's capabilities. */
export const DEFAULT_EXTENSION_TYPES: ReadonlySet<number> = new Set([1, 2, 3, 4, 5])

/** RFC 9420 §7.2: these need no entry in anyone's capabilities. */
export const DEFAULT_PROPOSAL_TYPES: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7])

/** RFC 9420 §13.5: values to sprinkle over lists so that nobody learns to depend on their absence. */
export const GREASE_VALUES: readonly number[] = Array.from({ length: 15 }, (_, i) => 0x0a0a + 0x1010 * i)
