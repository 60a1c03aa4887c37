// A persistent multiset of public keys, so that duplicates in a tree (RFC 9420 §7.3, §12.4.2) show without walking it.
// A path-compressed radix trie over the keys' nibbles, last byte first: the ends of public keys vary, their beginnings may
// be constant. The keys come from anyone, of any length and likeness: nothing recurses, and each adds one fork at most.

import { compareBytes } from '../bytes.ts'

interface Entry {
  readonly key: Uint8Array
  readonly count: number
}

interface Fork {
  /** How many nibbles all keys below have in common. */
  readonly depth: number
  readonly children: readonly (TrieNode | undefined)[]
}

type TrieNode = Entry | Fork

/** An immutable multiset of byte strings. */
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
    return countIn(this.#root, key) > 0
  }

  plus(key: Uint8Array): KeyIndex {
    const before = countIn(this.#root, key)
    return new KeyIndex(withCount(this.#root, key, before + 1), this.duplicates + (before === 1 ? 1 : 0))
  }

  /** Takes one occurrence out; a key that is not held leaves everything as it is. */
  minus(key: Uint8Array): KeyIndex {
    const before = countIn(this.#root, key)
    if (before === 0) return this
    return new KeyIndex(withCount(this.#root, key, before - 1), this.duplicates - (before === 2 ? 1 : 0))
  }
}

function countIn(root: TrieNode | undefined, key: Uint8Array): number {
  const near = nearest(root, key)
  return near !== undefined && compareBytes(near.key, key) === 0 ? near.count : 0
}

/** The trie in which `key`, which it holds or which is new to it, has this count. */
function withCount(root: TrieNode | undefined, key: Uint8Array, count: number): TrieNode | undefined {
  const near = nearest(root, key)
  const common = near === undefined ? 0 : commonNibbles(near.key, key)
  const path: Fork[] = []
  let at = root
  while (at !== undefined && 'children' in at && at.depth < common) {
    path.push(at)
    at = at.children[nibble(key, at.depth)]
  }
  let node = joined(at, near, common, count === 0 ? undefined : { key, count })
  for (const { depth, children } of path.reverse()) node = collapsed(depth, children.with(nibble(key, depth), node))
  return node
}

/** An entry of which no other has a longer common end with the key. */
function nearest(root: TrieNode | undefined, key: Uint8Array): Entry | undefined {
  let at = root
  while (at !== undefined && 'children' in at) {
    at = at.children[nibble(key, at.depth)] ?? at.children.find((child) => child !== undefined)
  }
  return at
}

/** What takes the place of `at`, in which all keys have `common` nibbles in common with the entry's, once it is there. */
function joined(
  at: TrieNode | undefined,
  near: Entry | undefined,
  common: number,
  entry: Entry | undefined,
): TrieNode | undefined {
  if (at === undefined || near === undefined || entry === undefined || common === SAME) return entry
  const slot = nibble(entry.key, common)
  if ('children' in at && at.depth === common) return { depth: common, children: at.children.with(slot, entry) }
  return { depth: common, children: NO_CHILDREN.with(nibble(near.key, common), at).with(slot, entry) }
}

/** A fork with one node below it becomes that node, so that equal contents have equal shapes. */
function collapsed(depth: number, children: readonly (TrieNode | undefined)[]): TrieNode | undefined {
  const [first, second] = children.filter((child) => child !== undefined)
  return second === undefined ? first : { depth, children }
}

/** How many nibbles two keys have in common, from the end. */
function commonNibbles(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length)
  for (let i = 1; i <= shorter; i++) {
    const difference = (a[a.length - i] as number) ^ (b[b.length - i] as number)
    if (difference !== 0) return 2 * (i - 1) + ((difference & 0x0f) === 0 ? 1 : 0)
  }
  return a.length === b.length ? SAME : 2 * shorter
}

/** Past a key's beginning there is one more slot, which keys that others end with fall into. */
function nibble(key: Uint8Array, depth: number): number {
  const byte = key[key.length - 1 - Math.floor(depth / 2)]
  if (byte === undefined) return SLOTS - 1
  return depth % 2 === 0 ? byte & 0x0f : byte >>> 4
}

const SLOTS = 17
const SAME = Number.POSITIVE_INFINITY
const NO_CHILDREN: readonly (TrieNode | undefined)[] = /* @__PURE__ */ new Array<undefined>(SLOTS).fill(undefined)
