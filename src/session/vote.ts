// Votes: a device says where it stands (spec/ordering.md). Under the control key of the group's topic, so that those on
// other branches read it, and signed with the device's own key.

import { fromHex, toHex, utf8 } from '../bytes.ts'
import { type Decoder, decode, type Reader } from '../codec/reader.ts'
import { encode, type Writer } from '../codec/writer.ts'
import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError, fail } from '../errors.ts'
import type { DeviceId, EpochTree } from './epoch-tree.ts'
import { laterOf, MAX_PATH, type PathEntry, type Statement } from './statement.ts'

type VoteContent = Pick<Statement, 'device' | 'number' | 'path' | 'stuck'>

export async function signVote(
  wire: CipherSuite,
  device: KeyPair,
  groupId: Uint8Array,
  content: Omit<VoteContent, 'device'>,
): Promise<Uint8Array> {
  const vote = { ...content, device: toHex(device.publicKey) }
  const signature = await wire.signature.sign(device.privateKey, toBeSigned(groupId, vote))
  return encode((writer) => {
    encodeContent(writer, vote)
    writer.opaque(signature)
  }, undefined)
}

/**
 * Reads a vote and verifies that it comes from a member of some epoch of its path that this device knows. Not of the deepest:
 * who was removed may say that it stands there, and those who know that epoch have to hear it like those who do not yet.
 * @param known - what was known before
 * @returns undefined where it says nothing new, or where no epoch of the path is known, or the device is no member there
 * @throws CoterieError `VOTE_MALFORMED`, `VOTE_SIGNATURE` (peer)
 */
export async function readVote(
  wire: CipherSuite,
  groupId: Uint8Array,
  tree: EpochTree,
  known: KnownStatements,
  body: Uint8Array,
): Promise<Statement | undefined> {
  const { signature, ...content } = parse(body)
  const statement = { ...content, conflict: false }
  // The same is said on several topics.
  const latest = known.latestOf(content.device)
  if (latest !== undefined && laterOf(latest, statement) === latest) return undefined
  const found = content.path.map(({ id }) => tree.get(id)).filter((node) => node !== undefined)
  // A device whose whole tree lost hears of a way that it knows nothing of: those it knows to be members can tell it.
  const isMember =
    found.length === 0 ? known.isMember(content.device) : found.some(({ roster }) => roster.devices.has(content.device))
  if (!isMember) return undefined
  const publicKey = fromHex(content.device) ?? new Uint8Array(0)
  try {
    await wire.signature.verify(publicKey, toBeSigned(groupId, content), signature)
  } catch (cause) {
    return fail('VOTE_SIGNATURE', 'a vote that its device has not signed', { cause })
  }
  return statement
}

/** Whose vote it is, as it says itself. @throws CoterieError `VOTE_MALFORMED` (peer) */
export function deviceOf(body: Uint8Array): DeviceId {
  return parse(body).device
}

interface KnownStatements {
  /** Whether a device is a member where this one stands. */
  isMember(device: string): boolean
  latestOf(device: string): Statement | undefined
}

export function encodePath(writer: Writer, path: readonly PathEntry[]): void {
  writer.vector(path, (inner, { id, height, committer, removed }) => {
    inner.opaque(fromHex(id) ?? new Uint8Array(0))
    inner.uint64(height)
    inner.optional(committer, (deepest, leaf) => deepest.uint32(leaf))
    inner.vector(removed, (deepest, leaf) => deepest.uint32(leaf))
  })
}

export function decodePath(reader: Reader): PathEntry[] {
  return reader.vector((inner) => ({
    id: toHex(inner.opaque()),
    height: inner.uint64(),
    committer: inner.optional((deepest) => deepest.uint32()),
    removed: inner.vector((deepest) => deepest.uint32()),
  }))
}

function parse(body: Uint8Array): VoteContent & { readonly signature: Uint8Array } {
  try {
    const vote = decode(decodeVote, body)
    const { path } = vote
    const descends = path.every(({ height }, at) => at === 0 || height < (path[at - 1]?.height ?? 0n))
    if (path.length === 0 || path.length > MAX_PATH || !descends) fail('VOTE_MALFORMED', 'a vote without a proper path')
    return vote
  } catch (cause) {
    if (!CoterieError.is(cause) || cause.code === 'VOTE_MALFORMED') throw cause
    return fail('VOTE_MALFORMED', 'a vote that cannot be read', { cause })
  }
}

function toBeSigned(groupId: Uint8Array, content: VoteContent): Uint8Array {
  return encode((writer) => {
    writer.opaque(LABEL)
    writer.opaque(groupId)
    encodeContent(writer, content)
  }, undefined)
}

function encodeContent(writer: Writer, { device, number, stuck, path }: VoteContent): void {
  writer.opaque(fromHex(device) ?? new Uint8Array(0))
  writer.uint64(number)
  writer.uint8(stuck ? 1 : 0)
  encodePath(writer, path)
}

const decodeVote: Decoder<VoteContent & { readonly signature: Uint8Array }> = (reader) => {
  const device = toHex(reader.opaque())
  const number = reader.uint64()
  const stuck = reader.uint8()
  if (stuck > 1) fail('VOTE_MALFORMED', 'a vote that is neither stuck nor not')
  return { device, number, stuck: stuck === 1, path: decodePath(reader), signature: reader.opaque() }
}

const LABEL = /* @__PURE__ */ utf8('coterie vote 1')
