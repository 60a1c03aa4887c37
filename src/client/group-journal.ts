// A group's messages and events as the app reads them: written in the same batch as what caused them, told afterwards, and
// kept so that whoever was away can resume.

import { toHex } from '../bytes.ts'
import type { SessionEvent } from '../session/effects.ts'
import type { StoredMessage } from '../session/message-record.ts'
import type { BatchPart, Store } from '../storage/store.ts'
import { decodeKeptEvent, encodeKeptEvent, type GroupEvent, type KeptEvent, keptEvent } from './group-events.ts'
import { bodyOf, targetOf } from './message.ts'
import { MessageLog } from './message-log.ts'

/** How many events are kept. */
const KEPT_EVENTS = 10_000

/** What a batch adds to a journal. */
export interface JournalEntry {
  readonly write: BatchPart
  readonly events: readonly (readonly [cursor: number, event: KeptEvent])[]
}

export class GroupJournal {
  readonly messages: MessageLog
  readonly #store: Store
  readonly #bucket: string
  readonly #listeners = new Set<(event: GroupEvent) => void>()
  /** The cursor of the last event that was told; -1 before the first. */
  #last: number

  private constructor(store: Store, groupId: string, last: number) {
    this.#store = store
    this.#bucket = `events/${groupId}`
    this.#last = last
    this.messages = new MessageLog(store, groupId)
  }

  /** A group's journal, empty where there is none. */
  static async open(store: Store, groupId: string): Promise<GroupJournal> {
    for await (const [last] of store.range(`events/${groupId}`, { reverse: true, limit: 1 })) {
      return new GroupJournal(store, groupId, last)
    }
    return new GroupJournal(store, groupId, -1)
  }

  /** The cursor of the last event; -1 before the first. */
  get last(): number {
    return this.#last
  }

  /**
   * What is to be written for what happened. One at a time, and told before the next is asked for.
   * @param sent - a message of this device's own: indexed, but not an event
   */
  async entryFor(happened: readonly SessionEvent[], sent?: StoredMessage): Promise<JournalEntry> {
    const received = happened.flatMap((event) => (event.type === 'message' ? [event.message] : []))
    const indexes = await this.messages.indexesFor(sent === undefined ? received : [...received, sent])
    const kept: KeptEvent[] = []
    for (const event of happened) {
      const found = event.type === 'message' ? await this.#ofMessage(event.message, received) : keptEvent(event)
      if (found !== undefined) kept.push(found)
    }
    const events = kept.map((event, i) => [this.#last + 1 + i, event] as const)
    return {
      events,
      write: (batch) => {
        indexes(batch)
        for (const [cursor, event] of events) {
          batch.putAt(this.#bucket, cursor, encodeKeptEvent(event))
          if (cursor >= KEPT_EVENTS) batch.deleteAt(this.#bucket, cursor - KEPT_EVENTS)
        }
      },
    }
  }

  /** Tells of what has been written. */
  async tell({ events }: JournalEntry): Promise<void> {
    for (const [cursor, kept] of events) {
      this.#last = cursor
      if (this.#listeners.size === 0) continue
      const event = await this.#told(cursor, kept)
      if (event !== undefined) for (const listener of this.#listeners) listener(event)
    }
  }

  onEvent(listener: (event: GroupEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Up to a page of events behind a cursor. */
  async after(cursor: number): Promise<GroupEvent[]> {
    const page: (readonly [number, KeptEvent])[] = []
    for await (const [at, value] of this.#store.range(this.#bucket, {
      from: cursor + 1,
      to: this.#last,
      limit: PAGE,
    })) {
      page.push([at, decodeKeptEvent(value)])
    }
    const events: GroupEvent[] = []
    const first = page[0]?.[0] ?? cursor + 1
    if (first > cursor + 1) events.push({ type: 'missed', count: first - cursor - 1, cursor: first - 1 })
    for (const [at, kept] of page) {
      const event = await this.#told(at, kept)
      if (event !== undefined) events.push(event)
    }
    return events
  }

  async #ofMessage(stored: StoredMessage, together: readonly StoredMessage[]): Promise<KeptEvent | undefined> {
    const body = bodyOf(stored)
    switch (body.kind) {
      case 'reaction': {
        const { emoji, removed = false } = body
        return { type: 'reaction', message: targetOf(body), identity: stored.sender, emoji, removed }
      }
      case 'edit': {
        const target = together.find(({ id }) => toHex(id) === body.of) ?? (await this.messages.stored(body.of))
        // An edit that comes before its message is in the message when that comes; one by somebody else means nothing.
        if (target?.sender !== stored.sender || bodyOf(target).kind !== 'text') return undefined
        return { type: 'edited', message: body.of }
      }
      default:
        return { type: 'message', place: stored.place }
    }
  }

  async #told(cursor: number, kept: KeptEvent): Promise<GroupEvent | undefined> {
    if (kept.type === 'message') {
      const message = await this.messages.at(kept.place)
      return message && { type: 'message', message, cursor }
    }
    if (kept.type !== 'edited') return { ...kept, cursor }
    const { text = '' } = (await this.messages.find(kept.message)) ?? {}
    return { ...kept, text, cursor }
  }
}

/** How many events are read at once. */
const PAGE = 64
