// Secret trees as records for storage: a message changes O(1) of them, and they are found without walking the tree.
// The values are key material: whoever stores them seals them. Formats of this library's own, not of RFC 9420.

import { copyBytes } from '../bytes.ts'
import { Reader } from '../codec/reader.ts'
import { Writer } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'
import { GENERATIONS, type Ratchet } from './ratchet.ts'
import {
  checkLeafCount,
  isBranch,
  type LeafRatchets,
  type RatchetType,
  type SecretTree,
  type SecretTreeBranch,
  type SecretTreeNode,
} from './secret-tree.ts'
import { addSkipped, compareSkipped, eachSkipped, findSkipped, type SkippedKeys } from './skipped-keys.ts'

/** What to store and what to remove, so that the store holds a tree. */
export interface SecretTreeRecords {
  readonly put: Map<string, Uint8Array>
  readonly delete: string[]
}

/**
 * The records of a tree; with `since`, only the difference from the tree that the store holds.
 *
 * - `node/<node index>`: the secret of a subtree of which no leaf has been used
 * - `ratchet/<leaf index>/<h|a>`: next generation and secret of a ratchet
 * - `skipped/<leaf index>/<h|a>/<generation>`: a skipped key and its nonce
 *
 * @throws CoterieError `ARGUMENT_INVALID` (caller) where `since` has another width
 */
export function secretTreeRecords(tree: SecretTree, since?: SecretTree): SecretTreeRecords {
  if (since !== undefined && since.leafCount !== tree.leafCount) {
    fail('ARGUMENT_INVALID', 'records can only be compared of trees of the same epoch')
  }
  const records: SecretTreeRecords = { put: new Map(), delete: [] }
  compareNodes(records, tree.root, since?.root, 0, tree.leafCount)
  return records
}

/**
 * The tree that the records were made of, all of them and nothing else.
 * @throws CoterieError `SNAPSHOT_INVALID` (environment) where they do not make exactly one tree
 */
export function restoreSecretTree(
  suite: CipherSuite,
  leafCount: number,
  records: Iterable<readonly [string, Uint8Array]>,
): SecretTree {
  checkLeafCount(leafCount)
  const parts: Parts = { nodes: new Map(), ratchets: new Map(), skipped: new Map() }
  for (const [key, value] of records) readRecord(suite, parts, key, value)
  const root = assemble(parts, 0, leafCount)
  // What is left over lies outside of the tree, or below a subtree that has its secret.
  const left = parts.nodes.size + parts.ratchets.size + parts.skipped.size
  if (left > 0) fail('SNAPSHOT_INVALID', `${left} records of a secret tree have no place in it`)
  return { leafCount, root }
}

/** Records by their keys, until each has found its place. */
interface Parts {
  readonly nodes: Map<number, Secret>
  readonly ratchets: Map<string, StoredRatchet>
  /** By the key of the ratchet that they belong to. */
  readonly skipped: Map<string, SkippedKeys>
}

type StoredRatchet = Pick<Ratchet, 'generation' | 'secret'>

function compareNodes(
  records: SecretTreeRecords,
  now: SecretTreeNode | undefined,
  before: SecretTreeNode | undefined,
  firstLeaf: number,
  width: number,
): void {
  if (now === before) return
  if (now instanceof Secret) records.put.set(nodeKey(firstLeaf, width), now.bytes.slice())
  else if (before instanceof Secret) records.delete.push(nodeKey(firstLeaf, width))

  const nowBranch = branchOf(now)
  const beforeBranch = branchOf(before)
  if (nowBranch !== undefined || beforeBranch !== undefined) {
    const half = width / 2
    compareNodes(records, nowBranch?.left, beforeBranch?.left, firstLeaf, half)
    compareNodes(records, nowBranch?.right, beforeBranch?.right, firstLeaf + half, half)
  }

  const nowLeaf = leafOf(now)
  const beforeLeaf = leafOf(before)
  for (const type of RATCHET_TYPES) compareRatchets(records, nowLeaf?.[type], beforeLeaf?.[type], firstLeaf, type)
}

function compareRatchets(
  records: SecretTreeRecords,
  now: Ratchet | undefined,
  before: Ratchet | undefined,
  leafIndex: number,
  type: RatchetType,
): void {
  if (now === before) return
  if (now === undefined) records.delete.push(ratchetKey(leafIndex, type))
  else if (now.generation !== before?.generation || now.secret !== before.secret) {
    records.put.set(ratchetKey(leafIndex, type), encodeRatchet(now))
  }
  compareSkipped(
    now?.skipped,
    before?.skipped,
    ({ generation, material }) => records.put.set(skippedKey(leafIndex, type, generation), material.bytes.slice()),
    (generation) => records.delete.push(skippedKey(leafIndex, type, generation)),
  )
}

/** Builds the subtree over these leaves and removes its parts. Fails at the first gap, so it costs no more than its parts. */
function assemble(parts: Parts, firstLeaf: number, width: number): SecretTreeNode {
  const index = nodeIndex(firstLeaf, width)
  const secret = parts.nodes.get(index)
  if (secret !== undefined) {
    parts.nodes.delete(index)
    return secret
  }
  if (width === 1) {
    return {
      handshake: assembleRatchet(parts, firstLeaf, 'handshake'),
      application: assembleRatchet(parts, firstLeaf, 'application'),
    }
  }
  const half = width / 2
  return { left: assemble(parts, firstLeaf, half), right: assemble(parts, firstLeaf + half, half) }
}

function assembleRatchet(parts: Parts, leafIndex: number, type: RatchetType): Ratchet {
  const key = ratchetKey(leafIndex, type)
  const ratchet = parts.ratchets.get(key)
  if (ratchet === undefined) return fail('SNAPSHOT_INVALID', `a secret tree lacks the record ${key}`)
  const skipped = parts.skipped.get(key)
  for (const { generation } of eachSkipped(skipped)) {
    if (generation >= ratchet.generation) fail('SNAPSHOT_INVALID', `a skipped key lies ahead of the ratchet ${key}`)
  }
  parts.ratchets.delete(key)
  parts.skipped.delete(key)
  return { ...ratchet, skipped }
}

function readRecord(suite: CipherSuite, parts: Parts, key: string, value: Uint8Array): void {
  const [kind, place, letter, generation] = key.split('/')
  const index = Number(place)
  const type = RATCHET_TYPES.find((one) => LETTERS[one] === letter)
  // Each key is compared with the one that would have been written: others may read the same, such as `node/00`.
  if (kind === 'node' && key === `node/${index}`) {
    refuseTwice(parts.nodes.has(index), key)
    parts.nodes.set(index, new Secret(checkLength(copyBytes(value), suite.hash.length, key)))
    return
  }
  if (type !== undefined && kind === 'ratchet' && key === ratchetKey(index, type)) {
    refuseTwice(parts.ratchets.has(key), key)
    parts.ratchets.set(key, decodeRatchet(suite, value, key))
    return
  }
  const at = Number(generation)
  const isGeneration = Number.isInteger(at) && at >= 0 && at < GENERATIONS
  if (type !== undefined && isGeneration && kind === 'skipped' && key === skippedKey(index, type, at)) {
    const owner = ratchetKey(index, type)
    const others = parts.skipped.get(owner)
    refuseTwice(findSkipped(others, at) !== undefined, key)
    const { keyLength, nonceLength } = suite.aead
    const material = new Secret(checkLength(copyBytes(value), keyLength + nonceLength, key))
    parts.skipped.set(owner, addSkipped(others, { generation: at, material }))
    return
  }
  fail('SNAPSHOT_INVALID', `a secret tree has no record ${key}`)
}

/** Eight bytes of generation, then the secret if there is one. */
function encodeRatchet(ratchet: Ratchet): Uint8Array {
  const writer = new Writer(8 + (ratchet.secret?.length ?? 0))
  writer.uint64(BigInt(ratchet.generation))
  if (ratchet.secret !== undefined) writer.fixed(ratchet.secret.bytes)
  return writer.finish()
}

function decodeRatchet(suite: CipherSuite, value: Uint8Array, key: string): StoredRatchet {
  checkLength(value, value.length === 8 ? 8 : 8 + suite.hash.length, key)
  const reader = new Reader(value)
  const generation = Number(reader.uint64())
  const secret = reader.remaining > 0 ? new Secret(reader.rest()) : undefined
  if (generation > GENERATIONS || (generation === GENERATIONS) !== (secret === undefined)) {
    fail('SNAPSHOT_INVALID', `the record ${key} is inconsistent`)
  }
  return { generation, secret }
}

function checkLength(value: Uint8Array, length: number, key: string): Uint8Array {
  if (value.length !== length) fail('SNAPSHOT_INVALID', `the record ${key} has ${value.length} bytes, not ${length}`)
  return value
}

function refuseTwice(present: boolean, key: string): void {
  if (present) fail('SNAPSHOT_INVALID', `the record ${key} occurs twice`)
}

function branchOf(node: SecretTreeNode | undefined): SecretTreeBranch | undefined {
  return node !== undefined && !(node instanceof Secret) && isBranch(node) ? node : undefined
}

function leafOf(node: SecretTreeNode | undefined): LeafRatchets | undefined {
  return node === undefined || node instanceof Secret || isBranch(node) ? undefined : node
}

/** The place of a subtree in the array form of the tree. RFC 9420, appendix C. */
function nodeIndex(firstLeaf: number, width: number): number {
  return 2 * firstLeaf + width - 1
}

function nodeKey(firstLeaf: number, width: number): string {
  return `node/${nodeIndex(firstLeaf, width)}`
}

function ratchetKey(leafIndex: number, type: RatchetType): string {
  return `ratchet/${leafIndex}/${LETTERS[type]}`
}

function skippedKey(leafIndex: number, type: RatchetType, generation: number): string {
  return `skipped/${leafIndex}/${LETTERS[type]}/${generation}`
}

const RATCHET_TYPES: readonly RatchetType[] = ['handshake', 'application']
const LETTERS: Readonly<Record<RatchetType, string>> = { handshake: 'h', application: 'a' }
