// The secret tree: from an epoch's encryption secret to the message keys of every sender (RFC 9420 §9).
// A persistent value: every operation returns a new tree that shares all it did not touch and lacks what was consumed.

import { EMPTY, utf8 } from '../bytes.ts'
import { type CipherSuite, expandWithLabel } from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'
import {
  checkReach,
  type Ratchet,
  type RatchetKey,
  type RatchetStep,
  type SecretTreeLimits,
  startRatchet,
  takeGeneration,
  takeNext,
} from './ratchet.ts'
import { eachSkipped } from './skipped-keys.ts'

export { DEFAULT_SECRET_TREE_LIMITS, type RatchetKey, type SecretTreeLimits } from './ratchet.ts'

/** The two ratchets of each sender. */
export type RatchetType = 'handshake' | 'application'

/** A subtree: its secret, before any leaf below has been used; the ratchets of a leaf in use; or what lies below. */
export type SecretTreeNode = Secret | LeafRatchets | SecretTreeBranch

export interface LeafRatchets {
  readonly handshake: Ratchet
  readonly application: Ratchet
}

export interface SecretTreeBranch {
  readonly left: SecretTreeNode
  readonly right: SecretTreeNode
}

/** The message keys of an epoch that have not been used. What is inside is the business of this folder. */
export interface SecretTree {
  /** The width of the group's tree, a power of two. */
  readonly leafCount: number
  readonly root: SecretTreeNode
}

/** A tree without the key that was taken from it. */
export interface SecretTreeStep {
  readonly tree: SecretTree
  readonly key: RatchetKey
}

/**
 * The tree of an epoch.
 * @param encryptionSecret - becomes part of the tree
 * @param leafCount - width of the group's tree, a power of two
 * @throws CoterieError `ARGUMENT_INVALID` (caller)
 */
export function createSecretTree(suite: CipherSuite, encryptionSecret: Secret, leafCount: number): SecretTree {
  checkLeafCount(leafCount)
  if (encryptionSecret.length !== suite.hash.length) {
    fail('ARGUMENT_INVALID', `an encryption secret has ${suite.hash.length} bytes, not ${encryptionSecret.length}`)
  }
  return { leafCount, root: encryptionSecret }
}

/**
 * Takes the next key of one's own leaf.
 * @throws CoterieError `RATCHET_EXHAUSTED` (caller) after 2^32 messages
 */
export function nextSendKey(
  suite: CipherSuite,
  tree: SecretTree,
  leafIndex: number,
  type: RatchetType,
): SecretTreeStep {
  checkLeafIndex(tree, leafIndex)
  return update(suite, tree, leafIndex, type, (ratchet) => takeNext(suite, ratchet))
}

/**
 * Takes the key of the generation that a sender names, and keeps those in between for messages that are late.
 * Generations out of reach are refused before anything is derived. RFC 9420 §9.2, §15.3.
 * @throws CoterieError `FRAMING_GENERATION_USED`, `FRAMING_GENERATION_TOO_FAR` (peer), both with `leafIndex` and
 * `generation` among their details
 */
export function receiveKey(
  suite: CipherSuite,
  tree: SecretTree,
  leafIndex: number,
  type: RatchetType,
  generation: number,
  limits: SecretTreeLimits,
): SecretTreeStep {
  checkLeafIndex(tree, leafIndex)
  checkReach(findLeaf(tree, leafIndex)?.[type], leafIndex, generation, limits)
  return update(suite, tree, leafIndex, type, (ratchet) => takeGeneration(suite, ratchet, generation, limits))
}

/** Every secret in the tree, for wiping those that no state in use shares. */
export function* secretsOf(tree: SecretTree): Generator<Secret> {
  yield* secretsBelow(tree.root)
}

export function isBranch(node: SecretTreeNode): node is SecretTreeBranch {
  return 'left' in node
}

export function checkLeafCount(leafCount: number): void {
  // RFC 9420 §4.1.1, §7.1: trees are full, and leaf indices are uint32.
  if (!Number.isInteger(Math.log2(leafCount)) || leafCount < 1 || leafCount > MAX_LEAVES) {
    fail('ARGUMENT_INVALID', `the width of a tree is a power of two, not ${leafCount}`)
  }
}

/** The ratchets of a leaf in use; undefined where none has been used. Costs log n steps and no derivation. */
function findLeaf(tree: SecretTree, leafIndex: number): LeafRatchets | undefined {
  let node = tree.root
  let index = leafIndex
  let width = tree.leafCount
  while (isBranch(node)) {
    width /= 2
    if (index < width) node = node.left
    else {
      node = node.right
      index -= width
    }
  }
  return node instanceof Secret ? undefined : node
}

/** Replaces one ratchet of one leaf. The first use of a leaf replaces the secrets on its path by their children's. */
function update(
  suite: CipherSuite,
  tree: SecretTree,
  leafIndex: number,
  type: RatchetType,
  take: (ratchet: Ratchet) => RatchetStep,
): SecretTreeStep {
  let taken: RatchetKey | undefined
  // `fresh`: derived just now, so that neither the old tree nor the new one holds it once it is consumed.
  const replace = (node: SecretTreeNode, width: number, index: number, fresh: boolean): SecretTreeNode => {
    if (node instanceof Secret) {
      const expanded = expand(suite, node, width)
      if (fresh) node.wipe()
      return replace(expanded, width, index, true)
    }
    if (isBranch(node)) {
      const half = width / 2
      return index < half
        ? { left: replace(node.left, half, index, fresh), right: node.right }
        : { left: node.left, right: replace(node.right, half, index - half, fresh) }
    }
    const before = node[type]
    const { ratchet, key } = take(before)
    taken = key
    if (fresh) before.secret?.wipe()
    return type === 'handshake'
      ? { handshake: ratchet, application: node.application }
      : { handshake: node.handshake, application: ratchet }
  }
  const root = replace(tree.root, tree.leafCount, leafIndex, false)
  if (taken === undefined) return fail('INTERNAL_INVARIANT', 'no leaf was reached')
  return { tree: { leafCount: tree.leafCount, root }, key: taken }
}

/** RFC 9420 §9, figures 24 and 25. */
function expand(suite: CipherSuite, secret: Secret, width: number): SecretTreeBranch | LeafRatchets {
  const { bytes } = secret
  const { length } = suite.hash
  if (width > 1) {
    return {
      left: new Secret(expandWithLabel(suite, bytes, 'tree', LEFT, length)),
      right: new Secret(expandWithLabel(suite, bytes, 'tree', RIGHT, length)),
    }
  }
  return {
    handshake: startRatchet(new Secret(expandWithLabel(suite, bytes, 'handshake', EMPTY, length))),
    application: startRatchet(new Secret(expandWithLabel(suite, bytes, 'application', EMPTY, length))),
  }
}

function* secretsBelow(node: SecretTreeNode): Generator<Secret> {
  if (node instanceof Secret) yield node
  else if (isBranch(node)) {
    yield* secretsBelow(node.left)
    yield* secretsBelow(node.right)
  } else {
    for (const ratchet of [node.handshake, node.application]) {
      if (ratchet.secret !== undefined) yield ratchet.secret
      for (const { material } of eachSkipped(ratchet.skipped)) yield material
    }
  }
}

function checkLeafIndex(tree: SecretTree, leafIndex: number): void {
  if (!Number.isInteger(leafIndex) || leafIndex < 0 || leafIndex >= tree.leafCount) {
    fail('ARGUMENT_INVALID', `there is no leaf ${leafIndex} in a tree of ${tree.leafCount}`)
  }
}

const MAX_LEAVES = 2 ** 32
const LEFT = /* @__PURE__ */ utf8('left')
const RIGHT = /* @__PURE__ */ utf8('right')
