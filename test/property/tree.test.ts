// The persistent ratchet tree is, after whatever edits, the tree that RFC 9420 describes; earlier versions stay what they
// were. So are the index of its keys and the numbering of its nodes.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/bytes.ts'
import { nobleProvider } from '../../src/crypto/providers/noble/provider.ts'
import type { ParentNode } from '../../src/messages/parent-node.ts'
import { treeHash } from '../../src/tree/hash.ts'
import { KeyIndex } from '../../src/tree/key-index.ts'
import {
  addLeaves,
  directPath,
  filteredDirectPath,
  leafAt,
  leafCount,
  leftmostBlankLeaf,
  members,
  type RatchetTree,
  replaceLeaves,
  setPath,
  singletonTree,
} from '../../src/tree/ratchet-tree.ts'
import { Branch, resolution, type Subtree } from '../../src/tree/subtree.ts'
import { decodeRatchetTree, encodeRatchetTree } from '../../src/tree/tree-codec.ts'
import { sampleBytes, sampleLeaf } from '../support/wire-samples.ts'
import { ArrayTree } from './array-tree.ts'
import { printSeed, runs } from './settings.ts'

printSeed('property/tree')

const suite = nobleProvider.suite(1)
if (suite === undefined) throw new Error('suite 1 is missing')
const digest = (data: Uint8Array): Uint8Array => suite.hash.digest(data)

/** Numbers that choose among the members that there are when their turn comes. */
type Edit =
  | { readonly kind: 'add'; readonly count: number }
  | { readonly kind: 'remove'; readonly who: readonly number[] }
  | { readonly kind: 'update'; readonly who: readonly number[] }
  | { readonly kind: 'path'; readonly who: number }

const who = fc.nat({ max: 1000 })
const some = fc.array(who, { minLength: 1, maxLength: 4 })
const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), count: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), who: some }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('update' as const), who: some }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('path' as const), who }) },
)

/** Both trees, and the number of the next leaf or key. */
interface Pair {
  tree: RatchetTree
  readonly model: ArrayTree
  next: number
}

function apply(pair: Pair, step: Edit): void {
  const { tree, model } = pair
  const present = [...members(tree)].map(({ leafIndex }) => leafIndex)
  const chosen = (number: number): number => present[number % present.length] as number
  if (step.kind === 'add') {
    const leaves = Array.from({ length: step.count }, () => sampleLeaf(pair.next++))
    const added = addLeaves(tree, leaves)
    expect(added.leafIndices).toEqual(leaves.map((leaf) => model.add(leaf)))
    pair.tree = added.tree
  } else if (step.kind === 'remove') {
    const gone = [...new Set(step.who.map(chosen))].slice(0, present.length - 1)
    pair.tree = replaceLeaves(tree, new Map(gone.map((leafIndex) => [leafIndex, undefined])))
    model.remove(gone)
  } else if (step.kind === 'update') {
    const leaves = new Map([...new Set(step.who.map(chosen))].map((leafIndex) => [leafIndex, sampleLeaf(pair.next++)]))
    pair.tree = replaceLeaves(tree, leaves)
    for (const [leafIndex, leaf] of leaves) model.update(leafIndex, leaf)
  } else {
    const leafIndex = chosen(step.who)
    const path = filteredDirectPath(tree, leafIndex).map(({ branch }) => branch.nodeIndex)
    expect(path).toEqual(model.filteredDirectPath(leafIndex))
    const parents = path.map((): ParentNode => {
      const key = sampleBytes(0x7000_0000 + pair.next++)
      return { encryptionKey: key, parentHash: sampleBytes(pair.next), unmergedLeaves: [] }
    })
    const leaf = sampleLeaf(pair.next++)
    pair.tree = setPath(
      tree,
      leafIndex,
      leaf,
      new Map(path.map((nodeIndex, i) => [nodeIndex, parents[i] as ParentNode])),
    )
    model.setPath(leafIndex, leaf, parents)
  }
}

function compare({ tree, model }: Pair): void {
  expect(leafCount(tree)).toBe(model.leafCount)
  expect(treeHash(suite as NonNullable<typeof suite>, tree.root)).toEqual(model.treeHash(digest))
  const keys = new Map<string, number>()
  const count = (key: Uint8Array): void => void keys.set(toHex(key), (keys.get(toHex(key)) ?? 0) + 1)
  const visit = (subtree: Subtree): void => {
    expect(resolution(subtree).map(({ nodeIndex }) => nodeIndex)).toEqual(model.resolution(subtree.nodeIndex))
    const node = model.nodes[subtree.nodeIndex]
    expect(subtree instanceof Branch ? subtree.parentNode : subtree.leafNode).toEqual(node)
    if (node !== undefined) count(node.encryptionKey)
    if (!(subtree instanceof Branch)) return
    visit(subtree.left)
    visit(subtree.right)
  }
  visit(tree.root)
  for (const key of keys.keys()) expect(tree.encryptionKeys.has(Uint8Array.from(Buffer.from(key, 'hex')))).toBe(true)
  expect(tree.encryptionKeys.duplicates).toBe([...keys.values()].filter((times) => times > 1).length)
  for (let leafIndex = 0; leafIndex < model.leafCount; leafIndex++) {
    expect(leafAt(tree, leafIndex)).toEqual(model.leaf(leafIndex))
    const path = directPath(tree, leafIndex).map(({ branch }) => branch.nodeIndex)
    expect(path).toEqual(model.directPath(leafIndex))
  }
  expect(leftmostBlankLeaf(tree).leafIndex).toBe(model.leftmostBlank() ?? model.leafCount)
}

describe('the persistent tree', () => {
  test('is the tree of the RFC after any edits, and its earlier versions do not change', () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 12 }), (edits) => {
        const first = sampleLeaf(0)
        const pair: Pair = { tree: singletonTree(first), model: new ArrayTree(first), next: 1 }
        const versions: { tree: RatchetTree; encoded: string }[] = []
        for (const step of edits) {
          versions.push({ tree: pair.tree, encoded: toHex(encodeRatchetTree(pair.tree)) })
          apply(pair, step)
        }
        compare(pair)
        const read = decodeRatchetTree(encodeRatchetTree(pair.tree))
        compare({ ...pair, tree: read })
        for (const { tree, encoded } of versions) expect(toHex(encodeRatchetTree(tree))).toBe(encoded)
      }),
      runs(250),
    )
  })
})

describe('the key index', () => {
  const key = fc.uint8Array({ minLength: 3, maxLength: 4 }).map((bytes) => bytes.map((byte) => byte & 3))
  const change = fc.tuple(fc.boolean(), key)

  test('is a multiset, whatever comes and goes, in all of its versions', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const model = new Map<string, number>()
        let index = KeyIndex.empty
        const versions: [KeyIndex, Map<string, number>][] = []
        for (const [adding, bytes] of changes) {
          versions.push([index, new Map(model)])
          const name = toHex(bytes)
          const before = model.get(name) ?? 0
          model.set(name, Math.max(0, before + (adding ? 1 : -1)))
          index = adding ? index.plus(bytes) : index.minus(bytes)
        }
        for (const [version, counts] of [...versions, [index, model] as const]) {
          for (const [, bytes] of changes) expect(version.has(bytes)).toBe((counts.get(toHex(bytes)) ?? 0) > 0)
          expect(version.duplicates).toBe([...counts.values()].filter((times) => times > 1).length)
        }
      }),
      runs(300),
    )
  })
})
