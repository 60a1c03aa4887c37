// The numbering of a ratchet tree's nodes (RFC 9420 Appendix C): leaf i is node 2i, parents stand between their children.
// Plain arithmetic instead of bit operations: node indices are uint32 and JavaScript's operators are signed.

/** The most leaves that leaf and node indices can number. */
export const MAX_LEAVES: number = 2 ** 31

/** The node index of a leaf. */
export function leafToNode(leafIndex: number): number {
  return 2 * leafIndex
}

/** The node index of the root of the subtree that has 2^`level` leaves, `firstLeaf` the leftmost. */
export function nodeIndexOf(level: number, firstLeaf: number): number {
  return 2 * firstLeaf + 2 ** level - 1
}

/** 0 for leaves, otherwise one more than the level of the children. */
export function level(nodeIndex: number): number {
  let rest = nodeIndex
  let k = 0
  while (rest % 2 === 1) {
    rest = (rest - 1) / 2
    k++
  }
  return k
}

/** How many nodes a tree of `leafCount` leaves has. */
export function nodeWidth(leafCount: number): number {
  return leafCount === 0 ? 0 : 2 * leafCount - 1
}

/** The root's node index in a tree of `leafCount` (a power of two) leaves. */
export function root(leafCount: number): number {
  return leafCount - 1
}

/** Undefined for leaves. */
export function left(nodeIndex: number): number | undefined {
  const k = level(nodeIndex)
  return k === 0 ? undefined : nodeIndex - 2 ** (k - 1)
}

/** Undefined for leaves. */
export function right(nodeIndex: number): number | undefined {
  const k = level(nodeIndex)
  return k === 0 ? undefined : nodeIndex + 2 ** (k - 1)
}

/** Undefined for the root. */
export function parent(nodeIndex: number, leafCount: number): number | undefined {
  if (nodeIndex === root(leafCount)) return undefined
  const k = level(nodeIndex)
  const isRightChild = Math.floor(nodeIndex / 2 ** (k + 1)) % 2 === 1
  return isRightChild ? nodeIndex - 2 ** k : nodeIndex + 2 ** k
}

/** Undefined for the root. */
export function sibling(nodeIndex: number, leafCount: number): number | undefined {
  const above = parent(nodeIndex, leafCount)
  if (above === undefined) return undefined
  return nodeIndex < above ? right(above) : left(above)
}

/** The least power of two that holds `count`; at least 1. */
export function widthFor(count: number): number {
  let width = 1
  while (width < count) width *= 2
  return width
}
