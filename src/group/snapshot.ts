// A group's state as records for storage, and back: after a message O(1) of them change, after a commit O(log n).
// The format is this library's own. Values hold key material: whoever stores them seals them.

import { secretTreeRecords } from '../schedule/secret-tree-records.ts'
import { type TreeRecords, treeRecords } from '../tree/tree-records.ts'
import { withChecksum } from './snapshot-checksum.ts'
import { encodeHead, encodePastEpoch, encodePending, encodePrivateKey, encodeResumptionPsk } from './snapshot-format.ts'
import type { GroupState, PastEpoch } from './state.ts'

/**
 * What to write to a store, in one atomic batch.
 *
 * - `head`: everything of fixed size, the group context, and how many of the others there are
 * - `tree/<tree hash>`: nodes of the ratchet tree, named by content: states of one group may share them
 * - `key/<node index>`: this member's private keys
 * - `proposal/<place>`: pending proposals, in order
 * - `past/<epoch>`: what is kept of epochs that are over
 * - `ratchet/<epoch>/…`: message keys, of the current epoch and those
 * - `resumption/<epoch>`: resumption PSKs
 */
export interface StateRecords {
  readonly put: Map<string, Uint8Array>
  readonly delete: string[]
}

/**
 * The records of a state; with `since`, only what differs from a state that the store holds.
 * To delete for good what a state no longer has is the store's part: forward secrecy on disk begins there.
 */
export function stateRecords(state: GroupState, since?: GroupState): StateRecords {
  const trees = treeRecords(state.suite, treesOf(state), since === undefined ? [] : treesOf(since))
  return recordsWith(trees, state, since)
}

/** The same without the nodes of the ratchet tree, for stores where many states share them. */
export function ownStateRecords(state: GroupState, since?: GroupState): StateRecords {
  return recordsWith({ put: new Map(), delete: [] }, state, since)
}

function recordsWith(trees: TreeRecords, state: GroupState, since: GroupState | undefined): StateRecords {
  const records: StateRecords = { put: new Map(), delete: [] }
  if (since === undefined || !sameHead(state, since)) records.put.set('head', encodeHead(state))
  add(records, 'tree/', trees)
  compareMaps(records, 'key/', state.own.privateKeys, since?.own.privateKeys, encodePrivateKey)
  compareMaps(
    records,
    'proposal/',
    inPlaces(state.proposals.values()),
    inPlaces(since?.proposals.values()),
    encodePending,
  )
  compareMaps(
    records,
    'resumption/',
    byEpoch(state.resumptionPsks),
    byEpoch(since?.resumptionPsks),
    encodeResumptionPsk,
  )
  compareEpochs(records, state, since)
  return finished(state, records)
}

/** Puts the checksums on, and lets nothing be deleted that is written: batches apply in any order. */
function finished(state: GroupState, records: StateRecords): StateRecords {
  // Tree nodes have their hash for a name.
  const put = [...records.put].map(([name, value]): [string, Uint8Array] =>
    name.startsWith('tree/') ? [name, value] : [name, withChecksum(state.suite, name, value)],
  )
  return { put: new Map(put), delete: records.delete.filter((name) => !records.put.has(name)) }
}

/** Whether nothing changed that the head holds. All of it is immutable, so identity tells. */
function sameHead(a: GroupState, b: GroupState): boolean {
  return (
    a.groupContext === b.groupContext &&
    a.secrets === b.secrets &&
    a.status === b.status &&
    a.limits === b.limits &&
    a.own.signatureKeyPair === b.own.signatureKeyPair &&
    a.own.privateKeys.size === b.own.privateKeys.size &&
    a.proposals.size === b.proposals.size &&
    a.pastEpochs.length === b.pastEpochs.length &&
    a.resumptionPsks.length === b.resumptionPsks.length
  )
}

/** The current tree and those of past epochs, each once. */
function treesOf(state: GroupState): GroupState['tree'][] {
  return [...new Set([state.tree, ...state.pastEpochs.map(({ tree }) => tree)])]
}

function compareEpochs(records: StateRecords, state: GroupState, since: GroupState | undefined): void {
  const before = new Map(epochsOf(since))
  for (const [epoch, past] of epochsOf(state)) {
    const known = before.get(epoch)
    before.delete(epoch)
    const sameEpoch = known !== undefined && known.groupContext === past.groupContext
    if (known !== undefined && !sameEpoch) removeEpoch(records, epoch, known)
    const isPast = epoch !== state.groupContext.epoch
    const wasPast = known !== undefined && epoch !== since?.groupContext.epoch
    if (isPast && !(wasPast && sameEpoch)) records.put.set(`past/${epoch}`, encodePastEpoch(past))
    if (wasPast && !isPast) records.delete.push(`past/${epoch}`)
    const ratchets = secretTreeRecords(past.secretTree, sameEpoch ? known.secretTree : undefined)
    add(records, `ratchet/${epoch}/`, ratchets)
  }
  for (const [epoch, past] of before) {
    removeEpoch(records, epoch, past)
    if (epoch !== since?.groupContext.epoch) records.delete.push(`past/${epoch}`)
  }
}

/** The epochs of which there are message keys, the current one among them. */
function epochsOf(state: GroupState | undefined): [bigint, PastEpoch][] {
  if (state === undefined) return []
  const { groupContext, tree, secretTree } = state
  const current = { groupContext, tree, secretTree, senderDataSecret: state.secrets.senderDataSecret }
  return [current, ...state.pastEpochs].map((past) => [past.groupContext.epoch, past])
}

function removeEpoch(records: StateRecords, epoch: bigint, past: PastEpoch): void {
  for (const name of secretTreeRecords(past.secretTree).put.keys()) records.delete.push(`ratchet/${epoch}/${name}`)
}

function compareMaps<K, V>(
  records: StateRecords,
  prefix: string,
  after: ReadonlyMap<K, V>,
  before: ReadonlyMap<K, V> | undefined,
  encode: (value: V) => Uint8Array,
): void {
  for (const [key, value] of after) if (before?.get(key) !== value) records.put.set(`${prefix}${key}`, encode(value))
  for (const key of before?.keys() ?? []) if (!after.has(key)) records.delete.push(`${prefix}${key}`)
}

function inPlaces<V>(values: Iterable<V> | undefined): Map<number, V> {
  return new Map([...(values ?? [])].entries())
}

function byEpoch<V extends { readonly epoch: bigint }>(values: readonly V[] | undefined): Map<bigint, V> {
  return new Map((values ?? []).map((value) => [value.epoch, value]))
}

function add(records: StateRecords, prefix: string, part: { put: Map<string, Uint8Array>; delete: string[] }): void {
  for (const [name, value] of part.put) records.put.set(prefix + name, value)
  for (const name of part.delete) records.delete.push(prefix + name)
}
