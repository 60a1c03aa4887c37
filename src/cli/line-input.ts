// Lines from a stream, one at a time; and a prompt that stays at the bottom where a person types.

import { clearLine, createInterface, cursorTo, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** Where a chat reads and writes. */
export interface Terminal {
  readonly input: Readable
  readonly output: Writable
  /** Fires when the process is asked to end. */
  readonly stop: AbortSignal
}

/** The lines of a stream, without their ends, until it ends or `stop` fires. */
export function lines(input: Readable, stop: AbortSignal): AsyncIterable<string> {
  const reader = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  return linesOf(reader, reader, stop)
}

/** What a person sees: what is printed while they type goes above what they type. Piped, it is plain lines. */
export class Screen {
  readonly #terminal: Terminal
  readonly #reader: Interface | undefined
  /** What is typed, from the beginning on: also before anybody reads it. */
  readonly #typed: AsyncIterable<string> | undefined
  /** Whether somebody is typing. */
  #isOpen: boolean

  constructor(terminal: Terminal) {
    this.#terminal = terminal
    const { input, output } = terminal
    this.#isOpen = isTerminal(input) && isTerminal(output)
    if (!this.#isOpen) return
    this.#reader = createInterface({ input, output, prompt: '> ' })
    const typed = this.#reader[Symbol.asyncIterator]()
    this.#typed = { [Symbol.asyncIterator]: () => typed }
    // Ctrl+C reaches the reader, not the process.
    this.#reader.on('SIGINT', () => this.#reader?.close())
    this.#reader.on('close', () => {
      this.#isOpen = false
    })
  }

  /** How many columns a line has; undefined where the output is no terminal. */
  get columns(): number | undefined {
    const { output } = this.#terminal
    return isTerminal(output) && 'columns' in output && typeof output.columns === 'number' ? output.columns : undefined
  }

  print(text: string): void {
    const { output } = this.#terminal
    if (this.#isOpen) {
      clearLine(output, 0)
      cursorTo(output, 0)
    }
    output.write(`${text}\n`)
    this.#prompt(true)
  }

  async *lines(): AsyncGenerator<string, void, undefined> {
    const { input, stop } = this.#terminal
    this.#prompt(false)
    const [reader, typed] = [this.#reader, this.#typed]
    for await (const line of reader && typed ? linesOf(reader, typed, stop) : lines(input, stop)) {
      yield line
      this.#prompt(false)
    }
  }

  /** @param keepsPlace - whether the cursor stays where it is in the line */
  #prompt(keepsPlace: boolean): void {
    if (this.#isOpen) this.#reader?.prompt(keepsPlace)
  }
}

async function* linesOf(
  reader: Interface,
  typed: AsyncIterable<string>,
  stop: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const close = (): void => reader.close()
  stop.addEventListener('abort', close)
  try {
    if (!stop.aborted) yield* typed
  } finally {
    stop.removeEventListener('abort', close)
    reader.close()
  }
}

function isTerminal(stream: object): boolean {
  return 'isTTY' in stream && stream.isTTY === true
}
