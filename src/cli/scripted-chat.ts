// Drives `coterie chat --json` in a process of its own, as a script would.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

/** An object on a line of the process's output. */
export type ChatEvent = Readonly<Record<string, unknown>> & { readonly event: string }

export interface ScriptedChatOptions {
  /** The program, and its arguments up to the command. */
  readonly program: readonly [string, ...string[]]
  readonly data: string
  readonly name: string
  readonly peers?: readonly string[]
  /** More options of the command. */
  readonly options?: readonly string[]
}

/** The process is gone, so that what was waited for cannot come. */
export class ChatEndedError extends Error {
  constructor() {
    super('the chat has ended')
  }
}

export class ScriptedChat {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>
  readonly #events: ChatEvent[] = []
  readonly #waiting = new Set<() => void>()
  readonly #ended: Promise<number | null>
  #over = false
  #refs = 0
  /** The beginning of a line whose end has not come. A killed process may leave one. */
  #partial = ''

  private constructor(options: ScriptedChatOptions) {
    const [program, ...before] = options.program
    const peers = (options.peers ?? []).flatMap((peer) => ['--peer', peer])
    const chat = ['chat', '--json', '--data', options.data, '--name', options.name]
    const args = [...before, ...chat, '--listen', '/ip4/127.0.0.1/tcp/0', ...peers, ...(options.options ?? [])]
    this.#process = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#process.stdout.setEncoding('utf8').on('data', (chunk: string) => this.#takeOutput(chunk))
    // Whoever writes to a process that was killed learns it by `next`.
    this.#process.stdin.on('error', () => undefined)
    this.#ended = new Promise((resolve) => {
      // Not `exit`: what the process had written before its end counts.
      this.#process.once('close', (code) => {
        this.#over = true
        for (const wake of this.#waiting) wake()
        resolve(code)
      })
    })
  }

  /** Starts a process and waits until it is ready. */
  static async start(options: ScriptedChatOptions): Promise<{ chat: ScriptedChat; ready: ChatEvent }> {
    const chat = ScriptedChat.spawn(options)
    return { chat, ready: await chat.next((event) => event.event === 'ready') }
  }

  /** Starts a process. */
  static spawn(options: ScriptedChatOptions): ScriptedChat {
    return new ScriptedChat(options)
  }

  /** Sends a command and waits for its answer. @throws Error where the answer is not ok */
  async ask(command: Readonly<Record<string, unknown>>): Promise<ChatEvent> {
    const ref = ++this.#refs
    this.#process.stdin.write(`${JSON.stringify({ ...command, ref })}\n`)
    const reply = await this.next((event) => event.event === 'reply' && event.ref === ref)
    if (reply.ok !== true) throw new Error(`${String(command.cmd)}: ${String(reply.message)} (${String(reply.code)})`)
    return reply
  }

  /** The first event, of those that have come or will come, for which the condition holds. */
  async next(matches: (event: ChatEvent) => boolean, timeoutMs = 30_000): Promise<ChatEvent> {
    const deadline = AbortSignal.timeout(timeoutMs)
    for (;;) {
      const found = this.#events.find(matches)
      if (found !== undefined) return found
      if (this.#over) throw new ChatEndedError()
      if (deadline.aborted) throw new Error('nothing came of what was waited for')
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake)
          deadline.removeEventListener('abort', wake)
          resolve()
        }
        this.#waiting.add(wake)
        deadline.addEventListener('abort', wake)
      })
    }
  }

  /** Everything that came so far. */
  get events(): readonly ChatEvent[] {
    return this.#events
  }

  /** Ends the input. @returns the exit code */
  close(): Promise<number | null> {
    this.#process.stdin.end()
    return this.#ended
  }

  /** Ends the process as a power failure would. */
  kill(): Promise<number | null> {
    this.#process.kill('SIGKILL')
    return this.#ended
  }

  #takeOutput(chunk: string): void {
    const lines = `${this.#partial}${chunk}`.split('\n')
    this.#partial = lines.pop() ?? ''
    for (const line of lines) this.#events.push(JSON.parse(line) as ChatEvent)
    for (const wake of this.#waiting) wake()
  }
}
