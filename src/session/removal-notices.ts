// A device that was removed while it was away, and cannot follow the commits that did it, asks to be added again, and nobody
// may. Members tell it that it is not in the group any more (spec/repair.md).

import { fromHex, toHex, utf8 } from '../bytes.ts'
import type { Decoder } from '../codec/reader.ts'
import { encode, type Writer } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import type { Draft } from './draft.ts'
import type { DeviceId, EpochNode } from './epoch-tree.ts'
import { deviceRank } from './fork-choice.ts'
import { PayloadKind } from './payload.ts'
import { publishToAll } from './publishing.ts'
import { generationOf, readRequest } from './requests.ts'
import type { Context, PlannedNotice } from './session-state.ts'

/** What a member says of a device that has asked to be added again. */
export interface RemovalNotice {
  /** Who is not in the group where the member stands. */
  readonly device: DeviceId
  /** Of the request that this answers. */
  readonly generation: bigint
  /** Who says so. */
  readonly member: DeviceId
}

interface SignedNotice extends RemovalNotice {
  readonly signature: Uint8Array
}

/** A request came of a device that is not in the group: whether it was, and is to be told. */
export function planNotice(
  context: Context,
  draft: Draft,
  { device, generation, topic }: Pick<PlannedNotice, 'generation' | 'topic'> & { readonly device: DeviceId },
  nowMs: number,
): void {
  const { notices } = draft.watch
  const last = lastEpochOf(draft, device)
  const planned = notices.get(device)
  if (last === undefined || !last.roster.devices.has(context.self)) return
  if ((planned?.generation ?? -1n) >= generation || (planned === undefined && notices.size >= MAX_PLANNED)) return
  const { settleMs, rankStepMs, firstVoters } = context.settings
  const place = placeOf(context, last, device)
  if (place >= firstVoters) return
  const notice = { generation, topic, atMs: nowMs + settleMs + place * rankStepMs, told: new Set<DeviceId>() }
  draft.watch = { ...draft.watch, notices: new Map(notices).set(device, notice) }
}

/** Tells those who are due, unless they are members after all, or enough others have told them. */
export async function sendNotices(context: Context, draft: Draft, nowMs: number): Promise<void> {
  const { notices, open } = draft.watch
  if (notices.size === 0 || draft.here.state.status !== 'active' || open) return
  const left = new Map(notices)
  for (const [device, { generation, topic, atMs, told }] of notices) {
    if (atMs > nowMs) {
      draft.wakeAt(atMs)
      continue
    }
    // What has been answered is remembered, so that it is not answered again when it comes by another topic.
    if (atMs === ANSWERED) continue
    left.set(device, { generation, topic, atMs: ANSWERED, told })
    const last = lastEpochOf(draft, device)
    const isMember = draft.here.roster.devices.has(device)
    if (last === undefined || isMember || told.size > last.roster.devices.size / 2) continue
    if (!draft.rendezvous.has(topic)) continue
    const body = await signNotice(context, { device, generation, member: context.self })
    await publishToAll(context, draft, topic, PayloadKind.removal, body, nowMs)
  }
  draft.watch = { ...draft.watch, notices: left }
}

/** Hears what a member says of a device: of this one, or of another that need not be told by all. */
export async function takeNotice(context: Context, draft: Draft, body: Uint8Array): Promise<void> {
  const notice = decodeNotice(body)
  const { device, generation, member } = notice
  const isAboutSelf = device === context.self
  const isAsked = isAboutSelf && answersRequest(draft, generation)
  const planned = draft.watch.notices.get(device)
  if (!isAsked && planned?.generation !== generation) return
  const known = isAsked ? draft.here : lastEpochOf(draft, device)
  if (member === context.self || known?.roster.devices.has(member) !== true) return
  await verifyNotice(context.wire, context.groupId, notice)
  const { watch } = draft
  if (isAsked) draft.watch = { ...watch, toldRemoved: new Set([...watch.toldRemoved, member]) }
  else if (planned !== undefined) {
    const told = new Set([...planned.told, member])
    draft.watch = { ...watch, notices: new Map(watch.notices).set(device, { ...planned, told }) }
  }
}

/**
 * Believes that it was removed where more than a third of the others say so, of whom no more may be lying, and asking for a
 * second time has not helped.
 */
export function believeNotices({ settings }: Context, draft: Draft): void {
  const { detached, asked, toldRemoved } = draft.watch
  if (!detached || asked < 2 || draft.counters.gone) return
  const others = draft.here.roster.devices.size - 1
  if (toldRemoved.size < Math.min(Math.floor(others / 3) + 1, settings.firstVoters)) return
  draft.counters = { ...draft.counters, gone: true }
  draft.events.push({ type: 'removed' })
}

function answersRequest(draft: Draft, generation: bigint): boolean {
  return [...draft.ledgers.entries.values()].some(({ keyPackage }) => generationOf(keyPackage.leafNode) === generation)
}

/** The last epoch on the way to where this device stands that had a device. */
function lastEpochOf(draft: Draft, device: DeviceId): EpochNode | undefined {
  let node: EpochNode | undefined = draft.here
  while (node !== undefined && !node.roster.devices.has(device)) {
    node = node.parent === undefined ? undefined : draft.tree.get(node.parent)
  }
  return node
}

/** How many of those who were there with a device come before this one. */
function placeOf({ wire, groupId, self }: Context, { roster, height }: EpochNode, device: DeviceId): number {
  const rank = (one: DeviceId): string => deviceRank({ suite: wire, groupId }, height, one)
  const own = rank(self)
  let before = 0
  for (const other of roster.devices) if (other !== device && other !== self && rank(other) < own) before++
  return before
}

export async function signNotice(
  { wire, device: keys, groupId }: Pick<Context, 'wire' | 'device' | 'groupId'>,
  notice: RemovalNotice,
): Promise<Uint8Array> {
  const signature = await wire.signature.sign(keys.privateKey, toBeSigned(groupId, notice))
  return encode((writer) => {
    encodeNotice(writer, notice)
    writer.opaque(signature)
  }, undefined)
}

/** @throws CoterieError `REQUEST_SIGNATURE` (peer) */
export async function verifyNotice(wire: CipherSuite, groupId: Uint8Array, notice: SignedNotice): Promise<void> {
  const publicKey = fromHex(notice.member) ?? new Uint8Array(0)
  try {
    await wire.signature.verify(publicKey, toBeSigned(groupId, notice), notice.signature)
  } catch (cause) {
    fail('REQUEST_SIGNATURE', 'a notice of a removal that its member has not signed', { cause })
  }
}

/** @throws CoterieError `REQUEST_MALFORMED` (peer) */
export function decodeNotice(body: Uint8Array): SignedNotice {
  return readRequest(readNotice, body)
}

function toBeSigned(groupId: Uint8Array, notice: RemovalNotice): Uint8Array {
  return encode((writer) => {
    writer.opaque(LABEL)
    writer.opaque(groupId)
    encodeNotice(writer, notice)
  }, undefined)
}

function encodeNotice(writer: Writer, { device, generation, member }: RemovalNotice): void {
  writer.opaque(fromHex(device) ?? new Uint8Array(0))
  writer.uint64(generation)
  writer.opaque(fromHex(member) ?? new Uint8Array(0))
}

const readNotice: Decoder<SignedNotice> = (reader) => ({
  device: toHex(reader.opaque()),
  generation: reader.uint64(),
  member: toHex(reader.opaque()),
  signature: reader.opaque(),
})

const LABEL = /* @__PURE__ */ utf8('coterie removal 1')
/** For how many devices it is remembered that they asked. */
const MAX_PLANNED = 256
const ANSWERED = Number.NEGATIVE_INFINITY
