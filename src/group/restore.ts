// A group's state from its stored records (see snapshot.ts). Strict: what does not make exactly one state is refused.

import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { restoreSecretTree } from '../schedule/secret-tree-records.ts'
import { leafToNode } from '../tree/math.ts'
import type { RatchetTree } from '../tree/ratchet-tree.ts'
import { restoreTree } from '../tree/tree-records.ts'
import { currentKeys } from './epoch.ts'
import { withoutChecksum } from './snapshot-checksum.ts'
import {
  checkFormat,
  decodeHead,
  decodePastEpoch,
  decodePending,
  decodePrivateKey,
  decodeResumptionPsk,
  type StoredHead,
  type StoredPastEpoch,
} from './snapshot-format.ts'
import { type GroupState, type PastEpoch, type PendingProposal, proposalKey, type ResumptionPsk } from './state.ts'

/**
 * The state whose records these are. It behaves as the one that was stored.
 * @param records - all that `stateRecords` made, without what it deleted since; `tree/` may hold other states' nodes too
 * @throws CoterieError `SNAPSHOT_INVALID`, `SNAPSHOT_VERSION` (environment), `CRYPTO_UNSUPPORTED_SUITE` where `suite` is another
 */
export function restoreState(suite: CipherSuite, records: ReadonlyMap<string, Uint8Array>): GroupState {
  const sorted = sortRecords(suite, records)
  const { head } = sorted
  checkCounts(sorted)
  const { groupContext } = head
  const tree = restore(suite, groupContext.treeHash, head.leafCount, records)
  const secretTree = restoreSecretTree(suite, head.leafCount, sorted.ratchets.get(groupContext.epoch) ?? [])
  sorted.ratchets.delete(groupContext.epoch)
  const pastEpochs = sorted.pastEpochs.map((stored) => pastEpoch(suite, stored, records, sorted.ratchets))
  if (sorted.ratchets.size > 0) fail('SNAPSHOT_INVALID', 'there are message keys of an epoch that is not kept')
  checkOwnKeys(tree, head, sorted.privateKeys)
  return {
    suite,
    limits: head.limits,
    status: head.status,
    reinit: head.reinit,
    groupContext,
    tree,
    interimTranscriptHash: head.interimTranscriptHash,
    confirmationTag: head.confirmationTag,
    secrets: head.secrets,
    secretTree,
    own: {
      leafIndex: head.leafIndex,
      signatureKeyPair: head.signatureKeyPair,
      privateKeys: sorted.privateKeys,
    },
    proposals: new Map(sorted.proposals.map((pending) => [proposalKey(pending.reference), pending])),
    pastEpochs,
    resumptionPsks: sorted.resumptionPsks.map((psk) =>
      // One secret, not a copy: wiping the one has to wipe the other.
      psk.epoch === groupContext.epoch ? { ...psk, secret: head.secrets.resumptionPsk } : psk,
    ),
  }
}

interface SortedRecords {
  readonly head: StoredHead
  readonly privateKeys: Map<number, KeyPair>
  readonly proposals: PendingProposal[]
  /** The most recent first. */
  readonly pastEpochs: StoredPastEpoch[]
  /** The most recent first. */
  readonly resumptionPsks: ResumptionPsk[]
  readonly ratchets: Map<bigint, [string, Uint8Array][]>
}

function sortRecords(suite: CipherSuite, records: ReadonlyMap<string, Uint8Array>): SortedRecords {
  const head = readHead(suite, records.get('head'))
  const privateKeys = new Map<number, KeyPair>()
  const proposals: [bigint, PendingProposal][] = []
  const pastEpochs: StoredPastEpoch[] = []
  const resumptionPsks: ResumptionPsk[] = []
  const ratchets = new Map<bigint, [string, Uint8Array][]>()
  for (const [name, record] of records) {
    if (name === 'head' || name.startsWith('tree/')) continue
    const { kind, place, rest } = parsed(name)
    const value = withoutChecksum(suite, name, record)
    if (kind === 'key') privateKeys.set(Number(place), decodePrivateKey(value))
    else if (kind === 'proposal') proposals.push([place, decodePending(value)])
    else if (kind === 'past') pastEpochs.push(decodePastEpoch(value))
    else if (kind === 'resumption') resumptionPsks.push(decodeResumptionPsk(value))
    else {
      const ofEpoch = ratchets.get(place) ?? []
      ofEpoch.push([rest, value])
      ratchets.set(place, ofEpoch)
    }
  }
  return {
    head,
    privateKeys,
    proposals: proposals.sort(([a], [b]) => Number(a - b)).map(([, pending]) => pending),
    pastEpochs: pastEpochs.sort((a, b) => latestFirst(a.groupContext.epoch, b.groupContext.epoch)),
    resumptionPsks: resumptionPsks.sort((a, b) => latestFirst(a.epoch, b.epoch)),
    ratchets,
  }
}

function readHead(suite: CipherSuite, record: Uint8Array | undefined): StoredHead {
  if (record === undefined) return fail('SNAPSHOT_INVALID', 'the head of a state is missing')
  checkFormat(suite, record)
  return decodeHead(withoutChecksum(suite, 'head', record))
}

/** Takes a name apart that is exactly as it would have been written: others may read the same, such as `key/00`. */
function parsed(name: string): { kind: string; place: bigint; rest: string } {
  const match = /^(?:(key|proposal|past|resumption)\/(0|[1-9]\d{0,19})|(ratchet)\/(0|[1-9]\d{0,19})\/(.+))$/.exec(name)
  if (match === null) return fail('SNAPSHOT_INVALID', 'a record with a name that no record has')
  const [, kind, place, ratchet, epoch, rest = ''] = match
  return { kind: kind ?? ratchet ?? '', place: BigInt(place ?? epoch ?? ''), rest }
}

/** A record too few shows here; what is too many has no place elsewhere, or stands in the way of another. */
function checkCounts({ head, privateKeys, proposals, pastEpochs, resumptionPsks }: SortedRecords): void {
  const { counts } = head
  const complete =
    counts.privateKeys === privateKeys.size &&
    counts.proposals === proposals.length &&
    counts.pastEpochs === pastEpochs.length &&
    counts.resumptionPsks === resumptionPsks.length
  if (!complete) fail('SNAPSHOT_INVALID', 'a record is missing, or there is one too many')
}

function latestFirst(a: bigint, b: bigint): number {
  return Number(b - a)
}

function pastEpoch(
  suite: CipherSuite,
  stored: StoredPastEpoch,
  records: ReadonlyMap<string, Uint8Array>,
  ratchets: Map<bigint, [string, Uint8Array][]>,
): PastEpoch {
  const { groupContext, senderDataSecret } = stored
  const secretTree = restoreSecretTree(suite, stored.leafCount, ratchets.get(groupContext.epoch) ?? [])
  ratchets.delete(groupContext.epoch)
  const tree = restore(suite, groupContext.treeHash, stored.leafCount, records)
  return { groupContext, tree, senderDataSecret, secretTree }
}

function restore(
  suite: CipherSuite,
  treeHash: Uint8Array,
  leafCount: number,
  records: ReadonlyMap<string, Uint8Array>,
): RatchetTree {
  return restoreTree(suite, treeHash, leafCount, (name) => records.get(`tree/${name}`))
}

/** The private keys are the own leaf's, and some of the parents' above, as they are in the tree. */
function checkOwnKeys(tree: RatchetTree, head: StoredHead, privateKeys: ReadonlyMap<number, KeyPair>): void {
  const current = currentKeys(tree, head.leafIndex, privateKeys)
  if (!current.has(leafToNode(head.leafIndex)) || current.size !== privateKeys.size) {
    fail('SNAPSHOT_INVALID', "the member's private keys are not those of its place in the tree")
  }
}
