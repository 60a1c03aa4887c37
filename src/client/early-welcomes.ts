// Welcomes to groups that this client is in as far as it knows: what shows that it needs them (its removal, say) may come after
// them. They are kept on disk, and tried again when the group has changed (spec/repair.md).

import { utf8 } from '../bytes.ts'
import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import { CoterieError, fail } from '../errors.ts'
import type { BatchPart, Store } from '../storage/store.ts'
import type { ArchivableFrame, FrameArchive } from '../topics/frame-archive.ts'
import type { Signal } from './signal.ts'

/** A group that this client has. */
interface KnownGroup {
  readonly changed: Signal
  /** Whether something shows that this device needs a Welcome. */
  needsWelcome(): boolean
}

/** What keeps the Welcomes. */
export interface EarlyWelcomeHost {
  readonly store: Store
  readonly archive: FrameArchive
  group(groupId: string): KnownGroup | undefined
  /**
   * Puts a Welcome into effect. To be called by itself, when nothing else of the inbox happens.
   * @param also - what to write together with that
   * @throws CoterieError `GROUP_WELCOME_EARLY`, still, and what `joinGroup` throws
   */
  retry(welcome: Uint8Array, also: BatchPart): Promise<unknown>
  warn(error: CoterieError): void
}

/** A Welcome that came too early. */
export interface EarlyWelcome {
  /** In hexadecimal. */
  readonly groupId: string
  /** The identity of the member who made it. */
  readonly inviter: string
  /** That it leads to. */
  readonly epoch: bigint
  readonly welcome: Uint8Array
}

export class EarlyWelcomes {
  readonly #host: EarlyWelcomeHost
  /** By what they are kept as; the longest kept first. */
  readonly #kept = new Map<string, EarlyWelcome>()
  readonly #watched = new Set<string>()

  constructor(host: EarlyWelcomeHost) {
    this.#host = host
  }

  /** Brings back what is on disk. To be called when the groups are there. */
  async restore(): Promise<void> {
    for await (const [name, value] of this.#host.store.entries(EARLY)) {
      const early = decodeEarly(value)
      this.#kept.set(name, early)
      this.#watch(early.groupId)
    }
  }

  /** Keeps a Welcome: of those that one member made for one group, that to the latest epoch. @param frame - what it came in */
  async keep(early: EarlyWelcome, frame: ArchivableFrame): Promise<void> {
    const name = nameOf(early)
    const known = this.#kept.get(name)
    const isNews = known === undefined || known.epoch < early.epoch
    const [oldest] = this.#kept.keys()
    const dropped = isNews && known === undefined && this.#kept.size >= MAX_KEPT ? oldest : undefined
    await this.#host.archive.write([frame], (batch) => {
      if (isNews) batch.put(EARLY, name, encodeEarly(early))
      if (dropped !== undefined) batch.delete(EARLY, dropped)
    })
    if (dropped !== undefined) this.#kept.delete(dropped)
    if (isNews) this.#kept.set(name, early)
    this.#watch(early.groupId)
  }

  #watch(groupId: string): void {
    const group = this.#host.group(groupId)
    if (group === undefined || this.#watched.has(groupId)) return
    this.#watched.add(groupId)
    this.#retryWhenNeeded(groupId, group)
      // What the group itself fails with is told by the group.
      .catch((error: unknown) => {
        if (!CoterieError.is(error)) throw error
        this.#host.warn(error)
      })
      .finally(() => this.#watched.delete(groupId))
  }

  async #retryWhenNeeded(groupId: string, { changed, needsWelcome }: KnownGroup): Promise<void> {
    for (let seen = changed.version; !changed.closed; await changed.after(seen)) {
      seen = changed.version
      // Those to the latest epochs first: it is there that the group is.
      const kept = [...this.#kept].filter(([, early]) => early.groupId === groupId)
      if (kept.length === 0) return
      kept.sort(([, a], [, b]) => Number(b.epoch - a.epoch))
      for (const [name, early] of kept) if (!changed.closed && needsWelcome()) await this.#retry(name, early)
    }
  }

  async #retry(name: string, early: EarlyWelcome): Promise<void> {
    try {
      await this.#host.retry(early.welcome, (batch) => batch.delete(EARLY, name))
    } catch (error) {
      if (!CoterieError.is(error) || error.origin !== 'peer') throw error
      if (error.retryable) return
      await this.#host.store.write((batch) => batch.delete(EARLY, name))
      this.#host.warn(error)
    }
    if (this.#kept.get(name) === early) this.#kept.delete(name)
  }
}

function nameOf({ groupId, inviter }: EarlyWelcome): string {
  return `${groupId} ${inviter}`
}

function encodeEarly({ groupId, inviter, epoch, welcome }: EarlyWelcome): Uint8Array {
  return encode((writer) => {
    writer.opaque(utf8(groupId))
    writer.opaque(utf8(inviter))
    writer.uint64(epoch)
    writer.opaque(welcome)
  }, undefined)
}

/** @throws CoterieError `STORE_CORRUPT` (environment) */
function decodeEarly(bytes: Uint8Array): EarlyWelcome {
  try {
    return decode((reader) => {
      const text = (): string => new TextDecoder().decode(reader.opaque())
      return { groupId: text(), inviter: text(), epoch: reader.uint64(), welcome: reader.opaque() }
    }, bytes)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('STORE_CORRUPT', 'a stored Welcome cannot be read', { cause })
  }
}

/** The bucket of Welcomes that came too early. */
const EARLY = 'early-welcomes'
/** How many are kept, of all groups. */
const MAX_KEPT = 64
