// How the archive's frames and what is known of them lie in the store: the frames one by one, what is known of them in pages,
// so that a long history is soon back in memory.

import { type Decoder, decode } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import type { Batch, Store } from '../storage/store.ts'
import type { IndexedFrame } from './frame-index.ts'

/** What changes for a topic in one batch. */
export interface ArrivalChanges {
  readonly topic: string
  readonly added: readonly { readonly entry: IndexedFrame; readonly bytes: Uint8Array }[]
  /** The earliest arrivals, in their order. */
  readonly evicted: readonly IndexedFrame[]
  /** The latest coarse time of what was evicted for want of room, in minutes; -1 for none. */
  readonly evictedUpTo: number
}

/** What is known of a topic's frames. */
export interface KnownArrivals extends Pick<ArrivalChanges, 'evictedUpTo'> {
  /** In the order of arrival. */
  readonly entries: readonly IndexedFrame[]
}

/** Reads what is known of a topic's frames. Puts what has come one by one into pages; to be called while nothing is written. */
export async function loadArrivals(store: Store, topic: string): Promise<KnownArrivals> {
  const stored = await store.get(MARKS, topic)
  const { evictedUpTo, firstPlace } = stored === undefined ? NO_MARK : decode(decodeMark, stored)
  const entries: IndexedFrame[] = []
  const emptyPages: number[] = []
  for await (const [place, page] of store.range(pagesOf(topic))) {
    const kept = decode(decodePage, page).filter((entry) => entry.place >= firstPlace)
    if (kept.length === 0) emptyPages.push(place)
    for (const entry of kept) entries.push(entry)
  }
  const single: IndexedFrame[] = []
  for await (const [, entry] of store.range(arrivalsOf(topic))) single.push(decode(decodeEntry, entry))
  if (single.length >= PAGE_ENTRIES || emptyPages.length > 0) {
    await store.write((batch) => {
      for (const place of emptyPages) batch.deleteAt(pagesOf(topic), place)
      writePages(batch, topic, single)
    })
  }
  for (const entry of single) entries.push(entry)
  return { entries, evictedUpTo }
}

export function writeArrivals(batch: Batch, { topic, added, evicted, evictedUpTo }: ArrivalChanges): void {
  for (const { entry, bytes } of added) {
    if (bytes.length > 0) batch.putAt(framesOf(topic), entry.place, bytes)
    batch.putAt(arrivalsOf(topic), entry.place, encode(encodeEntry, entry))
  }
  for (const { place } of evicted) {
    batch.deleteAt(framesOf(topic), place)
    batch.deleteAt(arrivalsOf(topic), place)
  }
  const last = evicted.at(-1)
  if (last !== undefined) batch.put(MARKS, topic, encode(encodeMark, { evictedUpTo, firstPlace: last.place + 1 }))
}

/** Removes everything of a topic. */
export function clearArrivals(batch: Batch, topic: string): void {
  for (const bucket of [framesOf(topic), arrivalsOf(topic), pagesOf(topic)]) batch.clear(bucket)
  batch.delete(MARKS, topic)
}

/** The bytes of the frame at a place. */
export function readArrival(store: Store, topic: string, place: number): Promise<Uint8Array | undefined> {
  return store.getAt(framesOf(topic), place)
}

/** Only full pages: what is left stays as it is. */
function writePages(batch: Batch, topic: string, entries: readonly IndexedFrame[]): void {
  for (let at = 0; at + PAGE_ENTRIES <= entries.length; at += PAGE_ENTRIES) {
    const page = entries.slice(at, at + PAGE_ENTRIES)
    const [first] = page
    if (first === undefined) return
    batch.putAt(pagesOf(topic), first.place, encode(encodePage, page))
    for (const { place } of page) batch.deleteAt(arrivalsOf(topic), place)
  }
}

const encodeEntry: Encoder<IndexedFrame> = (writer, { id, timestamp, length, arrivedAtMs, place }) => {
  writer.fixed(id)
  writer.uint32(timestamp)
  writer.uint32(length)
  writer.uint64(BigInt(arrivedAtMs))
  writer.uint64(BigInt(place))
}

const decodeEntry: Decoder<IndexedFrame> = (reader) => ({
  id: reader.fixed(FRAME_ID_BYTES),
  timestamp: reader.uint32(),
  length: reader.uint32(),
  arrivedAtMs: Number(reader.uint64()),
  place: Number(reader.uint64()),
})

const encodePage: Encoder<readonly IndexedFrame[]> = (writer, entries) => {
  for (const entry of entries) encodeEntry(writer, entry)
}

const decodePage: Decoder<IndexedFrame[]> = (reader) => {
  const entries: IndexedFrame[] = []
  while (reader.remaining > 0) entries.push(decodeEntry(reader))
  return entries
}

/** What outlives evicted frames. */
interface Mark {
  readonly evictedUpTo: number
  /** Whatever a page has of earlier places is gone. */
  readonly firstPlace: number
}

const encodeMark: Encoder<Mark> = (writer, { evictedUpTo, firstPlace }) => {
  writer.uint32(evictedUpTo + 1)
  writer.uint64(BigInt(firstPlace))
}

const decodeMark: Decoder<Mark> = (reader) => ({
  evictedUpTo: reader.uint32() - 1,
  firstPlace: Number(reader.uint64()),
})

function framesOf(topic: string): string {
  return `archive/${topic}`
}

function arrivalsOf(topic: string): string {
  return `arrivals/${topic}`
}

function pagesOf(topic: string): string {
  return `arrival-pages/${topic}`
}

/** Named by topic. */
const MARKS = 'archive-marks'
const NO_MARK: Mark = { evictedUpTo: -1, firstPlace: 0 }
const FRAME_ID_BYTES = 32
const PAGE_ENTRIES = 1_024
