// What a child process does: whatever its parent asks for, by name.

import { CoterieError } from '../../../src/errors.ts'
import type { Answer, Ask } from './actor.ts'

export type Handlers = Readonly<Record<string, (args: never) => Promise<unknown>>>

export interface Vitals {
  /** Of the whole process, in bytes. */
  readonly rss: number
  /** The most that it ever was. */
  readonly peakRss: number
}

/** Answers the parent as long as that lives. */
export function serveParent(handlers: Handlers): void {
  process.on('message', (message) => void answer(handlers, message as Ask))
  // Without its parent it has nothing to do.
  process.on('disconnect', () => process.exit())
}

/** What the process takes of the machine. */
export function vitals(): Vitals {
  return { rss: process.memoryUsage.rss(), peakRss: process.resourceUsage().maxRSS * 1_024 }
}

async function answer(handlers: Handlers, { ref, name, args }: Ask): Promise<void> {
  const reply = (message: Answer): void => {
    process.send?.(message)
  }
  try {
    const handler = handlers[name]
    if (handler === undefined) throw new Error(`there is no command ${name}`)
    reply({ ref, value: (await handler(args as never)) ?? null })
  } catch (error) {
    reply({ ref, failure: described(error) })
  }
}

function described(error: unknown): string {
  if (CoterieError.is(error)) return `${error.code}: ${error.message}`
  return error instanceof Error ? String(error.stack) : String(error)
}
