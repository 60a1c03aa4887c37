// Who wants to hear of something. What a listener throws harms neither the transport nor the other listeners.

import type { FrameHandler, PeerId, Unsubscribe, Verdict } from './transport.ts'

/** Calls listeners in the order in which they were added. */
export class Listeners<Event> {
  readonly #listeners = new Set<{ readonly listener: (event: Event) => void }>()

  add(listener: (event: Event) => void): Unsubscribe {
    const entry = { listener }
    this.#listeners.add(entry)
    return () => {
      this.#listeners.delete(entry)
    }
  }

  clear(): void {
    this.#listeners.clear()
  }

  emit(event: Event): void {
    for (const { listener } of [...this.#listeners]) {
      try {
        listener(event)
      } catch {
        // The contract forbids it; there is nobody to tell.
      }
    }
  }
}

/** A handler's verdict. One that throws has no opinion. */
export async function judge(onFrame: FrameHandler, frame: Uint8Array, from: PeerId): Promise<Verdict> {
  try {
    return await onFrame(frame, from)
  } catch {
    return 'ignore'
  }
}
