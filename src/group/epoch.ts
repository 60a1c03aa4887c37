// From one epoch to the next: transcript, key schedule and the new state, the same for committers, receivers and joiners
// (RFC 9420 §8, §12.4).

import { equalBytes } from '../bytes.ts'
import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import type { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'
import { PskType } from '../messages/code-points.ts'
import type { GroupContext } from '../messages/group-context.ts'
import type { PreSharedKeyId } from '../messages/pre-shared-key.ts'
import type { ReInitProposal } from '../messages/proposal.ts'
import { deriveEpochSecrets, deriveJoinerSecret, type EpochSecrets } from '../schedule/key-schedule.ts'
import { derivePskSecret, type IdentifiedPsk } from '../schedule/psk.ts'
import { createSecretTree } from '../schedule/secret-tree.ts'
import {
  confirmationTag,
  confirmedTranscriptHash,
  interimTranscriptHash,
  type SignedCommit,
} from '../schedule/transcript.ts'
import { treeHash } from '../tree/hash.ts'
import { leafToNode } from '../tree/math.ts'
import { directPath, leafAt, leafCount, type RatchetTree } from '../tree/ratchet-tree.ts'
import type { PskLookup } from './policy.ts'
import {
  DEFAULT_GROUP_LIMITS,
  type GroupLimits,
  type GroupState,
  type OwnMember,
  type PastEpoch,
  type ResumptionPsk,
} from './state.ts'

/** What a state holds of an epoch, before a member's own place is added. */
export type Epoch = Pick<
  GroupState,
  'groupContext' | 'tree' | 'secrets' | 'secretTree' | 'confirmationTag' | 'interimTranscriptHash'
>

/** What a commit contributes to the epoch that it begins. */
export interface EpochInputs {
  /** With the new tree hash and extensions, and the confirmed transcript hash of the epoch before. */
  readonly provisional: GroupContext
  readonly tree: RatchetTree
  readonly interimTranscriptHash: Uint8Array
  readonly initSecret: Secret
  readonly commitSecret: Secret
  readonly psks: readonly IdentifiedPsk[]
  readonly commit: SignedCommit
}

/** The provisional GroupContext of the epoch after `before`. RFC 9420 §12.4.1. */
export function provisionalContext(
  suite: CipherSuite,
  before: GroupContext,
  tree: RatchetTree,
  extensions: GroupContext['extensions'],
): GroupContext {
  return { ...before, epoch: before.epoch + 1n, treeHash: treeHash(suite, tree.root), extensions }
}

/** Runs the key schedule. `joinerSecret` and `pskSecret` are for Welcomes: to be wiped after. */
export function beginEpoch(
  suite: CipherSuite,
  inputs: EpochInputs,
): Epoch & { readonly joinerSecret: Secret; readonly pskSecret: Secret } {
  const confirmed = confirmedTranscriptHash(suite, inputs.interimTranscriptHash, inputs.commit)
  const groupContext = { ...inputs.provisional, confirmedTranscriptHash: confirmed }
  const joinerSecret = deriveJoinerSecret(suite, inputs.initSecret, inputs.commitSecret, groupContext)
  const pskSecret = derivePskSecret(suite, inputs.psks)
  const secrets = deriveEpochSecrets(suite, joinerSecret, pskSecret, groupContext)
  return { ...epochOf(suite, groupContext, inputs.tree, secrets), joinerSecret, pskSecret }
}

/**
 * An epoch from its context, tree and secrets. The confirmation key is used up here; the encryption secret becomes part of
 * the secret tree and is gone from there with the first message (RFC 9420 §9.2), so nothing else holds on to it.
 */
export function epochOf(
  suite: CipherSuite,
  groupContext: GroupContext,
  tree: RatchetTree,
  epochSecrets: EpochSecrets,
): Epoch {
  const { confirmationKey, encryptionSecret, ...secrets } = epochSecrets
  const tag = confirmationTag(suite, confirmationKey, groupContext.confirmedTranscriptHash)
  confirmationKey.wipe()
  return {
    groupContext,
    tree,
    secrets,
    secretTree: createSecretTree(suite, encryptionSecret, leafCount(tree)),
    confirmationTag: tag,
    interimTranscriptHash: interimTranscriptHash(suite, groupContext.confirmedTranscriptHash, tag),
  }
}

/** The state in an epoch that follows `before`. */
export function succeed(
  before: GroupState,
  epoch: Epoch,
  own: OwnMember,
  reinit: ReInitProposal | undefined,
): GroupState {
  const { pastEpochs, resumptionPsks } = before.limits
  return {
    ...before,
    ...epoch,
    status: reinit === undefined ? 'active' : 'frozen',
    reinit,
    own,
    proposals: new Map(),
    pastEpochs: [pastEpoch(before), ...before.pastEpochs].slice(0, pastEpochs),
    resumptionPsks: [resumptionPsk(epoch), ...before.resumptionPsks].slice(0, resumptionPsks + 1),
  }
}

/** The state of a member that has just come into a group. */
export function begin(
  suite: CipherSuite,
  epoch: Epoch,
  own: OwnMember,
  limits: Partial<GroupLimits> | undefined,
): GroupState {
  return {
    suite,
    limits: checkedLimits({ ...DEFAULT_GROUP_LIMITS, ...limits }),
    status: 'active',
    reinit: undefined,
    ...epoch,
    own,
    proposals: new Map(),
    pastEpochs: [],
    resumptionPsks: [resumptionPsk(epoch)],
  }
}

function checkedLimits(limits: GroupLimits): GroupLimits {
  for (const [name, limit] of Object.entries(limits)) {
    const isUint32 = Number.isInteger(limit) && limit >= 0 && limit <= 0xffffffff
    if (!isUint32) fail('ARGUMENT_INVALID', `the limit ${name} is an integer from 0 to 2^32 - 1, not ${limit}`)
  }
  return limits
}

function resumptionPsk(epoch: Epoch): ResumptionPsk {
  return { epoch: epoch.groupContext.epoch, secret: epoch.secrets.resumptionPsk }
}

/**
 * Finds the secrets of PSKs: this group's resumption PSKs in its states, everything else by the application's lookup.
 * @throws CoterieError `PSK_UNKNOWN` (peer)
 */
export async function findPsks(
  state: Pick<GroupState, 'groupContext' | 'resumptionPsks'> | undefined,
  ids: readonly PreSharedKeyId[],
  lookup: PskLookup | undefined,
): Promise<IdentifiedPsk[]> {
  const found: IdentifiedPsk[] = []
  for (const id of ids) {
    const secret = (state && ownResumptionPsk(state, id)) ?? (await lookup?.(id))
    if (secret === undefined) return fail('PSK_UNKNOWN', 'a pre-shared key is not at hand')
    found.push({ id, secret })
  }
  return found
}

/**
 * Of some private keys those that belong to the nodes on a member's direct path as they are now.
 * RFC 9420 §7.5: outdated keys are deleted.
 */
export function currentKeys(
  tree: RatchetTree,
  leafIndex: number,
  ...sources: readonly ReadonlyMap<number, KeyPair>[]
): Map<number, KeyPair> {
  const keys = new Map<number, KeyPair>()
  const keep = (nodeIndex: number, encryptionKey: Uint8Array | undefined): void => {
    if (encryptionKey === undefined) return
    for (const source of sources) {
      const keyPair = source.get(nodeIndex)
      if (keyPair !== undefined && equalBytes(keyPair.publicKey, encryptionKey)) keys.set(nodeIndex, keyPair)
    }
  }
  keep(leafToNode(leafIndex), leafAt(tree, leafIndex)?.encryptionKey)
  for (const { branch } of directPath(tree, leafIndex)) keep(branch.nodeIndex, branch.parentNode?.encryptionKey)
  return keys
}

function ownResumptionPsk(
  state: Pick<GroupState, 'groupContext' | 'resumptionPsks'>,
  id: PreSharedKeyId,
): Secret | undefined {
  if (id.pskType !== PskType.resumption || !equalBytes(id.pskGroupId, state.groupContext.groupId)) return undefined
  return state.resumptionPsks.find(({ epoch }) => epoch === id.pskEpoch)?.secret
}

function pastEpoch(state: GroupState): PastEpoch {
  return {
    groupContext: state.groupContext,
    tree: state.tree,
    senderDataSecret: state.secrets.senderDataSecret,
    secretTree: state.secretTree,
  }
}
