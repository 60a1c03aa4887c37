// Frames on a direct stream, many small ones in one message and large ones in pieces (spec/reconciliation.md).

import { Writer } from '../codec/writer.ts'
import { fail } from '../errors.ts'
import { MAX_FRAME_BYTES, MAX_LARGE_FRAME_BYTES } from '../wire/frame.ts'
import type { TimedStream } from './timed-stream.ts'
import { decodeMessage } from './topic-proof.ts'

/** How much may come before it is too much. */
export interface FrameLimits {
  readonly frames: number
  readonly bytes: number
}

/** Sends frames as they come, and that there are no more. @returns how many */
export async function sendFrames(stream: TimedStream, frames: AsyncIterable<Uint8Array>): Promise<number> {
  let sent = 0
  let batch: Uint8Array[] = []
  let batchBytes = 0
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await stream.send(encodeBatch(batch))
    sent += batch.length
    batch = []
    batchBytes = 0
  }
  for await (const frame of frames) {
    const isLarge = frame.length > MAX_FRAME_BYTES
    if (isLarge || batch.length === BATCH_FRAMES || batchBytes + frame.length > BATCH_BYTES) await flush()
    if (isLarge) {
      await sendLarge(stream, frame)
      sent++
    } else {
      batch.push(frame)
      batchBytes += frame.length
    }
  }
  await flush()
  await stream.send(Uint8Array.of(MessageKind.end))
  return sent
}

/**
 * Takes frames until the other side has no more.
 * @param take - gets them in batches; the next comes when it has resolved
 * @returns how many
 * @throws CoterieError `SYNC_LIMIT`, `SYNC_MALFORMED` (peer), and what `take` throws
 */
export async function receiveFrames(
  stream: TimedStream,
  limits: FrameLimits,
  take: (frames: readonly Uint8Array[]) => Promise<void>,
): Promise<number> {
  let [count, bytes] = [0, 0]
  for (let batch = await receiveBatch(stream); batch !== undefined; batch = await receiveBatch(stream)) {
    count += batch.length
    for (const { length } of batch) bytes += length
    if (count > limits.frames || bytes > limits.bytes) fail('SYNC_LIMIT', 'more frames than were announced')
    await take(batch)
  }
  return count
}

/** Sends something long in pieces. */
export async function sendPieces(stream: TimedStream, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) await stream.send(bytes.subarray(at, at + PIECE_BYTES))
}

/** Puts pieces together. @throws CoterieError `SYNC_MALFORMED` (peer): a piece that is empty or too long */
export async function receivePieces(stream: TimedStream, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; ) {
    const piece = await stream.receive()
    if (piece.length === 0 || at + piece.length > length) fail('SYNC_MALFORMED', 'a piece of a frame that does not fit')
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

async function sendLarge(stream: TimedStream, frame: Uint8Array): Promise<void> {
  const header = new Writer(8)
  header.uint8(MessageKind.large)
  header.uint32(frame.length)
  await stream.send(header.finish())
  await sendPieces(stream, frame)
}

function encodeBatch(frames: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer(BATCH_BYTES)
  writer.uint8(MessageKind.batch)
  for (const frame of frames) writer.opaque(frame)
  return writer.finish()
}

/** Undefined at the end. */
async function receiveBatch(stream: TimedStream): Promise<readonly Uint8Array[] | undefined> {
  const content = decodeMessage(
    (reader) => {
      const kind = reader.uint8()
      if (kind === MessageKind.end) return undefined
      if (kind === MessageKind.large) return reader.uint32()
      if (kind !== MessageKind.batch) return fail('SYNC_MALFORMED', `an unknown kind ${kind} of message among frames`)
      const frames: Uint8Array[] = []
      while (reader.remaining > 0 && frames.length <= BATCH_FRAMES) frames.push(reader.opaque())
      if (frames.length === 0 || frames.length > BATCH_FRAMES)
        fail('SYNC_MALFORMED', `a batch of ${frames.length} frames`)
      return frames
    },
    await stream.receive(),
  )
  if (typeof content !== 'number') return content
  if (content > MAX_LARGE_FRAME_BYTES) fail('SYNC_LIMIT', `a frame of ${content} bytes`)
  return [await receivePieces(stream, content)]
}

const MessageKind = { end: 0, batch: 1, large: 2 } as const
const BATCH_FRAMES = 64
const BATCH_BYTES = 1_048_576
const PIECE_BYTES = 1_048_576
