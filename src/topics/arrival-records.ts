// How the archive's frames and what is known of them lie in the store: the frames one by one, what is known of them in pages,
// so that a long history is soon back in memory.

import { EMPTY } from '../bytes.ts'
import { type Decoder, decode } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import type { Batch, Store } from '../storage/store.ts'
import { type IndexedFrame, type Mark, NOTHING_EVICTED } from './frame-index.ts'

/** What changes for a topic in one batch. */
export interface ArrivalChanges {
  readonly topic: string
  readonly added: readonly { readonly entry: IndexedFrame; readonly bytes: Uint8Array }[]
  readonly evicted: readonly IndexedFrame[]
  readonly mark: Mark
  /** What is known of earlier places is in pages, which are not written anew for each frame that goes. */
  readonly pagedBelow: number
}

/** What is known of a topic's frames. */
export interface KnownArrivals extends Pick<ArrivalChanges, 'mark' | 'pagedBelow'> {
  /** In the order of arrival. */
  readonly entries: readonly IndexedFrame[]
}

/** Reads what is known of a topic's frames. Puts what has come one by one into pages; to be called while nothing is written. */
export async function loadArrivals(store: Store, topic: string): Promise<KnownArrivals> {
  const stored = await store.get(MARKS, topic)
  const mark = stored === undefined ? NOTHING_EVICTED : decode(decodeMark, stored)
  const gaps = new Set<number>()
  for await (const [place] of store.range(gapsOf(topic))) gaps.add(place)
  const entries: IndexedFrame[] = []
  const pages: (readonly [place: number, left: readonly IndexedFrame[]])[] = []
  for await (const [at, page] of store.range(pagesOf(topic))) {
    const all = decode(decodePage, page)
    const left = all.filter(({ place }) => place >= mark.firstPlace && !gaps.has(place))
    if (left.length === 0 || all.some(({ place }) => gaps.has(place))) pages.push([at, left])
    for (const entry of left) entries.push(entry)
  }
  const single: IndexedFrame[] = []
  for await (const [, entry] of store.range(arrivalsOf(topic))) single.push(decode(decodeEntry, entry))
  const full = single.slice(0, single.length - (single.length % PAGE_ENTRIES))
  const pagedBelow = ((full.at(-1) ?? entries.at(-1))?.place ?? -1) + 1
  if (full.length + pages.length + gaps.size > 0) {
    await store.write((batch) => {
      for (const [at, left] of pages) {
        if (left.length === 0) batch.deleteAt(pagesOf(topic), at)
        else batch.putAt(pagesOf(topic), at, encode(encodePage, left))
      }
      writePages(batch, topic, full)
      batch.clear(gapsOf(topic))
    })
  }
  for (const entry of single) entries.push(entry)
  return { entries, mark, pagedBelow }
}

export function writeArrivals(batch: Batch, { topic, added, evicted, mark, pagedBelow }: ArrivalChanges): void {
  for (const { entry, bytes } of added) {
    if (bytes.length > 0) batch.putAt(framesOf(topic), entry.place, bytes)
    batch.putAt(arrivalsOf(topic), entry.place, encode(encodeEntry, entry))
  }
  for (const { place } of evicted) {
    batch.deleteAt(framesOf(topic), place)
    batch.deleteAt(arrivalsOf(topic), place)
    if (place >= mark.firstPlace && place < pagedBelow) batch.putAt(gapsOf(topic), place, EMPTY)
  }
  if (evicted.length > 0 || mark.evictedUpTo >= 0) batch.put(MARKS, topic, encode(encodeMark, mark))
}

/** Removes everything of a topic. */
export function clearArrivals(batch: Batch, topic: string): void {
  for (const bucket of [framesOf(topic), arrivalsOf(topic), pagesOf(topic), gapsOf(topic)]) batch.clear(bucket)
  batch.delete(MARKS, topic)
}

/** The bytes of the frame at a place. */
export function readArrival(store: Store, topic: string, place: number): Promise<Uint8Array | undefined> {
  return store.getAt(framesOf(topic), place)
}

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

/** The places in pages of which nothing is left. */
function gapsOf(topic: string): string {
  return `arrival-gaps/${topic}`
}

/** Named by topic. */
const MARKS = 'archive-marks'
const FRAME_ID_BYTES = 32
const PAGE_ENTRIES = 1_024
