// The numbering of nodes (RFC 9420 Appendix C), also where numbers are beyond 31 bits.
import { describe, expect, it } from 'vitest'
import {
  leafToNode,
  left,
  level,
  MAX_LEAVES,
  nodeIndexOf,
  nodeWidth,
  parent,
  right,
  root,
  sibling,
  widthFor,
} from '../../../src/tree/math.ts'

/** Builds the numbering by halving, as the RFC's figures do, and gives each node's children. */
function childrenByHalving(first: number, last: number, into: Map<number, [number, number]>): number {
  if (first === last) return first
  const middle = (first + last) / 2
  into.set(middle, [childrenByHalving(first, middle - 1, into), childrenByHalving(middle + 1, last, into)])
  return middle
}

describe.each([1, 2, 4, 8, 64, 1024])('a tree of %i leaves', (leaves) => {
  const children = new Map<number, [number, number]>()
  const top = childrenByHalving(0, 2 * leaves - 2, children)

  it('has its root in the middle', () => {
    expect(root(leaves)).toBe(top)
    expect(nodeWidth(leaves)).toBe(2 * leaves - 1)
    expect(parent(top, leaves)).toBeUndefined()
    expect(sibling(top, leaves)).toBeUndefined()
  })

  it('has the children, parents and siblings that halving gives', () => {
    for (let node = 0; node < nodeWidth(leaves); node++) {
      const [l, r] = children.get(node) ?? []
      expect([left(node), right(node)]).toEqual([l, r])
      if (l === undefined || r === undefined) continue
      expect([parent(l, leaves), parent(r, leaves)]).toEqual([node, node])
      expect([sibling(l, leaves), sibling(r, leaves)]).toEqual([r, l])
      expect(level(node)).toBe(level(l) + 1)
    }
  })

  it('has its leaves at even places, leaf 0 at 0', () => {
    for (let leaf = 0; leaf < leaves; leaf++) {
      expect(leafToNode(leaf)).toBe(2 * leaf)
      expect(level(leafToNode(leaf))).toBe(0)
      expect(nodeIndexOf(0, leaf)).toBe(2 * leaf)
    }
  })
})

describe('the largest tree', () => {
  const last = 2 * MAX_LEAVES - 2

  it('has indices of 32 bits, none of them negative', () => {
    expect(leafToNode(MAX_LEAVES - 1)).toBe(0xfffffffe)
    expect(root(MAX_LEAVES)).toBe(0x7fffffff)
    expect(level(0x7fffffff)).toBe(31)
    expect(right(0x7fffffff)).toBe(0xbfffffff)
    expect(parent(0xbfffffff, MAX_LEAVES)).toBe(0x7fffffff)
  })

  it('is climbed from its last leaf to its root', () => {
    const path: number[] = []
    for (let node = parent(last, MAX_LEAVES); node !== undefined; node = parent(node, MAX_LEAVES)) path.push(node)
    expect(path).toHaveLength(31)
    expect(path.every((node) => node > 0)).toBe(true)
    expect(path.at(-1)).toBe(root(MAX_LEAVES))
    expect(sibling(last, MAX_LEAVES)).toBe(last - 2)
  })
})

describe('widthFor', () => {
  it('is the least power of two that holds the leaves', () => {
    expect([0, 1, 2, 3, 4, 5, 1024, 1025].map(widthFor)).toEqual([1, 1, 2, 4, 4, 8, 1024, 2048])
    expect(widthFor(2 ** 31 - 1)).toBe(2 ** 31)
  })

  it('of no leaves has no nodes', () => {
    expect(nodeWidth(0)).toBe(0)
  })
})
