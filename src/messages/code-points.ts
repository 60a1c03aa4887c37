// RFC 9420's registries of numbers (§17) and the enumerations of its structures, as far as this library gives them a meaning.

/** The only protocol version there is. */
export const MLS10 = 1

/** What an `MLSMessage` carries. RFC 9420 §17.2. */
export const WireFormat = {
  publicMessage: 1,
  privateMessage: 2,
  welcome: 3,
  groupInfo: 4,
  keyPackage: 5,
} as const
/** One of `WireFormat`. */
export type WireFormat = (typeof WireFormat)[keyof typeof WireFormat]

/** What a framed message says. RFC 9420 §6. */
export const ContentType = { application: 1, proposal: 2, commit: 3 } as const
/** One of `ContentType`. */
export type ContentType = (typeof ContentType)[keyof typeof ContentType]

/** Who speaks. RFC 9420 §6. */
export const SenderType = { member: 1, external: 2, newMemberProposal: 3, newMemberCommit: 4 } as const
/** One of `SenderType`. */
export type SenderType = (typeof SenderType)[keyof typeof SenderType]

/** Where a leaf node came from. RFC 9420 §7.2. */
export const LeafNodeSource = { keyPackage: 1, update: 2, commit: 3 } as const
/** One of `LeafNodeSource`. */
export type LeafNodeSource = (typeof LeafNodeSource)[keyof typeof LeafNodeSource]

/** Credential types with a meaning here. RFC 9420 §17.5. */
export const CredentialType = { basic: 1, x509: 2 } as const

/** Extension types of the RFC. RFC 9420 §17.3. */
export const ExtensionType = {
  applicationId: 1,
  ratchetTree: 2,
  requiredCapabilities: 3,
  externalPub: 4,
  externalSenders: 5,
} as const

/** Proposal types of the RFC. RFC 9420 §17.4. */
export const ProposalType = {
  add: 1,
  update: 2,
  remove: 3,
  preSharedKey: 4,
  reinit: 5,
  externalInit: 6,
  groupContextExtensions: 7,
} as const

/** Where a pre-shared key comes from. RFC 9420 §8.4. */
export const PskType = { external: 1, resumption: 2 } as const

/** What a resumption PSK is used for. RFC 9420 §8.4. */
export const ResumptionPskUsage = { application: 1, reinit: 2, branch: 3 } as const
/** One of `ResumptionPskUsage`. */
export type ResumptionPskUsage = (typeof ResumptionPskUsage)[keyof typeof ResumptionPskUsage]

/** RFC 9420 §7.2: these need no entry in anyone's capabilities. */
export const DEFAULT_EXTENSION_TYPES: ReadonlySet<number> = new Set([1, 2, 3, 4, 5])

/** RFC 9420 §7.2: these need no entry in anyone's capabilities. */
export const DEFAULT_PROPOSAL_TYPES: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7])

/** RFC 9420 §13.5: values to sprinkle over lists so that nobody learns to depend on their absence. */
export const GREASE_VALUES: readonly number[] = Array.from({ length: 15 }, (_, i) => 0x0a0a + 0x1010 * i)
