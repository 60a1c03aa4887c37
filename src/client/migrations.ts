// What brings stores of older layouts to the one that this version uses. A migration never changes once it was released.

import { toHex } from '../bytes.ts'
import { type Decoder, decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { restoreKeyPackage } from '../group/key-package-record.ts'
import { restoreState } from '../group/restore.ts'
import type { GroupState } from '../group/state.ts'
import { certifyDevice } from '../identity/device-credential.ts'
import { readGroupProfile } from '../session/group-profile.ts'
import { GroupSession } from '../session/group-session.ts'
import { decodeStoredMessage, type StoredMessage } from '../session/message-record.ts'
import { encodeReceived } from '../session/peers.ts'
import { type Ranges, withRange } from '../session/ranges.ts'
import { countersChange, decodeCounters, type SessionCounters } from '../session/session-records.ts'
import type { Migration } from '../storage/level/level-store.ts'
import type { BatchPart, Store } from '../storage/store.ts'
import { FrameArchive } from '../topics/frame-archive.ts'
import { parseFrame } from '../wire/frame.ts'
import { inboxChannel } from '../wire/inbox.ts'
import { rendezvousFrom } from '../wire/topic.ts'
import { MessageLog, messageLogOf } from './message-log.ts'
import { leafOptions, storedSecrets } from './own-identity.ts'

/** What migrations compute with. */
export interface MigrationContext {
  readonly suite: CipherSuite
  readonly wire: CipherSuite
  readonly clock: () => number
}

/** From each layout to the next, the first from layout 1 to layout 2. */
export function migrations(context: MigrationContext): readonly Migration[] {
  return [(store) => toLayout2(store, context)]
}

/**
 * Layout 2 keeps several key packages, messages whose content is a body, indexes of messages, and frames in the order of
 * their arrival.
 */
async function toLayout2(store: Store, context: MigrationContext): Promise<BatchPart> {
  const groupIds: string[] = []
  for await (const [id] of store.entries('groups')) groupIds.push(id)
  const parts = [await moveKeyPackage(store, context)]
  for (const topic of await topicsIn(store, groupIds, context)) parts.push(await moveFrames(store, topic, context))
  for (const id of groupIds) {
    const messages = await rewriteMessages(store, id)
    parts.push(messages.part, await beginAgain(store, id, messages.all, context))
  }
  return (batch) => {
    for (const part of parts) part(batch)
  }
}

async function moveKeyPackage(store: Store, { suite }: MigrationContext): Promise<BatchPart> {
  const record = await store.get('identity', 'key-package')
  return (batch) => {
    if (record === undefined) return
    batch.put('key-packages', toHex(restoreKeyPackage(suite, record).reference), record)
    batch.delete('identity', 'key-package')
  }
}

async function rewriteMessages(store: Store, groupId: string): Promise<{ part: BatchPart; all: StoredMessage[] }> {
  const bucket = messageLogOf(groupId)
  const rewritten: (readonly [number, Uint8Array])[] = []
  const messages: StoredMessage[] = []
  for await (const [place, value] of store.range(bucket)) {
    const bytes = withBody(value)
    rewritten.push([place, bytes])
    messages.push(decodeStoredMessage(place, bytes))
  }
  const indexes = await new MessageLog(store, groupId).indexesFor(messages)
  const part: BatchPart = (batch) => {
    for (const [place, bytes] of rewritten) batch.putAt(bucket, place, bytes)
    indexes(batch)
  }
  return { part, all: messages }
}

/** A stored message of layout 1, whose content ends with its kind, which is 1, and a text. */
function withBody(stored: Uint8Array): Uint8Array {
  const { id, content, rest } = decode(
    (reader) => ({ id: reader.opaque(), content: decode(decodeContent1, reader.opaque()), rest: reader.rest() }),
    stored,
  )
  return encode((writer) => {
    writer.opaque(id)
    writer.opaque(
      encode((inner) => {
        inner.fixed(content.head)
        inner.opaque(
          encode((body) => {
            body.uint8(TEXT)
            body.opaque(content.text)
            // It answers no other message.
            body.uint8(0)
          }, undefined),
        )
      }, undefined),
    )
    writer.fixed(rest)
  }, undefined)
}

/** What comes before the text: version, number, id of the message before, logical clock and time. */
const decodeContent1: Decoder<{ head: Uint8Array; text: Uint8Array }> = (reader) => {
  const [version, seq, previous, lamport, sentAt] = [
    reader.uint8(),
    reader.uint64(),
    reader.opaque(),
    reader.uint64(),
    reader.uint64(),
  ]
  reader.uint8()
  const text = reader.opaque()
  const head = encode((writer) => {
    writer.uint8(version)
    writer.uint64(seq)
    writer.opaque(previous)
    writer.uint64(lamport)
    writer.uint64(sentAt)
  }, undefined)
  return { head, text }
}

/**
 * The group's session begins again in the epoch where it was, with what it has counted. Earlier epochs are left behind with
 * their keys, and so is what was on its way between them.
 */
async function beginAgain(
  store: Store,
  groupId: string,
  messages: readonly StoredMessage[],
  { suite, wire, clock }: MigrationContext,
): Promise<BatchPart> {
  const secrets = await storedSecrets(suite, wire, store)
  const { states, heights, counters } = await readGroup(store, groupId, suite)
  const [last] = [...states.entries()].sort(([a], [b]) => Number((heights.get(b) ?? 0n) - (heights.get(a) ?? 0n)))
  if (secrets === undefined || last === undefined || counters === undefined) {
    return fail('STORE_CORRUPT', 'a group of which not everything is there')
  }
  const credential = await certifyDevice(wire.signature, secrets.identityKeys, secrets.name, secrets.device.publicKey)
  const context = {
    wire,
    suite,
    device: secrets.device,
    leaf: leafOptions(secrets.device, credential),
    inbox: { seed: secrets.inboxSeed, publicKey: secrets.inboxKeys.publicKey },
  }
  const { effects } = await GroupSession.begin(context, last[1], clock())
  const records = new Map<string, Uint8Array>()
  for (const change of effects.writes) if (change.op === 'put') records.set(change.name, change.value)
  const begun = records.get('counters')
  if (begun === undefined) return fail('INTERNAL_INVARIANT', 'a session that counts nothing')
  const counted = countersChange({ ...decodeCounters(begun), ...decode(decodeCounters1, counters) })
  if (counted.op === 'put') records.set(counted.name, counted.value)
  for (const [device, ranges] of receivedOf(messages, toHex(secrets.device.publicKey))) {
    records.set(`received/${device}`, encodeReceived(ranges))
  }
  return (batch) => {
    batch.clear(`group/${groupId}`)
    for (const [name, value] of records) batch.put(`group/${groupId}`, name, value)
  }
}

/** Which messages of whom are there. */
function receivedOf(messages: readonly StoredMessage[], self: string): Map<string, Ranges> {
  const received = new Map<string, Ranges>()
  for (const { deviceKey, content } of messages) {
    const device = toHex(deviceKey)
    if (device !== self) received.set(device, withRange(received.get(device) ?? [], content.seq, content.seq))
  }
  return received
}

/** What layout 1 counted, and where each device stood, which is heard again. */
const decodeCounters1: Decoder<
  Pick<SessionCounters, 'nextSeq' | 'lastMessage' | 'lamport' | 'statement' | 'nextPlace'>
> = (reader) => {
  const counters = {
    nextSeq: reader.uint64(),
    lastMessage: reader.opaque(),
    lamport: reader.uint64(),
    statement: reader.uint64(),
    nextPlace: Number(reader.uint64()),
  }
  reader.rest()
  return counters
}

/** The topics of which the store may have frames: the inbox, where something was left for others, and the groups'. */
async function topicsIn(store: Store, groupIds: readonly string[], context: MigrationContext): Promise<Set<string>> {
  const { suite, wire } = context
  const topics = new Set<string>()
  const secrets = await storedSecrets(suite, wire, store)
  if (secrets !== undefined) {
    const { topic } = await inboxChannel(wire, { seed: secrets.inboxSeed, publicKey: secrets.inboxKeys.publicKey })
    topics.add(topic.name)
  }
  for await (const [topic] of store.entries('topics')) topics.add(topic)
  for (const id of groupIds) for (const topic of await groupTopics(store, id, context)) topics.add(topic)
  return topics
}

async function groupTopics(store: Store, groupId: string, { suite, wire }: MigrationContext): Promise<string[]> {
  const { states } = await readGroup(store, groupId, suite)
  const topics = [...states.values()].map(async ({ groupContext }) => {
    const { rendezvousSecret } = readGroupProfile(groupContext.extensions)
    return (await rendezvousFrom(wire, rendezvousSecret)).topic.name
  })
  return Promise.all(topics)
}

/** A group's epochs in layout 1, with their numbers. */
async function readGroup(
  store: Store,
  groupId: string,
  suite: CipherSuite,
): Promise<{
  states: ReadonlyMap<string, GroupState>
  heights: ReadonlyMap<string, bigint>
  counters: Uint8Array | undefined
}> {
  const shared: [string, Uint8Array][] = []
  const records = new Map<string, Map<string, Uint8Array>>()
  const heights = new Map<string, bigint>()
  let counters: Uint8Array | undefined
  for await (const [name, value] of store.entries(`group/${groupId}`)) {
    const [kind, node = '', ...rest] = name.split('/')
    if (kind === 'counters') counters = value
    if (kind === 'tree') shared.push([name, value])
    if (kind === 'node') heights.set(node, decode(decodeHeight1, value))
    if (kind === 'state') records.set(node, (records.get(node) ?? new Map()).set(rest.join('/'), value))
  }
  const states = [...records].map(([node, own]) => [node, restoreState(suite, new Map([...own, ...shared]))] as const)
  return { states: new Map(states), heights, counters }
}

/** Behind the parent, the committer and the rank. */
const decodeHeight1: Decoder<bigint> = (reader) => {
  reader.optional((inner) => inner.opaque())
  reader.optional((inner) => inner.opaque())
  reader.opaque()
  return reader.uint64()
}

/** Frames were named by their ids. They are in the archive before the old ones go; what is there already stays. */
async function moveFrames(store: Store, topic: string, { wire, clock }: MigrationContext): Promise<BatchPart> {
  const names: string[] = []
  const frames: ReturnType<typeof parseFrame>[] = []
  for await (const [name, bytes] of store.entries(`frames/${topic}`)) {
    names.push(name)
    frames.push(parseFrame(wire, topic, bytes))
  }
  await new FrameArchive(store, clock).write(frames)
  return (batch) => {
    for (const name of names) batch.delete(`frames/${topic}`, name)
  }
}

const TEXT = 1
