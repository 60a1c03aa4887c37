// Processes with several clients each, which can be killed at any moment and come back from their disks.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Answers, Command, Report, Request } from './protocol.ts'

const PROGRAM = fileURLToPath(new URL('./worker.ts', import.meta.url))

/** What a client or its process refused, with the code of the error. */
export class RefusedError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(`${message} (${code})`)
    this.code = code
  }
}

/** The process was ended before it answered. */
export class EndedError extends Error {
  constructor() {
    super('the process has ended')
  }
}

export type Listener = (report: Exclude<Report, { readonly ref: number }>) => void

/** A process with several clients. */
export class House {
  readonly residents: Resident[] = []
  readonly #listener: Listener
  readonly #waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>()
  #child: ChildProcess | undefined
  #isKilled = false
  #refs = 0

  constructor(listener: Listener) {
    this.#listener = listener
  }

  ask<C extends Command>(client: string, command: C): Promise<Answers[C['cmd']]> {
    this.#child ??= this.#start()
    const ref = ++this.#refs
    const request: Request = { ref, client, command }
    return new Promise((resolve, reject) => {
      this.#waiting.set(ref, { resolve: (answer) => resolve(answer as Answers[C['cmd']]), reject })
      // A process that has just been killed answers by its end.
      this.#child?.send(request, () => undefined)
    })
  }

  /** Ends the process as a power failure would, with all its clients. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    const ended = once(child, 'exit')
    this.#isKilled = true
    child.kill('SIGKILL')
    await ended
  }

  #start(): ChildProcess {
    this.#isKilled = false
    const child = fork(PROGRAM, { execArgv: [] })
    child.on('message', (message) => this.#take(message as Report))
    child.once('exit', (code, signal) => {
      this.#child = undefined
      if (!this.#isKilled) {
        const client = this.residents.map(({ name }) => name).join(' ')
        this.#listener({ client, warning: 'UNEXPECTED', message: `the process ended: ${code ?? signal}` })
      }
      for (const { reject } of this.#waiting.values()) reject(new EndedError())
      this.#waiting.clear()
      for (const resident of this.residents) resident.noteEnd()
    })
    return child
  }

  #take(report: Report): void {
    if (!('ref' in report)) {
      this.#listener(report)
      return
    }
    const waiting = this.#waiting.get(report.ref)
    this.#waiting.delete(report.ref)
    if ('answer' in report) waiting?.resolve(report.answer)
    else waiting?.reject(new RefusedError(report.code, report.message))
  }
}

/** A client, whether it is open or not. */
export class Resident {
  readonly name: string
  readonly house: House
  readonly #folder: string
  #opened: Answers['open'] | undefined
  #state: 'away' | 'opening' | 'open' | 'closing' = 'away'
  #endings = 0
  #awaySince = 0

  constructor(name: string, house: House, folder: string) {
    this.name = name
    this.house = house
    this.#folder = join(folder, name)
    house.residents.push(this)
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  get isAway(): boolean {
    return this.#state === 'away'
  }

  /** How often it was ended: what was asked of it before may have come to nothing. */
  get endings(): number {
    return this.#endings
  }

  /** By the process's clock, in milliseconds. */
  get awaySince(): number {
    return this.#awaySince
  }

  get opened(): Answers['open'] {
    if (this.#opened === undefined) throw new Error(`${this.name} was never open`)
    return this.#opened
  }

  get identity(): string {
    return this.opened.identity
  }

  ask<C extends Command>(command: C): Promise<Answers[C['cmd']]> {
    return this.house.ask(this.name, command)
  }

  /** Listens where it listened before, unless another program has taken the port. */
  async open(peers: readonly string[]): Promise<void> {
    this.#state = 'opening'
    const before = this.#opened?.address.replace(/\/p2p\/.*$/, '')
    const options = { cmd: 'open', folder: this.#folder, peers } as const
    this.#opened = await this.ask({ ...options, listen: before ?? ANY_PORT }).catch((error: unknown) => {
      const taken = error instanceof RefusedError && error.code.startsWith('TRANSPORT_') && before !== undefined
      if (!taken) throw error
      return this.ask({ ...options, listen: ANY_PORT })
    })
    this.#state = 'open'
  }

  async close(): Promise<void> {
    this.#state = 'closing'
    this.#endings++
    await this.ask({ cmd: 'close' })
    this.#state = 'away'
    this.#awaySince = performance.now()
  }

  /** Its process has ended. */
  noteEnd(): void {
    if (this.#state !== 'away') this.#awaySince = performance.now()
    this.#state = 'away'
    this.#endings++
  }
}

const ANY_PORT = '/ip4/127.0.0.1/tcp/0'
