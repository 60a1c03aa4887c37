// The messages of a group on disk, found by the order in which they are shown, by the order in which they came, and by id.
// Reads page by page, so that a long history costs no more memory than a short one.

import { toHex, utf8 } from '../bytes.ts'
import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import { compareMessages } from '../content/message-content.ts'
import { fail } from '../errors.ts'
import { decodeStoredMessage, type StoredMessage } from '../session/message-record.ts'
import type { BatchPart, Store } from '../storage/store.ts'
import { asMessage, bodyOf, isNote, type Message, targetOf } from './message.ts'
import type { Deliveries } from './own-deliveries.ts'

/** Which part of a history. */
export interface HistoryRange {
  /** Only messages that came after the one with this cursor. */
  readonly after?: number | undefined
  /** Only messages that are shown before the one with this cursor. */
  readonly before?: number | undefined
  /** Of those, the last so many. */
  readonly limit?: number | undefined
}

/** The bucket of a group's messages, in the order in which they came. */
export function messageLogOf(groupId: string): string {
  return `log/${groupId}`
}

export class MessageLog {
  readonly #store: Store
  readonly #groupId: string
  #deliveries: Deliveries = { to: () => [], of: () => undefined }

  constructor(store: Store, groupId: string) {
    this.#store = store
    this.#groupId = groupId
  }

  /** Who knows what has become of messages: the log does not. */
  askForDeliveries(deliveries: Deliveries): void {
    this.#deliveries = deliveries
  }

  /** What has to be written beside messages that are written to the log. One call for each batch. */
  async indexesFor(messages: readonly StoredMessage[]): Promise<BatchPart> {
    const shown = new Map<number, number[]>()
    for (const message of messages) {
      if (isNote(bodyOf(message))) continue
      const at = orderOf(message)
      shown.set(at, [...(shown.get(at) ?? []), message.place])
    }
    const firsts = new Map<number, number>()
    for (const at of shown.keys()) {
      const value = await this.#store.getAt(this.#order, at)
      const [first] = value === undefined ? [] : decodePlaces(value)
      if (first !== undefined) firsts.set(at, first)
    }
    return (batch) => {
      for (const [at, places] of shown) {
        // What shares a clock has a bucket of its own: whoever sends much under one clock makes no write longer.
        const known = firsts.get(at)
        const [first = 0, ...rest] = known === undefined ? places : [known, ...places]
        batch.putAt(this.#order, at, encodePlaces(rest.length === 0 ? [first] : [first, first]))
        for (const place of rest) batch.putAt(this.#sharing(at), place, new Uint8Array(0))
      }
      for (const message of messages) {
        batch.put(this.#places, toHex(message.id), encodePlaces([message.place]))
        const body = bodyOf(message)
        if (!isNote(body)) continue
        batch.put(this.#about, targetOf(body), new Uint8Array(0))
        batch.putAt(this.#notesAbout(targetOf(body)), message.place, new Uint8Array(0))
      }
    }
  }

  /** The place behind the last message that came. */
  async end(): Promise<number> {
    for await (const [place] of this.#store.range(messageLogOf(this.#groupId), { reverse: true, limit: 1 })) {
      return place + 1
    }
    return 0
  }

  /** A message by its id in hexadecimal, whatever it is. */
  async stored(id: string): Promise<StoredMessage | undefined> {
    const value = await this.#store.get(this.#places, id)
    const [place] = value === undefined ? [] : decodePlaces(value)
    return place === undefined ? undefined : this.#at(place)
  }

  /** A message by its id in hexadecimal. */
  async find(id: string): Promise<Message | undefined> {
    const stored = await this.stored(id)
    return stored === undefined || isNote(bodyOf(stored)) ? undefined : this.#shown(stored)
  }

  /** The message at a place in the order of arrival. */
  async at(place: number): Promise<Message | undefined> {
    const stored = await this.#at(place)
    return stored && this.#shown(stored)
  }

  /**
   * Messages in the order in which all devices show them.
   * @param end - leaves out what came from this place on
   * @throws CoterieError `ARGUMENT_INVALID` where no message has the cursor `before`
   */
  async *history({ after, before, limit }: HistoryRange, end: number): AsyncGenerator<Message, void, undefined> {
    const bound = before === undefined ? undefined : await this.#at(before)
    if (before !== undefined && bound === undefined) fail('ARGUMENT_INVALID', 'no message has the cursor `before`')
    const isWanted = (message: StoredMessage): boolean =>
      message.place < end && (bound === undefined || compareMessages(message, bound) < 0)
    if (after !== undefined) {
      const places = await this.#sortedFrom(after + 1, isWanted)
      for (const place of limit === undefined ? places : places.slice(Math.max(0, places.length - limit))) {
        const message = await this.at(place)
        if (message !== undefined) yield message
      }
      return
    }
    const to = bound === undefined ? undefined : orderOf(bound)
    if (limit === undefined) yield* this.#forwards(to, isWanted)
    else yield* (await this.#backwards(to, limit, isWanted)).reverse()
  }

  /** Up to a page of what came from a place on, in that order, and the place behind it. */
  async arrived(from: number): Promise<{ readonly messages: Message[]; readonly next: number }> {
    const messages: Message[] = []
    let next = from
    for (const stored of await this.#page(from)) {
      next = stored.place + 1
      if (!isNote(bodyOf(stored))) messages.push(await this.#shown(stored))
    }
    return { messages, next }
  }

  async *#forwards(to: number | undefined, isWanted: Condition): AsyncGenerator<Message, void, undefined> {
    for (let from = 0; ; ) {
      const cells = await this.#cells({ from, ...(to !== undefined && { to }), limit: PAGE })
      for (const [at, places] of cells) {
        from = at + 1
        for (const stored of await this.#load(places)) if (isWanted(stored)) yield this.#shown(stored)
      }
      if (cells.length < PAGE) return
    }
  }

  /** The last messages, the last one first. */
  async #backwards(to: number | undefined, limit: number, isWanted: Condition): Promise<Message[]> {
    const found: Message[] = []
    for (let last = to ?? Number.MAX_SAFE_INTEGER; found.length < limit && last >= 0; ) {
      const cells = await this.#cells({ to: last, limit: PAGE, reverse: true })
      for (const [at, places] of cells) {
        last = at - 1
        for (const stored of (await this.#load(places)).reverse()) {
          if (found.length < limit && isWanted(stored)) found.push(await this.#shown(stored))
        }
      }
      if (cells.length < PAGE) break
    }
    return found
  }

  /** Where the messages from a place on are, in the order in which they are shown. Keeps no bodies in memory. */
  async #sortedFrom(from: number, isWanted: Condition): Promise<number[]> {
    const keys: StoredMessage[] = []
    for (let next = from; ; ) {
      const page = await this.#page(next)
      for (const stored of page) {
        next = stored.place + 1
        if (isNote(bodyOf(stored)) || !isWanted(stored)) continue
        keys.push({ ...stored, content: { ...stored.content, body: NOTHING } })
      }
      if (page.length < PAGE) return keys.sort(compareMessages).map(({ place }) => place)
    }
  }

  async #page(from: number): Promise<StoredMessage[]> {
    const page: StoredMessage[] = []
    for await (const [place, value] of this.#store.range(messageLogOf(this.#groupId), { from, limit: PAGE })) {
      page.push(decodeStoredMessage(place, value))
    }
    return page
  }

  async #cells(range: Parameters<Store['range']>[1]): Promise<(readonly [at: number, places: number[]])[]> {
    const cells: (readonly [number, number[]])[] = []
    for await (const [at, value] of this.#store.range(this.#order, range)) cells.push([at, decodePlaces(value)])
    for (const [at, places] of cells) {
      if (places.length === 1) continue
      places.length = 1
      for await (const [place] of this.#store.range(this.#sharing(at))) places.push(place)
    }
    return cells
  }

  /** Messages that share a place in the order, sorted. */
  async #load(places: readonly number[]): Promise<StoredMessage[]> {
    const loaded = await Promise.all(places.map((place) => this.#at(place)))
    return loaded.filter((message) => message !== undefined).sort(compareMessages)
  }

  async #at(place: number): Promise<StoredMessage | undefined> {
    const value = await this.#store.getAt(messageLogOf(this.#groupId), place)
    return value && decodeStoredMessage(place, value)
  }

  async #shown(stored: StoredMessage): Promise<Message> {
    const id = toHex(stored.id)
    if ((await this.#store.get(this.#about, id)) === undefined) return asMessage(stored, [], this.#deliveries)
    const places: number[] = []
    for await (const [place] of this.#store.range(this.#notesAbout(id))) places.push(place)
    return asMessage(stored, await this.#load(places), this.#deliveries)
  }

  /** Places in the log by logical clock: of the first message that came with it; twice where there are others. */
  get #order(): string {
    return `order/${this.#groupId}`
  }

  /** The others that came with a clock, by place. */
  #sharing(at: number): string {
    return `order/${this.#groupId}/${at}`
  }

  /** Places in the log by id. */
  get #places(): string {
    return `places/${this.#groupId}`
  }

  /** The ids of messages that something is said about. */
  get #about(): string {
    return `about/${this.#groupId}`
  }

  #notesAbout(id: string): string {
    return `about/${this.#groupId}/${id}`
  }
}

type Condition = (message: StoredMessage) => boolean

/** A place in an ordered bucket. Clocks beyond, which only a sender's malice brings, share the last one. */
function orderOf({ content }: StoredMessage): number {
  return content.lamport > MAX_PLACE ? Number.MAX_SAFE_INTEGER : Number(content.lamport)
}

function encodePlaces(places: readonly number[]): Uint8Array {
  return encode((writer) => {
    for (const place of places) writer.uint64(BigInt(place))
  }, undefined)
}

function decodePlaces(value: Uint8Array): number[] {
  return decode((reader) => {
    const places: number[] = []
    while (reader.remaining > 0) places.push(Number(reader.uint64()))
    return places
  }, value)
}

/** How many records are read at once. */
const PAGE = 64
const MAX_PLACE = BigInt(Number.MAX_SAFE_INTEGER)
const NOTHING = /* @__PURE__ */ utf8('')
