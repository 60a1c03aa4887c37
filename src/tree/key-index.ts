// A persistent multiset of public keys, so that duplicates in a tree (RFC 9420 §7.3, §12.4.2) show without walking it.
// A radix trie over the keys' nibbles, last byte first: the ends of public keys vary, their beginnings may be constant.

import { compareBytes } from '../bytes.ts'

interface Entry {
  readonly key: Uint8Array
  readonly count: number
}

interface Fork {
  readonly children: readonly (TrieNode | undefined)[]
}

type TrieNode = Entry | Fork

/** An immutable multiset of byte strings of one length. */
export class KeyIndex {
  static readonly empty: KeyIndex = new KeyIndex(undefined, 0)

  readonly #root: TrieNode | undefined
  /** How many keys are held more than once. */
  readonly duplicates: number

  private constructor(root: TrieNode | undefined, duplicates: number) {
    this.#root = root
    this.duplicates = duplicates
  }

  has(key: Uint8Array): boolean {
    return countIn(this.#root, key, 0) > 0
  }

  plus(key: Uint8Array): KeyIndex {
    const before = countIn(this.#root, key, 0)
    return new KeyIndex(withCount(this.#root, key, before + 1, 0), this.duplicates + (before === 1 ? 1 : 0))
  }

  /** Takes one occurrence out; a key that is not held leaves everything as it is. */
  minus(key: Uint8Array): KeyIndex {
    const before = countIn(this.#root, key, 0)
    if (before === 0) return this
    return new KeyIndex(withCount(this.#root, key, before - 1, 0), this.duplicates - (before === 2 ? 1 : 0))
  }
}

function countIn(node: TrieNode | undefined, key: Uint8Array, depth: number): number {
  let at = node
  for (let d = depth; at !== undefined; d++) {
    if ('count' in at) return compareBytes(at.key, key) === 0 ? at.count : 0
    at = at.children[nibble(key, d)]
  }
  return 0
}

function withCount(node: TrieNode | undefined, key: Uint8Array, count: number, depth: number): TrieNode | undefined {
  if (node === undefined) return count === 0 ? undefined : { key, count }
  if ('count' in node) {
    if (compareBytes(node.key, key) === 0) return count === 0 ? undefined : { key: node.key, count }
    return withCount(fork(node, depth), key, count, depth)
  }
  const slot = nibble(key, depth)
  const children = node.children.slice()
  children[slot] = withCount(node.children[slot], key, count, depth + 1)
  return collapsed(children)
}

/** A fork with one entry below it becomes that entry, so that equal contents have equal shapes. */
function collapsed(children: readonly (TrieNode | undefined)[]): TrieNode | undefined {
  let only: TrieNode | undefined
  for (const child of children) {
    if (child === undefined) continue
    if (only !== undefined || 'children' in child) return { children }
    only = child
  }
  return only
}

function fork(entry: Entry, depth: number): Fork {
  const children = new Array<TrieNode | undefined>(SLOTS).fill(undefined)
  children[nibble(entry.key, depth)] = entry
  return { children }
}

/** Past a key's beginning there is one more slot, which keys that others end with fall into. */
function nibble(key: Uint8Array, depth: number): number {
  const byte = key[key.length - 1 - Math.floor(depth / 2)]
  if (byte === undefined) return SLOTS - 1
  return depth % 2 === 0 ? byte & 0x0f : byte >>> 4
}

const SLOTS = 17
