// Trees as content-addressed records: what is stored restores, and what changed is exactly what differs.
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/bytes.ts'
import { suite1 as suite } from '../../../src/crypto/providers/noble/suites.ts'
import { treeHash } from '../../../src/tree/hash.ts'
import { addLeaves, leafCount, members, type RatchetTree } from '../../../src/tree/ratchet-tree.ts'
import { Branch } from '../../../src/tree/subtree.ts'
import { encodeRatchetTree } from '../../../src/tree/tree-codec.ts'
import { restoreTree, treeRecords } from '../../../src/tree/tree-records.ts'
import { codeOf } from '../../support/errors.ts'
import { seededRandom } from '../../support/random.ts'
import { nodesOf, sampleTree, withoutLeaves, withPath } from '../../support/sample-trees.ts'
import { sampleLeaf } from '../../support/wire-samples.ts'

const store = (...trees: RatchetTree[]) => treeRecords(suite, trees, []).put
const restored = (tree: RatchetTree, records: ReadonlyMap<string, Uint8Array>) =>
  restoreTree(suite, treeHash(suite, tree.root), leafCount(tree), (name) => records.get(name))

const inOrder = (records: ReadonlyMap<string, Uint8Array>) =>
  [...records].map(([name, value]) => `${name} ${toHex(value)}`).sort()

/** Applies a change to a store and compares the outcome with a store made anew. */
function change(records: Map<string, Uint8Array>, after: RatchetTree[], before: RatchetTree[]): number {
  const changes = treeRecords(suite, after, before)
  for (const name of changes.delete) expect(records.delete(name)).toBe(true)
  for (const [name, value] of changes.put) {
    expect(records.has(name)).toBe(false)
    records.set(name, value)
  }
  expect(inOrder(records)).toEqual(inOrder(store(...after)))
  return changes.put.size
}

describe('a stored tree', () => {
  it.each([1, 2, 5, 8, 13])('of %i members restores', (count) => {
    for (const tree of [sampleTree(count), withPath(sampleTree(count), 0)]) {
      const again = restored(tree, store(tree))
      expect(encodeRatchetTree(again)).toEqual(encodeRatchetTree(tree))
      expect(leafCount(again)).toBe(leafCount(tree))
      for (const { leafNode } of members(tree)) expect(again.signatureKeys.has(leafNode.signatureKey)).toBe(true)
      expect(treeHash(suite, again.root)).toEqual(treeHash(suite, tree.root))
    }
  })

  it('shares its nodes with others', () => {
    const tree = sampleTree(64)
    const both = store(tree, withPath(tree, 5))
    expect(both.size).toBe(127 + 7)
  })

  it('is refused where a record is missing, changed, or another node', () => {
    const tree = withPath(sampleTree(8), 2)
    const records = store(tree)
    for (const [name, value] of records) {
      const without = new Map(records)
      without.delete(name)
      expect(codeOf(() => restored(tree, without))).toBe('SNAPSHOT_INVALID')
      const changed = value.slice()
      changed[value.length - 1] = (changed[value.length - 1] as number) ^ 1
      for (const wrong of [changed, value.slice(0, -1), new Uint8Array([...value, 0]), new Uint8Array(0)]) {
        expect(codeOf(() => restored(tree, new Map(records).set(name, wrong)))).toBe('SNAPSHOT_INVALID')
      }
    }
  })

  it('is refused where it has another height than it is said to have', () => {
    const tree = sampleTree(8)
    const records = store(tree)
    for (const leaves of [1, 2, 4, 16, 3, 0]) {
      const restoring = () => restoreTree(suite, treeHash(suite, tree.root), leaves, (name) => records.get(name))
      expect(codeOf(restoring)).toBe('SNAPSHOT_INVALID')
    }
  })

  it('is refused where a leaf stands in the place of another', () => {
    const { root } = sampleTree(2)
    const [left] = nodesOf(root)
    if (left === undefined) throw new Error('a tree without nodes')
    const crooked = { ...sampleTree(2), root: new Branch(undefined, left, left) }
    const records = new Map<string, Uint8Array>()
    for (const [name, value] of treeRecords(suite, [crooked], []).put) records.set(name, value)
    expect(codeOf(() => restored(crooked, records))).toBe('SNAPSHOT_INVALID')
  })
})

describe('changes between trees', () => {
  it('of the same tree are none', () => {
    const tree = sampleTree(8)
    expect(treeRecords(suite, [tree], [tree])).toEqual({ put: new Map(), delete: [] })
    expect(treeRecords(suite, [tree], [tree, tree])).toEqual({ put: new Map(), delete: [] })
  })

  it('are a path for a commit', () => {
    const tree = sampleTree(256)
    const records = store(tree)
    expect(change(records, [withPath(tree, 100)], [tree])).toBe(9)
  })

  it('follow the tree through different heights', () => {
    const records = new Map<string, Uint8Array>()
    const small = sampleTree(3)
    const large = addLeaves(
      small,
      Array.from({ length: 20 }, (_, i) => sampleLeaf(100 + i)),
    ).tree
    const shrunk = withoutLeaves(large, ...Array.from({ length: 20 }, (_, i) => 3 + i))
    expect([small, large, shrunk].map(leafCount)).toEqual([4, 32, 4])
    change(records, [small], [])
    change(records, [large], [small])
    change(records, [shrunk], [large])
    change(records, [large, small], [shrunk])
    change(records, [small], [large, small])
    const committed = withPath(large, 1)
    change(records, [shrunk, large, committed], [small])
    change(records, [], [committed, shrunk, large])
    expect(records.size).toBe(0)
  })

  it('between any sets of random relatives are exactly what differs', () => {
    const random = seededRandom(3)
    const family: RatchetTree[] = [sampleTree(1)]
    let number = 1000
    for (let i = 0; i < 60; i++) {
      const tree = family[random(family.length)] as RatchetTree
      const present = [...members(tree)].map(({ leafIndex }) => leafIndex)
      const one = present[random(present.length)] as number
      const kind = random(3)
      if (kind === 0)
        family.push(
          addLeaves(
            tree,
            Array.from({ length: 1 + random(5) }, () => sampleLeaf(number++)),
          ).tree,
        )
      else if (kind === 1 && present.length > 1) family.push(withoutLeaves(tree, one))
      else family.push(withPath(tree, one))
    }
    const some = () => Array.from({ length: random(4) }, () => family[random(family.length)] as RatchetTree)
    for (let i = 0; i < 150; i++) {
      const before = some()
      change(store(...before), some(), before)
    }
  })

  it('name each record by its hash', () => {
    for (const [name, value] of store(withPath(sampleTree(5), 4))) expect(toHex(suite.hash.digest(value))).toBe(name)
  })
})
