// What a Welcome tells of the epochs before the one that it leads to: whoever joins, or comes back, can then weigh branches
// that split off before it came (spec/ordering.md).

import { fromHex, toHex } from '../bytes.ts'
import { type Decoder, decode } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError, fail } from '../errors.ts'
import { type Extension, findExtension } from '../messages/extension.ts'
import type { DeviceId, EpochNode, EpochTree, NodeId } from './epoch-tree.ts'
import { rosterWith } from './roster.ts'

/** The extension's type in a group info, from the range for private use (RFC 9420 §17.3). */
const PAST_EXTENSION = 0xf0c4

/** How an epoch came from the one before it. */
export interface PastStep {
  /** The epoch before it. */
  readonly parent: NodeId
  /** See `EpochOutline`. */
  readonly committer: number | undefined
  readonly removed: readonly number[]
  /** Devices that the epoch before it did not have. */
  readonly joined: readonly DeviceId[]
  /** Devices that the epoch before it had, and it has not. */
  readonly left: readonly DeviceId[]
}

/** The steps back from an epoch that `parent` leads to. @param newest - how that epoch comes about */
export function pastOf(tree: EpochTree, parent: EpochNode, newest: Omit<PastStep, 'parent'>): PastStep[] {
  const steps: PastStep[] = [{ ...newest, parent: parent.id }]
  let node = parent
  while (steps.length < MOST_PAST_STEPS) {
    const before = node.parent === undefined ? undefined : tree.get(node.parent)
    if (before === undefined) break
    steps.push({
      parent: before.id,
      committer: node.committer,
      removed: node.removed,
      joined: without(node.roster.devices, before.roster.devices),
      left: without(before.roster.devices, node.roster.devices),
    })
    node = before
  }
  return steps
}

/** For a group info, which its maker signs and only newcomers can read. */
export function pastExtension(steps: readonly PastStep[]): Extension {
  return { extensionType: PAST_EXTENSION, data: encode((writer) => writer.vector(steps, encodeStep), undefined) }
}

/**
 * The steps that a group info tells, back from the epoch that it is of; none where it tells none.
 * @throws CoterieError `JOIN_PAST_MALFORMED` (peer)
 */
export function readPast(extensions: readonly Extension[]): readonly PastStep[] {
  const data = findExtension(extensions, PAST_EXTENSION)
  if (data === undefined) return []
  try {
    const steps = decode((reader) => reader.vector(decodeStep), data)
    if (steps.length <= MOST_PAST_STEPS) return steps
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
  }
  return fail('JOIN_PAST_MALFORMED', 'what a Welcome tells of the epochs before cannot be read')
}

/** The epoch that a Welcome led to, the first, and those before it, which have no keys. */
export function withPast<N extends EpochNode>(
  wire: CipherSuite,
  node: N,
  steps: readonly PastStep[],
): [N, ...EpochNode[]] {
  const outlines: EpochNode[] = []
  const ids = new Set([node.id])
  let { roster, height } = node
  for (const [i, { parent, joined, left }] of steps.entries()) {
    // No epoch comes twice, and none before the first.
    if (height === 0n || ids.has(parent)) break
    ids.add(parent)
    height--
    if (joined.length + left.length > 0) {
      const gone = new Set(joined)
      roster = rosterWith(wire, new Set([...[...roster.devices].filter((device) => !gone.has(device)), ...left]))
    }
    outlines.push({ ...CLOSED, id: parent, height, roster, topic: node.topic, ...madeBy(steps[i + 1]) })
  }
  const [newest] = steps
  // Whoever made the Welcome made the epoch.
  return [outlines.length === 0 ? node : { ...node, ...madeBy(newest) }, ...cutAtTheEnd(outlines)]
}

function madeBy(step: PastStep | undefined): Pick<EpochNode, 'parent' | 'committer' | 'removed'> {
  return { parent: step?.parent, committer: step?.committer, removed: step?.removed ?? [] }
}

/** The last one has no parent that is known. */
function cutAtTheEnd(outlines: readonly EpochNode[]): EpochNode[] {
  return outlines.map((node, i) => (i === outlines.length - 1 ? { ...node, parent: undefined } : node))
}

/** The last epoch on a way, told from its end, that is in a tree. */
export function meetingOf(tree: EpochTree, way: Iterable<NodeId>): EpochNode | undefined {
  for (const id of way) {
    const known = tree.get(id)
    if (known !== undefined) return known
  }
  return undefined
}

/**
 * Who was in epochs that this device knows by what it is told alone: besides those whom it is told of, all whom it last knew to be
 * members. One member vouches for what is told, and could otherwise leave out those who would outweigh it.
 */
export function withMembersOf<N extends EpochNode>(
  wire: CipherSuite,
  known: EpochTree,
  [node, ...told]: readonly [N, ...EpochNode[]],
  last: EpochNode,
): [N, ...EpochNode[]] {
  const { devices } = (meetingOf(known, [node.id, ...told.map(({ id }) => id)]) ?? last).roster
  const widened = told.map((outline) =>
    known.get(outline.id) === undefined
      ? { ...outline, roster: rosterWith(wire, new Set([...outline.roster.devices, ...devices])) }
      : outline,
  )
  return [node, ...widened]
}

/**
 * What is known of the epochs around one: its own past as it is told, and what this device knew before, wherever the two
 * meet. What this device has seen itself counts, whatever it is told.
 */
export function joinPasts(known: EpochTree, [node, ...told]: readonly [EpochNode, ...EpochNode[]]): EpochNode[] {
  const all = new Map<NodeId, EpochNode>([[node.id, node]])
  for (const outline of told) all.set(outline.id, outline)
  for (const old of known.nodes()) if (old.id !== node.id) all.set(old.id, { ...old, state: undefined })
  let root: EpochNode = node
  while (root.parent !== undefined) {
    const before = all.get(root.parent)
    if (before === undefined || before.height >= root.height) break
    root = before
  }
  const below = new Map<NodeId, EpochNode[]>()
  for (const one of all.values()) {
    if (one.parent !== undefined) below.set(one.parent, [...(below.get(one.parent) ?? []), one])
  }
  const found: EpochNode[] = []
  const waiting = [root]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    found.push(next)
    waiting.push(...(below.get(next.id) ?? []).filter(({ height }) => height > next.height))
  }
  return found
}

function without(devices: ReadonlySet<DeviceId>, others: ReadonlySet<DeviceId>): DeviceId[] {
  return [...devices].filter((device) => !others.has(device))
}

const encodeStep: Encoder<PastStep> = (writer, { parent, committer, removed, joined, left }) => {
  const name: Encoder<string> = (inner, hex) => inner.opaque(fromHex(hex) ?? new Uint8Array(0))
  name(writer, parent)
  writer.optional(committer, (inner, leaf) => inner.uint32(leaf))
  writer.vector(removed, (inner, leaf) => inner.uint32(leaf))
  writer.vector(joined, name)
  writer.vector(left, name)
}

const decodeStep: Decoder<PastStep> = (reader) => ({
  parent: toHex(reader.opaque()),
  committer: reader.optional((inner) => inner.uint32()),
  removed: reader.vector((inner) => inner.uint32()),
  joined: reader.vector((inner) => toHex(inner.opaque())),
  left: reader.vector((inner) => toHex(inner.opaque())),
})

/** An epoch of which only the outline is known. */
const CLOSED = { device: undefined, readded: [], state: undefined, broken: false } as const
/** How many epochs a Welcome tells of: about 45 bytes for each. */
export const MOST_PAST_STEPS = 128
