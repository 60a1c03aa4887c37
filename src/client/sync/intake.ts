// Who is being given much of a topic need not ask others for the same at the same time: it asks them for what is left.

export class Intake {
  readonly #now: () => number
  readonly #topics = new Map<string, { sinceMs: number; lastMs: number }>()
  /** Conversations that others have begun: how many there are, and when the last one began. */
  readonly #begun = new Map<string, { count: number; lastMs: number }>()
  /** How often a conversation was waited for since much came. */
  readonly #waits = new Map<string, number>()

  /** @param now - in milliseconds, of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** So many frames have come in one message. */
  note(topic: string, frames: number): void {
    if (frames < MANY) return
    const now = this.#now()
    const known = this.#topics.get(topic)
    const sinceMs = known !== undefined && now - known.lastMs < PAUSE_MS ? known.sinceMs : now
    this.#topics.set(topic, { sinceMs, lastMs: now })
    this.#waits.delete(topic)
  }

  /** Somebody has begun to reconcile a topic: they may be about to give much. @returns to be called when it is over */
  begin(topic: string): () => void {
    this.#begun.set(topic, { count: (this.#begun.get(topic)?.count ?? 0) + 1, lastMs: this.#now() })
    return () => {
      const { count = 1, lastMs = 0 } = this.#begun.get(topic) ?? {}
      if (count > 1) this.#begun.set(topic, { count: count - 1, lastMs })
      else this.#begun.delete(topic)
    }
  }

  /** Whether it is worth waiting for what another gives, or is about to give: a few times at most, if that does not come. */
  isWorthWaiting(topic: string): boolean {
    if (this.isBusy(topic)) return true
    const begun = this.#begun.get(topic)
    const waits = this.#waits.get(topic) ?? 0
    if (begun === undefined || this.#now() - begun.lastMs > BEGINNING_MS || waits === MAX_WAITS) return false
    this.#waits.set(topic, waits + 1)
    return true
  }

  /** Whether much is coming just now. Not for ever: whoever gives slowly, or junk, keeps nobody from asking others. */
  isBusy(topic: string): boolean {
    const known = this.#topics.get(topic)
    if (known === undefined) return false
    const now = this.#now()
    if (now - known.lastMs < PAUSE_MS) return now - known.sinceMs < PATIENCE_MS
    this.#topics.delete(topic)
    return false
  }
}

/** Less is not worth waiting for. */
const MANY = 16
/** How long nothing may come before it counts as over. */
const PAUSE_MS = 5_000
const PATIENCE_MS = 60_000
/** How long it may take another to find out what is lacking. */
const BEGINNING_MS = 10_000
const MAX_WAITS = 3
