// What the application decides (RFC 9420 §5.3.1, §12.2): whose credentials to believe and which proposals to allow.
// The library asks; it never guesses that a name is genuine.

import { equalBytes, toHex } from '../bytes.ts'
import { encode } from '../codec/writer.ts'
import type { Secret } from '../crypto/secret.ts'
import { CoterieError, type ErrorCode, fail } from '../errors.ts'
import { ProposalType } from '../messages/code-points.ts'
import { type Credential, encodeCredential } from '../messages/credential.ts'
import type { Sender } from '../messages/framed-content.ts'
import type { GroupContext } from '../messages/group-context.ts'
import type { LeafNode } from '../messages/leaf-node.ts'
import type { PreSharedKeyId } from '../messages/pre-shared-key.ts'
import { isDefaultProposal, type Proposal } from '../messages/proposal.ts'
import type { Member } from '../tree/ratchet-tree.ts'

/** A credential that appears in the group, or in a new role. */
export interface CredentialCheck {
  readonly role: 'member' | 'externalSender'
  readonly credential: Credential
  readonly signatureKey: Uint8Array
  /** The whole leaf node of a member. */
  readonly leafNode: LeafNode | undefined
  /** The leaf node that this one replaces, where it is an Update, a commit's path or a resync. */
  readonly predecessor: LeafNode | undefined
}

/** A proposal that is about to take effect, or was just received. */
export interface ProposalInContext {
  readonly proposal: Proposal
  readonly sender: Sender
}

/** What a policy may look at when it decides about proposals. */
export interface ProposalContext {
  readonly groupContext: GroupContext
  /** The member at a leaf index before the proposals are applied. */
  memberAt(leafIndex: number): LeafNode | undefined
  /** Who commits; undefined where a proposal was received on its own. */
  readonly committer: Sender | undefined
  /** What the message authenticates beside its content. */
  readonly authenticatedData: Uint8Array
}

/** The application's answers. Everything is optional. */
export interface GroupPolicy {
  /**
   * Validates credentials with the application's authentication service, all that one message brings at once.
   * Throws, or rejects, to refuse. RFC 9420 §5.3.1.
   */
  validateCredentials?(checks: readonly CredentialCheck[]): void | Promise<void>
  /** Throws, or rejects, to refuse the proposals of a commit, or one that was received on its own. RFC 9420 §12.2. */
  checkProposals?(proposals: readonly ProposalInContext[], context: ProposalContext): void | Promise<void>
  /** Whether two leaf nodes belong to the same client, for ReInit and branches. Default: equal credentials. */
  sameClient?(a: LeafNode, b: LeafNode): boolean
  /** Whether a custom proposal type requires a path in the commit (RFC 9420 §17.4). Default: yes. */
  requiresPath?(proposalType: number): boolean
  /** Whether external senders may propose a custom type (RFC 9420 §17.4). Default: no. */
  allowedFromExternal?(proposalType: number): boolean
  /** The longest lifetime of a key package that is acceptable, in seconds (RFC 9420 §7.2). Default: one year. */
  readonly maxLifetimeSeconds?: bigint
  /**
   * Whether lifetimes are also checked in the tree of a group that one joins (RECOMMENDED by RFC 9420 §7.3).
   * Without it, members who have not committed since their key package expired do not keep others from joining.
   * Default: true.
   */
  readonly checkLifetimesInTree?: boolean
  /**
   * Whether lifetimes are also checked in what others propose and commit (RECOMMENDED by RFC 9420 §7.3).
   * Without it, a member who was away for longer than key packages live can still follow the commits that it missed.
   * What a member commits itself is always checked. Default: true.
   */
  readonly checkLifetimesWhenReceived?: boolean
}

/** Finds external PSKs, and resumption PSKs of other groups. */
export type PskLookup = (id: PreSharedKeyId) => Secret | undefined | Promise<Secret | undefined>

/** What every operation that judges somebody's input is given. */
export interface Judgement {
  /** The current time in milliseconds since the Unix epoch. */
  readonly nowMs: number
  readonly policy?: GroupPolicy
  readonly psks?: PskLookup
}

/** A judgement that knows whether it is about something that was sent by others. */
export interface Judging extends Judgement {
  readonly received?: boolean
}

export const DEFAULT_MAX_LIFETIME_SECONDS: bigint = 366n * 86_400n

/**
 * Asks the policy about credentials. Where it does not say: any first credential is taken, and a successor must equal its
 * predecessor.
 * @throws CoterieError `LEAF_CREDENTIAL_INVALID`, `LEAF_IDENTITY_CHANGED` (peer)
 */
export async function checkCredentials(
  policy: GroupPolicy | undefined,
  checks: readonly CredentialCheck[],
): Promise<void> {
  if (checks.length === 0) return
  if (policy?.validateCredentials !== undefined) {
    try {
      await policy.validateCredentials(checks)
    } catch (cause) {
      refused('LEAF_CREDENTIAL_INVALID', 'the policy refuses a credential', cause)
    }
    return
  }
  for (const { credential, predecessor } of checks) {
    if (predecessor !== undefined && !sameCredential(credential, predecessor.credential)) {
      fail('LEAF_IDENTITY_CHANGED', 'a new leaf node has another credential than the one it replaces')
    }
  }
}

/** @throws CoterieError `PROPOSAL_REFUSED` (peer) */
export async function checkWithPolicy(
  policy: GroupPolicy | undefined,
  proposals: readonly ProposalInContext[],
  context: ProposalContext,
): Promise<void> {
  if (policy?.checkProposals === undefined) return
  try {
    await policy.checkProposals(proposals, context)
  } catch (cause) {
    refused('PROPOSAL_REFUSED', 'the policy refuses a proposal', cause)
  }
}

/** RFC 9420 §12.4: Add, PSK and ReInit need no path; custom types do unless the policy says otherwise. */
export function requiresPath(policy: GroupPolicy | undefined, proposal: Proposal): boolean {
  if (!isDefaultProposal(proposal)) return policy?.requiresPath?.(proposal.proposalType) ?? true
  return !PATHLESS.has(proposal.proposalType)
}

/** Whether every member of the first list is, as a client, in the second. In linear time unless the policy compares them. */
export function allAmong(policy: GroupPolicy | undefined, some: readonly Member[], all: readonly Member[]): boolean {
  const sameClient = policy?.sameClient?.bind(policy)
  if (sameClient !== undefined) {
    return some.every(({ leafNode }) => all.some((other) => sameClient(leafNode, other.leafNode)))
  }
  const known = new Set(all.map(({ leafNode }) => toHex(encode(encodeCredential, leafNode.credential))))
  return some.every(({ leafNode }) => known.has(toHex(encode(encodeCredential, leafNode.credential))))
}

function sameCredential(a: Credential, b: Credential): boolean {
  return equalBytes(encode(encodeCredential, a), encode(encodeCredential, b))
}

/** A policy's own typed error goes through; anything else is wrapped. */
function refused(code: ErrorCode, message: string, cause: unknown): never {
  if (CoterieError.is(cause)) throw cause
  return fail(code, message, { cause })
}

const PATHLESS: ReadonlySet<number> = new Set([ProposalType.add, ProposalType.preSharedKey, ProposalType.reinit])
