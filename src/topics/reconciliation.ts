// Two holders of a topic's key find out which of its frames the other lacks, and give them to each other
// (spec/reconciliation.md), over a direct stream.

import { toHex } from '../bytes.ts'
import type { Decoder } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import { fail } from '../errors.ts'
import { type Advance, advance, answer, begin, MAX_OFFERED, offer } from '../sync/reconcile.ts'
import type { MessageStream } from '../transport/transport.ts'
import { type Frame, MAX_LARGE_FRAME_BYTES, readFrame } from '../wire/frame.ts'
import type { TopicKeys } from '../wire/topic.ts'
import type { FrameArchive } from './frame-archive.ts'
import type { IndexedFrame, TimeWindow } from './frame-index.ts'
import { receiveFrames, sendFrames } from './frame-stream.ts'
import { TimedStream, type TimeLimits } from './timed-stream.ts'
import { decodeMessage, type Prover, proveAnswering, proveAsking } from './topic-proof.ts'

export const RECONCILE_PROTOCOL = 'reconcile'

/** What a reconciliation works with. */
export interface ReconciliationHost extends Prover {
  readonly archive: Pick<FrameArchive, 'window' | 'within' | 'ordered' | 'get' | 'read' | 'expire'>
  /** Whether this client takes in frames of a topic, or only leaves some there. */
  takes(topic: string): boolean
  /** Whether somebody is giving much of a topic just now, so that this peer need not. Default: nobody is. */
  isTaking?(topic: string): boolean
  /** Takes in frames, whose signatures have been verified, in this order. */
  take(topic: string, frames: readonly Frame[], from: string): Promise<void>
  readonly limits?: TimeLimits
}

/** What a reconciliation came to. */
export interface ReconciliationResult {
  readonly topic: string
  readonly sent: number
  readonly received: number
  /** Whether there is more than goes into one conversation. */
  readonly hasMore: boolean
}

/** Asks a peer. @throws CoterieError `SYNC_*`, `FRAME_*` (peer), `TRANSPORT_*` */
export async function reconcile(
  host: ReconciliationHost,
  stream: MessageStream,
  topic: TopicKeys,
): Promise<ReconciliationResult> {
  try {
    const timed = new TimedStream(stream, host.limits)
    await proveAsking(host, timed, RECONCILE_PROTOCOL, topic)
    const own = await termsOf(host, topic.name)
    await timed.send(encode(encodeTerms, own))
    const theirs = decodeMessage(decodeTerms, await timed.receive())
    const window = commonWindow(own, theirs)
    const frames = await host.archive.within(topic.name, window)
    const set = { items: frames, hash: hashOf(host) }
    const { have, need: lacked } = own.takes ? await difference(timed, set) : await lacking(timed, set)
    // What another gives meanwhile would come twice.
    const isLeft = lacked.size >= MANY && host.isTaking?.(topic.name) === true
    const need = isLeft ? new Map<string, Uint8Array>() : lacked
    const toGive = theirs.takes ? have.filter(isKept) : []
    const given = firstOf(await host.archive.ordered(topic.name, toGive))
    await timed.send(encodePlan(given.length, [...need.values()]))
    const wanted = new Set(need.keys())
    const check = ({ id }: Frame): void => {
      if (!wanted.delete(toHex(id))) fail('SYNC_FRAME', 'a frame that was not asked for')
    }
    const [sent, received] = await transfer(host, timed, {
      topic: topic.name,
      window,
      given,
      announced: need.size,
      check,
    })
    await stream.close()
    const isAllGiven = sent === toGive.length
    return {
      topic: topic.name,
      sent,
      received,
      hasMore: isLeft || (sent + received > 0 && !(isAllGiven && wanted.size === 0)),
    }
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
}

/**
 * Answers a peer.
 * @param enter - hears of the topic that a peer has proved itself for; what it throws ends the conversation
 * @throws CoterieError `SYNC_*`, `FRAME_*` (peer), `TRANSPORT_*`
 */
export async function answerReconciliation(
  host: ReconciliationHost,
  stream: MessageStream,
  enter: (topic: string) => void = () => undefined,
): Promise<ReconciliationResult> {
  const timed = new TimedStream(stream, host.limits)
  const { name } = await proveAnswering(host, timed, RECONCILE_PROTOCOL)
  enter(name)
  const own = await termsOf(host, name)
  await timed.send(encode(encodeTerms, own))
  const theirs = decodeMessage(decodeTerms, await timed.receive())
  const window = commonWindow(own, theirs)
  const frames = await host.archive.within(name, window)
  const plan = await answerRounds(timed, { items: frames, hash: hashOf(host) })
  if (plan.gives > 0 && !own.takes) fail('SYNC_LIMIT', 'frames for one who takes none')
  const wanted = frames.filter((frame) => isKept(frame) && plan.wants.has(toHex(frame.id)))
  const given = firstOf(await host.archive.ordered(name, wanted))
  const [sent, received] = await transfer(host, timed, { topic: name, window, given, announced: plan.gives })
  return { topic: name, sent, received, hasMore: false }
}

interface Transfer {
  readonly topic: string
  readonly window: TimeWindow
  readonly given: readonly IndexedFrame[]
  /** How many frames the other side gives at most. */
  readonly announced: number
  /** Throws where a frame is not to be taken. */
  readonly check?: (frame: Frame) => void
}

/** Gives and takes at the same time. What is taken was verified and checked. */
async function transfer(
  host: ReconciliationHost,
  stream: TimedStream,
  { topic, window, given, announced, check }: Transfer,
): Promise<[sent: number, received: number]> {
  const limits = { frames: announced, bytes: MAX_TRANSFER_BYTES + MAX_LARGE_FRAME_BYTES }
  return Promise.all([
    sendFrames(stream, readAll(host, topic, given)),
    receiveFrames(stream, limits, async (batch) => {
      const frames = await Promise.all(batch.map((bytes) => readFrame(host.wire, topic, bytes)))
      for (const frame of frames) {
        const { coarseMinutes } = frame
        if (coarseMinutes < window.from || coarseMinutes >= window.until) {
          fail('SYNC_FRAME', 'a frame outside the time that was agreed on')
        }
        check?.(frame)
      }
      await host.take(topic, frames, stream.peer)
    }),
  ])
}

/** Rounds until the asking side knows what either lacks. */
async function difference(stream: TimedStream, set: FrameSet): Promise<Difference> {
  const have: IndexedFrame[] = []
  const need = new Map<string, Uint8Array>()
  let message: Uint8Array | undefined = begin(set)
  for (let round = 0; message !== undefined; round++) {
    if (round === MAX_ROUNDS) fail('SYNC_LIMIT', `a reconciliation of more than ${MAX_ROUNDS} rounds`)
    const step: Advance<IndexedFrame> = advance(set, await askRound(stream, message))
    have.push(...step.have)
    for (const id of step.need) if (need.size < MAX_WANTED) need.set(toHex(id), id)
    message = step.next
  }
  return { have, need }
}

/** One round: what the other side lacks of the latest frames. */
async function lacking(stream: TimedStream, set: FrameSet): Promise<Difference> {
  const offered = { ...set, items: set.items.slice(-MAX_OFFERED) }
  if (offered.items.length === 0) return { have: [], need: new Map() }
  const { have } = advance(offered, await askRound(stream, offer(offered)))
  return { have, need: new Map() }
}

async function askRound(stream: TimedStream, message: Uint8Array): Promise<Uint8Array> {
  await stream.send(
    encode((writer) => {
      writer.uint8(StepKind.round)
      writer.fixed(message)
    }, undefined),
  )
  return stream.receive()
}

/** Answers rounds until the other side says what it gives and wants. */
async function answerRounds(stream: TimedStream, set: FrameSet): Promise<Plan> {
  for (let round = 0; round <= MAX_ROUNDS; round++) {
    const step = decodeMessage(decodeStep, await stream.receive())
    if ('gives' in step) return step
    await stream.send(answer(set, step.message))
  }
  return fail('SYNC_LIMIT', `a reconciliation of more than ${MAX_ROUNDS} rounds`)
}

async function termsOf({ archive, takes }: ReconciliationHost, topic: string): Promise<Terms> {
  await archive.expire(topic)
  return { ...(await archive.window(topic)), takes: takes(topic) }
}

function commonWindow(one: TimeWindow, other: TimeWindow): TimeWindow {
  return { from: Math.max(one.from, other.from), until: Math.min(one.until, other.until) }
}

/** Of some frames it is only remembered that they came. */
function isKept({ length }: IndexedFrame): boolean {
  return length > 0
}

/**
 * As many as go into one conversation.
 * @param frames - in the order in which they came here: whoever takes them can open each with what the ones before brought
 */
function firstOf(frames: readonly IndexedFrame[]): readonly IndexedFrame[] {
  let bytes = 0
  const end = frames.findIndex(({ length }, i) => {
    bytes += length
    return i === MAX_WANTED || (i > 0 && bytes > MAX_TRANSFER_BYTES)
  })
  return end < 0 ? frames : frames.slice(0, end)
}

async function* readAll(
  { archive }: ReconciliationHost,
  topic: string,
  frames: readonly IndexedFrame[],
): AsyncGenerator<Uint8Array> {
  for (const frame of frames) {
    // It may have gone since.
    const bytes = await archive.read(topic, frame)
    if (bytes !== undefined) yield bytes
  }
}

function hashOf({ wire }: ReconciliationHost): (data: Uint8Array) => Uint8Array {
  return (data) => wire.hash.digest(data)
}

interface FrameSet {
  readonly items: readonly IndexedFrame[]
  readonly hash: (data: Uint8Array) => Uint8Array
}

interface Difference {
  readonly have: readonly IndexedFrame[]
  /** By id in hexadecimal. */
  readonly need: ReadonlyMap<string, Uint8Array>
}

/** What each side says first: which times it reconciles, and whether it takes frames. */
interface Terms extends TimeWindow {
  readonly takes: boolean
}

interface Plan {
  /** How many frames the asking side will send at most. */
  readonly gives: number
  /** Ids in hexadecimal. */
  readonly wants: ReadonlySet<string>
}

const encodeTerms: Encoder<Terms> = (writer, { from, until, takes }) => {
  writer.uint32(from)
  writer.uint32(until)
  writer.uint8(takes ? 1 : 0)
}

const decodeTerms: Decoder<Terms> = (reader) => {
  const [from, until, takes] = [reader.uint32(), reader.uint32(), reader.uint8()]
  if (takes > 1) fail('SYNC_MALFORMED', 'terms of an unknown kind')
  return { from, until, takes: takes === 1 }
}

function encodePlan(gives: number, wants: readonly Uint8Array[]): Uint8Array {
  return encode((writer) => {
    writer.uint8(StepKind.plan)
    writer.uint32(gives)
    for (const id of wants) writer.fixed(id)
  }, undefined)
}

const decodeStep: Decoder<Plan | { readonly message: Uint8Array }> = (reader) => {
  const kind = reader.uint8()
  if (kind === StepKind.round) return { message: reader.rest() }
  if (kind !== StepKind.plan) return fail('SYNC_MALFORMED', `an unknown kind ${kind} of step`)
  const gives = reader.uint32()
  if (gives > MAX_WANTED || reader.remaining > MAX_WANTED * ID_BYTES)
    fail('SYNC_LIMIT', 'more frames than there may be')
  const wants = new Set<string>()
  while (reader.remaining > 0) wants.add(toHex(reader.fixed(ID_BYTES)))
  return { gives, wants }
}

const StepKind = { round: 1, plan: 2 } as const
const ID_BYTES = 32
const MAX_ROUNDS = 128
/** What is not worth waiting for somebody else. */
const MANY = 64
/** Frames in one direction in one conversation. */
const MAX_WANTED = 65_536
/** Bytes in one direction in one conversation, beyond the first frame. */
const MAX_TRANSFER_BYTES = 67_108_864
