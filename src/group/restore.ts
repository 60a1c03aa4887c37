// A group's state from its stored records (see snapshot.ts). Strict: what does not make exactly one state is refused.

import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { restoreSecretTree } from '../schedule/secret-tree-records.ts'
import { leafToNode } from '../tree/math.ts'
import { leafAt, type RatchetTree } from '../tree/ratchet-tree.ts'
import { restoreTree } from '../tree/tree-records.ts'
import {
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
  const sorted = sortRecords(records)
  const { head } = sorted
  if (head.cipherSuite !== suite.id) {
    fail('CRYPTO_UNSUPPORTED_SUITE', `this state is of suite ${head.cipherSuite}, not ${suite.id}`)
  }
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

function sortRecords(records: ReadonlyMap<string, Uint8Array>): SortedRecords {
  const headBytes = records.get('head')
  if (headBytes === undefined) return fail('SNAPSHOT_INVALID', 'the head of a state is missing')
  const head = decodeHead(headBytes)
  const privateKeys = new Map<number, KeyPair>()
  const proposals: [number, PendingProposal][] = []
  const pastEpochs: StoredPastEpoch[] = []
  const resumptionPsks: ResumptionPsk[] = []
  const ratchets = new Map<bigint, [string, Uint8Array][]>()
  for (const [name, value] of records) {
    if (name === 'head' || name.startsWith('tree/')) continue
    const [kind, place, rest] = split(name)
    if (kind === 'key') privateKeys.set(Number(place), decodePrivateKey(value))
    else if (kind === 'proposal') proposals.push([Number(place), decodePending(value)])
    else if (kind === 'past') pastEpochs.push(decodePastEpoch(value))
    else if (kind === 'resumption') resumptionPsks.push(decodeResumptionPsk(value))
    else if (kind === 'ratchet') ratchets.set(place, [...(ratchets.get(place) ?? []), [rest, value]])
    else fail('SNAPSHOT_INVALID', 'a record of an unknown kind')
  }
  return {
    head,
    privateKeys,
    proposals: proposals.sort(([a], [b]) => a - b).map(([, pending]) => pending),
    pastEpochs: pastEpochs.sort((a, b) => latestFirst(a.groupContext.epoch, b.groupContext.epoch)),
    resumptionPsks: resumptionPsks.sort((a, b) => latestFirst(a.epoch, b.epoch)),
    ratchets,
  }
}

/** `kind/number` or `kind/number/rest`. */
function split(name: string): [kind: string, place: bigint, rest: string] {
  const match = /^([a-z]+)\/(\d{1,20})(?:\/(.+))?$/.exec(name)
  if (match === null) return fail('SNAPSHOT_INVALID', 'a record with a malformed name')
  const [, kind = '', place = '', rest = ''] = match
  return [kind, BigInt(place), rest]
}

function latestFirst(a: bigint, b: bigint): number {
  if (a === b) return 0
  return a < b ? 1 : -1
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

function checkOwnKeys(tree: RatchetTree, head: StoredHead, privateKeys: ReadonlyMap<number, KeyPair>): void {
  if (leafAt(tree, head.leafIndex) === undefined || !privateKeys.has(leafToNode(head.leafIndex))) {
    fail('SNAPSHOT_INVALID', "the member's own leaf or its private key is missing")
  }
}
