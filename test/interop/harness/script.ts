// The scripts of the interop harness, loaded: what each action of a scenario holds. References to an earlier step's
// outcome are that step's position in the script.
import type { Extension, Uint64 } from './messages.ts'

/** A scenario of one group's life. */
export interface Script {
  /** File name without folder. */
  readonly config: string
  readonly name: string
  readonly steps: readonly Step[]
  /** Everyone who takes part, in the order of first mention. */
  readonly actors: readonly string[]
}

export type Step =
  | CreateGroupStep
  | CreateKeyPackageStep
  | JoinGroupStep
  | ExternalJoinStep
  | InstallExternalPskStep
  | GroupInfoStep
  | AddProposalStep
  | UpdateProposalStep
  | RemoveProposalStep
  | ExternalPskProposalStep
  | ResumptionPskProposalStep
  | GroupContextExtensionsProposalStep
  | NewMemberAddProposalStep
  | AddExternalSignerStep
  | ExternalSignerProposalStep
  | FullCommitStep
  | CommitStep
  | HandlePendingCommitStep
  | HandleCommitStep
  | ProtectStep
  | UnprotectStep
  | ReInitStep
  | BranchStep

export type Action = Step['action']
export type StepOf<A extends Action> = Extract<Step, { action: A }>

/** `actor` creates a group and, in one commit, adds `members`. */
export interface CreateGroupStep {
  readonly action: 'createGroup'
  readonly actor: string
  readonly members: readonly string[]
}

export interface CreateKeyPackageStep {
  readonly action: 'createKeyPackage'
  readonly actor: string
}

/** `actor` joins by the Welcome of the commit step `welcome`. */
export interface JoinGroupStep {
  readonly action: 'joinGroup'
  readonly actor: string
  readonly welcome: number
}

/** `joiner` joins by an external commit on `actor`'s GroupInfo; `members` process it too. `psks`: PSK steps. */
export interface ExternalJoinStep {
  readonly action: 'externalJoin'
  readonly actor: string
  readonly joiner: string
  readonly members: readonly string[]
  readonly externalTree: boolean
  readonly removePrior: boolean
  readonly psks: readonly number[]
}

/** A fresh external PSK is given to `clients`. */
export interface InstallExternalPskStep {
  readonly action: 'installExternalPSK'
  readonly clients: readonly string[]
}

export interface GroupInfoStep {
  readonly action: 'groupInfo'
  readonly actor: string
  readonly externalTree: boolean
}

export interface AddProposalStep {
  readonly action: 'addProposal'
  readonly actor: string
  readonly keyPackage: number
}

export interface UpdateProposalStep {
  readonly action: 'updateProposal'
  readonly actor: string
}

export interface RemoveProposalStep {
  readonly action: 'removeProposal'
  readonly actor: string
  readonly removed: string
}

export interface ExternalPskProposalStep {
  readonly action: 'externalPSKProposal'
  readonly actor: string
  readonly psk: number
}

export interface ResumptionPskProposalStep {
  readonly action: 'resumptionPSKProposal'
  readonly actor: string
  readonly epoch: Uint64
}

export interface GroupContextExtensionsProposalStep {
  readonly action: 'groupContextExtensionsProposal'
  readonly actor: string
  readonly extensions: readonly Extension[]
}

/** `joiner` proposes its own addition to `actor`'s group, and can join once that is committed. */
export interface NewMemberAddProposalStep {
  readonly action: 'newMemberAddProposal'
  readonly actor: string
  readonly joiner: string
}

/** `actor` proposes `signer` as a further external sender. */
export interface AddExternalSignerStep {
  readonly action: 'addExternalSigner'
  readonly actor: string
  readonly signer: string
}

/** The external sender `actor` proposes something, on the GroupInfo of `member`. */
export interface ExternalSignerProposalStep {
  readonly action: 'externalSignerProposal'
  readonly actor: string
  readonly member: string
  readonly description: ProposalSpec
}

/** `actor` commits, `members` process the commit, `joiners` join by its Welcome. */
export interface FullCommitStep extends CommitContent {
  readonly action: 'fullCommit'
  readonly actor: string
  readonly members: readonly string[]
  readonly joiners: readonly string[]
}

/** `actor` creates a commit that nobody processes yet. */
export interface CommitStep extends CommitContent {
  readonly action: 'commit'
  readonly actor: string
}

export interface CommitContent {
  readonly byReference: readonly number[]
  readonly byValue: readonly MemberProposalSpec[]
  readonly forcePath: boolean
  readonly externalTree: boolean
}

/** `actor` moves to the epoch of the last commit it created. */
export interface HandlePendingCommitStep {
  readonly action: 'handlePendingCommit'
  readonly actor: string
}

export interface HandleCommitStep {
  readonly action: 'handleCommit'
  readonly actor: string
  readonly commit: number
  readonly byReference: readonly number[]
}

export interface ProtectStep {
  readonly action: 'protect'
  readonly actor: string
  readonly authenticatedData: string
  readonly plaintext: string
}

export interface UnprotectStep {
  readonly action: 'unprotect'
  readonly actor: string
  readonly ciphertext: number
}

/**
 * The whole of a reinitialization: `committer` commits the ReInit of `proposer` (or of the external sender's step
 * `externalReInitProposal`), everybody handles it, `welcomer` creates the new group and everybody else joins that.
 */
export interface ReInitStep {
  readonly action: 'reinit'
  readonly source: ReInitSource
  readonly committer: string
  readonly welcomer: string
  readonly members: readonly string[]
  readonly forcePath: boolean
  readonly externalTree: boolean
}

/** Where the ReInit proposal comes from. */
export type ReInitSource =
  | ({ readonly proposer: string } & ReInitChanges)
  | { readonly proposer?: never; readonly externalProposal: number }

/** What the new group has that the old one had not. */
export interface ReInitChanges {
  readonly changeGroupId: boolean
  readonly changeCipherSuite: boolean
  readonly extensions: readonly Extension[]
}

/** `actor` creates a subgroup with `members`; afterwards the actors' states are those of the subgroup. */
export interface BranchStep {
  readonly action: 'branch'
  readonly actor: string
  readonly members: readonly string[]
  readonly extensions: readonly Extension[]
  readonly forcePath: boolean
  readonly externalTree: boolean
}

/** A proposal by description, in a commit by value or from an external sender. */
export type MemberProposalSpec =
  | { readonly type: 'add'; readonly keyPackage: number }
  | { readonly type: 'remove'; readonly removed: string }
  | { readonly type: 'externalPSK'; readonly psk: number }
  | { readonly type: 'resumptionPSK'; readonly epoch: Uint64 }
  | { readonly type: 'groupContextExtensions'; readonly extensions: readonly Extension[] }

/** What an external sender may describe: a ReInit too, which members propose by the action `reinit`. */
export type ProposalSpec = MemberProposalSpec | ({ readonly type: 'reinit' } & ReInitChanges)

/** Everyone who goes through a reinitialization, the committer first. */
export function participants({ committer, source, welcomer, members }: ReInitStep): readonly string[] {
  return [...new Set([committer, ...(source.proposer === undefined ? [] : [source.proposer]), welcomer, ...members])]
}

/** Whether the script moves its group to another cipher suite. */
export function changesSuite({ steps }: Script): boolean {
  return steps.some((step) => {
    if (step.action === 'reinit') return step.source.proposer !== undefined && step.source.changeCipherSuite
    return (
      step.action === 'externalSignerProposal' &&
      step.description.type === 'reinit' &&
      step.description.changeCipherSuite
    )
  })
}
