// The ratchet tree as RFC 9420 tells it, in an array (Appendix C), and as slowly as can be: what the persistent tree is
// compared with.
import { encode } from '../../src/codec/writer.ts'
import { encodeLeafNode, type LeafNode } from '../../src/messages/leaf-node.ts'
import { encodeParentNode, type ParentNode } from '../../src/messages/parent-node.ts'

/** Nodes by node index; leaves at even places. */
export class ArrayTree {
  nodes: (LeafNode | ParentNode | undefined)[]

  constructor(leafNode: LeafNode) {
    this.nodes = [leafNode]
  }

  get leafCount(): number {
    return (this.nodes.length + 1) / 2
  }

  leaf(leafIndex: number): LeafNode | undefined {
    const node = this.nodes[2 * leafIndex]
    return node !== undefined && 'credential' in node ? node : undefined
  }

  parent(nodeIndex: number): ParentNode | undefined {
    const node = this.nodes[nodeIndex]
    return node !== undefined && 'unmergedLeaves' in node ? node : undefined
  }

  /** §7.7: the leftmost blank leaf, undefined where there is none. */
  leftmostBlank(): number | undefined {
    for (let leafIndex = 0; leafIndex < this.leafCount; leafIndex++) {
      if (this.nodes[2 * leafIndex] === undefined) return leafIndex
    }
    return undefined
  }

  /** §12.1.1. */
  add(leafNode: LeafNode): number {
    if (this.leftmostBlank() === undefined) this.extend()
    const leafIndex = this.leftmostBlank() as number
    this.nodes[2 * leafIndex] = leafNode
    for (const nodeIndex of this.directPath(leafIndex)) {
      const parent = this.parent(nodeIndex)
      if (parent === undefined) continue
      const unmergedLeaves = [...parent.unmergedLeaves, leafIndex].sort((a, b) => a - b)
      this.nodes[nodeIndex] = { ...parent, unmergedLeaves }
    }
    return leafIndex
  }

  /** §7.7: a blank root over the tree and as many blank leaves again. */
  extend(): void {
    this.nodes.push(...new Array<undefined>(this.nodes.length + 1).fill(undefined))
  }

  /** §12.1.2. */
  update(leafIndex: number, leafNode: LeafNode): void {
    this.nodes[2 * leafIndex] = leafNode
    this.blankPath(leafIndex)
  }

  /** §12.1.3. */
  remove(leafIndices: readonly number[]): void {
    for (const leafIndex of leafIndices) {
      this.nodes[2 * leafIndex] = undefined
      this.blankPath(leafIndex)
    }
    while (this.nodes.length > 1 && this.nodes.slice((this.nodes.length + 1) / 2).every((node) => node === undefined)) {
      this.nodes = this.nodes.slice(0, (this.nodes.length - 1) / 2)
    }
  }

  /** §7.5: the leaf and its filtered direct path, from the leaf upwards. */
  setPath(leafIndex: number, leafNode: LeafNode, parents: readonly ParentNode[]): void {
    const filtered = this.filteredDirectPath(leafIndex)
    this.blankPath(leafIndex)
    this.nodes[2 * leafIndex] = leafNode
    for (const [i, nodeIndex] of filtered.entries()) this.nodes[nodeIndex] = parents[i]
  }

  filteredDirectPath(leafIndex: number): number[] {
    let below = 2 * leafIndex
    return this.directPath(leafIndex).filter((nodeIndex) => {
      const copath = below < nodeIndex ? right(nodeIndex) : left(nodeIndex)
      below = nodeIndex
      return this.resolution(copath).length > 0
    })
  }

  /** §4.1.1: as node indices. */
  resolution(nodeIndex: number): number[] {
    const node = this.nodes[nodeIndex]
    if (node !== undefined) {
      const unmerged = 'unmergedLeaves' in node ? node.unmergedLeaves : []
      return [nodeIndex, ...unmerged.map((leafIndex) => 2 * leafIndex)]
    }
    if (level(nodeIndex) === 0) return []
    return [...this.resolution(left(nodeIndex)), ...this.resolution(right(nodeIndex))]
  }

  /** §7.8. */
  treeHash(digest: (data: Uint8Array) => Uint8Array, nodeIndex: number = this.leafCount - 1): Uint8Array {
    const node = this.nodes[nodeIndex]
    const input = encode((writer) => {
      if (level(nodeIndex) === 0) {
        writer.uint8(1)
        writer.uint32(nodeIndex / 2)
        writer.optional(this.leaf(nodeIndex / 2), encodeLeafNode)
        return
      }
      writer.uint8(2)
      writer.optional(node !== undefined && 'unmergedLeaves' in node ? node : undefined, encodeParentNode)
      writer.opaque(this.treeHash(digest, left(nodeIndex)))
      writer.opaque(this.treeHash(digest, right(nodeIndex)))
    }, undefined)
    return digest(input)
  }

  directPath(leafIndex: number): number[] {
    const path: number[] = []
    for (let k = 1; 2 ** k <= this.leafCount; k++) {
      const first = Math.floor(leafIndex / 2 ** k) * 2 ** k
      path.push(2 * first + 2 ** k - 1)
    }
    return path
  }

  private blankPath(leafIndex: number): void {
    for (const nodeIndex of this.directPath(leafIndex)) this.nodes[nodeIndex] = undefined
  }
}

function level(nodeIndex: number): number {
  let k = 0
  while (((nodeIndex >>> k) & 1) === 1) k++
  return k
}

function left(nodeIndex: number): number {
  return nodeIndex - 2 ** (level(nodeIndex) - 1)
}

function right(nodeIndex: number): number {
  return nodeIndex + 2 ** (level(nodeIndex) - 1)
}
