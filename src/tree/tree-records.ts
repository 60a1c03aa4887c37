// A tree as records for storage, each named by its tree hash: a node that two trees share is stored once, and a commit
// changes O(log n) of them. The bytes are `TreeHashInput` (RFC 9420 §7.8), so every record vouches for itself.

import { equalBytes, toHex } from '../bytes.ts'
import { type Decoder, decode } from '../codec/reader.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError, fail } from '../errors.ts'
import { decodeLeafNode } from '../messages/leaf-node.ts'
import { decodeParentNode, type ParentNode } from '../messages/parent-node.ts'
import { treeHash, treeHashInput } from './hash.ts'
import { type RatchetTree, treeOf } from './ratchet-tree.ts'
import { Branch, Leaf, type Subtree, width } from './subtree.ts'

/** What to store and what to remove; the names are tree hashes in hexadecimal. */
export interface TreeRecords {
  readonly put: Map<string, Uint8Array>
  readonly delete: string[]
}

/**
 * The records that a store of the trees `before` lacks, and those that it no longer needs, to hold the trees `after`.
 * Walks only where the two sets of trees differ.
 */
export function treeRecords(
  suite: CipherSuite,
  after: readonly RatchetTree[],
  before: readonly RatchetTree[],
): TreeRecords {
  const records: TreeRecords = { put: new Map(), delete: [] }
  // After a message the trees are the same, and not one node of them has to be looked at.
  if (after.length === before.length && after.every((tree) => before.includes(tree))) return records
  const levels = new Set([...after, ...before].map(({ root }) => root.level))
  const highest = Math.max(0, ...levels)
  compareAt(
    suite,
    records,
    highest,
    after.map(({ root }) => root),
    before.map(({ root }) => root),
  )
  return records
}

/**
 * The tree with this hash, from records by name. Each record is checked against its name.
 * @param take - gives a record; called once for each place in the tree
 * @throws CoterieError `SNAPSHOT_INVALID` (environment)
 */
export function restoreTree(
  suite: CipherSuite,
  hash: Uint8Array,
  leafCount: number,
  take: (name: string) => Uint8Array | undefined,
): RatchetTree {
  return treeOf(restoreSubtree(suite, hash, 0, leafCount, take))
}

/** Compares all nodes that stand at one place in some tree; trees of lower height join further down. */
function compareAt(
  suite: CipherSuite,
  records: TreeRecords,
  level: number,
  after: readonly Subtree[],
  before: readonly Subtree[],
): void {
  const here = (subtrees: readonly Subtree[]): Map<string, Subtree> =>
    new Map(
      subtrees
        .filter((subtree) => subtree.level === level)
        .map((subtree) => [nameOf(suite, subtree), subtree] as const),
    )
  const afterHere = here(after)
  const beforeHere = here(before)
  const lower = (subtree: Subtree): boolean => subtree.level < level
  const same =
    afterHere.size === beforeHere.size &&
    [...afterHere.keys()].every((name) => beforeHere.has(name)) &&
    !after.some(lower) &&
    !before.some(lower)
  if (same) return
  for (const [name, subtree] of afterHere) {
    if (!beforeHere.has(name)) records.put.set(name, treeHashInput(suite, subtree))
  }
  for (const name of beforeHere.keys()) if (!afterHere.has(name)) records.delete.push(name)
  if (level === 0) return
  const descend = (side: 'left' | 'right', subtrees: readonly Subtree[], atLevel: Map<string, Subtree>): Subtree[] => [
    // A lower tree is the leftmost part of a higher one (§7.7).
    ...(side === 'left' ? subtrees.filter(lower) : []),
    ...[...atLevel.values()].flatMap((subtree) => (subtree instanceof Branch ? [subtree[side]] : [])),
  ]
  for (const side of ['left', 'right'] as const) {
    compareAt(suite, records, level - 1, descend(side, after, afterHere), descend(side, before, beforeHere))
  }
}

/** The tree hash in hexadecimal, computed once for each node. */
function nameOf(suite: CipherSuite, subtree: Subtree): string {
  subtree.derived.name ??= toHex(treeHash(suite, subtree))
  return subtree.derived.name
}

function restoreSubtree(
  suite: CipherSuite,
  hash: Uint8Array,
  firstLeaf: number,
  leaves: number,
  take: (name: string) => Uint8Array | undefined,
): Subtree {
  const bytes = take(toHex(hash))
  if (bytes === undefined || !equalBytes(suite.hash.digest(bytes), hash)) {
    return fail('SNAPSHOT_INVALID', 'a record of the ratchet tree is missing or changed')
  }
  const stored = decodeRecord(bytes)
  if ('leaf' in stored) {
    if (leaves !== 1 || stored.leafIndex !== firstLeaf) fail('SNAPSHOT_INVALID', 'a leaf in the wrong place')
    return stored.leaf
  }
  if (leaves === 1) return fail('SNAPSHOT_INVALID', 'a parent in the place of a leaf')
  const left = restoreSubtree(suite, stored.leftHash, firstLeaf, leaves / 2, take)
  const right = restoreSubtree(suite, stored.rightHash, firstLeaf + width(left), leaves / 2, take)
  const branch = new Branch(stored.parentNode, left, right)
  branch.derived.treeHash = hash
  return branch
}

type StoredNode =
  | { leafIndex: number; leaf: Leaf }
  | { parentNode: ParentNode | undefined; leftHash: Uint8Array; rightHash: Uint8Array }

function decodeRecord(bytes: Uint8Array): StoredNode {
  try {
    return decode(decodeStoredNode, bytes)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('SNAPSHOT_INVALID', 'a record of the ratchet tree is malformed', { cause })
  }
}

const decodeStoredNode: Decoder<StoredNode> = (reader) => {
  const type = reader.uint8()
  if (type === LEAF) {
    const leafIndex = reader.uint32()
    return { leafIndex, leaf: new Leaf(leafIndex, reader.optional(decodeLeafNode)) }
  }
  if (type !== PARENT) fail('CODEC_UNKNOWN_VARIANT', `unknown node type ${type}`)
  return {
    parentNode: reader.optional(decodeParentNode),
    leftHash: reader.opaque(),
    rightHash: reader.opaque(),
  }
}

const LEAF = 1
const PARENT = 2
