// Fetching one frame by its id over a direct stream, for frames too large for their topic (spec/reconciliation.md).

import { equalBytes, toHex } from '../bytes.ts'
import { encode } from '../codec/writer.ts'
import { fail } from '../errors.ts'
import type { MessageStream } from '../transport/transport.ts'
import { type Frame, MAX_LARGE_FRAME_BYTES, readFrame } from '../wire/frame.ts'
import type { TopicKeys } from '../wire/topic.ts'
import type { FrameArchive } from './frame-archive.ts'
import { receivePieces, sendPieces } from './frame-stream.ts'
import { TimedStream, type TimeLimits } from './timed-stream.ts'
import { decodeMessage, type Prover, proveAnswering, proveAsking } from './topic-proof.ts'

export const FETCH_PROTOCOL = 'frame'

/** Which frame. */
export interface FramePointer {
  /** The name of its topic. */
  readonly topic: string
  /** SHA-256 of the frame, 32 bytes. */
  readonly id: Uint8Array
  /** In bytes. */
  readonly length: number
}

/** What fetching works with. */
export interface FetchHost extends Prover {
  readonly archive: Pick<FrameArchive, 'get'>
  readonly limits?: TimeLimits
}

/**
 * Asks a peer for a frame. It has the wanted hash and length, and the topic's signature, when this resolves.
 * @returns undefined where the peer does not have it
 * @throws CoterieError `SYNC_*`, `FRAME_*` (peer), `TRANSPORT_*`
 */
export async function fetchFrame(
  host: FetchHost,
  stream: MessageStream,
  topic: TopicKeys,
  { id, length }: FramePointer,
): Promise<Frame | undefined> {
  try {
    const timed = new TimedStream(stream, host.limits)
    await proveAsking(host, timed, FETCH_PROTOCOL, topic)
    await timed.send(id)
    const announced = decodeMessage((reader) => reader.uint32(), await timed.receive())
    if (announced !== 0 && announced !== length)
      fail('SYNC_FRAME', `a frame of ${announced} bytes instead of ${length}`)
    const bytes = announced === 0 ? undefined : await receivePieces(timed, length)
    await stream.close()
    if (bytes === undefined) return undefined
    if (!equalBytes(host.wire.hash.digest(bytes), id)) fail('SYNC_FRAME', 'a frame that is not the one asked for')
    return await readFrame(host.wire, topic.name, bytes)
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
}

/**
 * Answers a peer.
 * @param enter - hears of the topic that a peer has proved itself for; what it throws ends the conversation
 * @throws CoterieError `SYNC_*` (peer), `TRANSPORT_*`
 */
export async function answerFetch(
  host: FetchHost,
  stream: MessageStream,
  enter: (topic: string) => void = () => undefined,
): Promise<void> {
  const timed = new TimedStream(stream, host.limits)
  const { name } = await proveAnswering(host, timed, FETCH_PROTOCOL)
  enter(name)
  const id = decodeMessage((reader) => reader.fixed(FRAME_ID_BYTES), await timed.receive())
  const bytes = await host.archive.get(name, toHex(id))
  await timed.send(encode((writer) => writer.uint32(bytes?.length ?? 0), undefined))
  if (bytes !== undefined) await sendPieces(timed, bytes)
}

/** Whether a pointer can be meant: what it points to exists only because it is large. */
export function isSensible({ id, length }: FramePointer): boolean {
  return id.length === FRAME_ID_BYTES && length > 0 && length <= MAX_LARGE_FRAME_BYTES
}

const FRAME_ID_BYTES = 32
