// What all members below a node have in common, kept on the node so that a whole group is checked in O(log n) (RFC 9420 §7.3,
// §12.1.7, §12.2).

import { GREASE_VALUES } from '../messages/code-points.ts'
import type { Capabilities, LeafNode } from '../messages/leaf-node.ts'
import { Leaf, type MembersSummary, type Subtree } from './subtree.ts'

/** The members below; undefined where there are none. */
export function summary(subtree: Subtree): MembersSummary | undefined {
  if (subtree.occupied === 0) return undefined
  const known = subtree.derived.summary
  if (known !== undefined) return known
  const made =
    subtree instanceof Leaf ? leafSummary(subtree.leafNode) : merge(summary(subtree.left), summary(subtree.right))
  if (made !== undefined) subtree.derived.summary = made
  return made
}

function leafSummary(leafNode: LeafNode | undefined): MembersSummary | undefined {
  if (leafNode === undefined) return undefined
  const { extensions, proposals, credentials }: Capabilities = leafNode.capabilities
  return {
    extensions: meant(extensions),
    proposals: meant(proposals),
    credentials: meant(credentials),
    credentialsInUse: [leafNode.credential.credentialType],
  }
}

function merge(a: MembersSummary | undefined, b: MembersSummary | undefined): MembersSummary | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const merged = {
    extensions: common(a.extensions, b.extensions),
    proposals: common(a.proposals, b.proposals),
    credentials: common(a.credentials, b.credentials),
    credentialsInUse: either(a.credentialsInUse, b.credentialsInUse),
  }
  const same =
    merged.extensions === a.extensions &&
    merged.proposals === a.proposals &&
    merged.credentials === a.credentials &&
    merged.credentialsInUse === a.credentialsInUse
  return same ? a : merged
}

/** The first list itself where it is a subset, so that equal summaries share their memory. */
function common(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a === b) return a
  const other = new Set(b)
  return a.every((value) => other.has(value)) ? a : a.filter((value) => other.has(value))
}

function either(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a === b) return a
  const known = new Set(a)
  if (b.every((value) => known.has(value))) return a
  return sorted([...a, ...b])
}

/**
 * RFC 9420 §13.5: when capabilities are compared a client's own MUST be without GREASE values. Since its own leaf is one of
 * those that are compared, no such value is ever common to all.
 */
function meant(listed: readonly number[]): readonly number[] {
  return sorted(listed.filter((value) => !GREASE.has(value)))
}

function sorted(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b)
}

const GREASE: ReadonlySet<number> = /* @__PURE__ */ new Set(GREASE_VALUES)
