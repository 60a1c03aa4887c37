// A process of its own for each who takes part, so that the memory of each is measured alone.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Handlers } from './serve-parent.ts'

/** From the parent. */
export interface Ask {
  readonly ref: number
  readonly name: string
  readonly args: unknown
}

/** From the child. */
export type Answer =
  | { readonly ref: number; readonly value: unknown }
  | { readonly ref: number; readonly failure: string }

type ArgsOf<H extends Handlers, N extends keyof H> = Parameters<H[N]>
type ValueOf<H extends Handlers, N extends keyof H> = Awaited<ReturnType<H[N]>>

/** A child process that does what it is asked. @typeParam H - what it can do */
export class Actor<H extends Handlers> {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  #refs = 0
  #isStopped = false

  /** @param heapMebibytes - what the program may hold in memory: with more than that it ends */
  constructor(program: URL, heapMebibytes: number) {
    this.#child = fork(fileURLToPath(program), { execArgv: [`--max-old-space-size=${heapMebibytes}`] })
    this.#child.on('message', (message) => this.#take(message as Answer))
    this.#child.once('exit', (code, signal) => {
      const ended = new Error(`a process has ended: ${code ?? signal}`)
      if (!this.#isStopped) process.stderr.write(`${program.pathname}: ${ended.message}\n`)
      for (const { reject } of this.#waiting.values()) reject(ended)
      this.#waiting.clear()
    })
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** @throws Error what the child answered, or that it has ended */
  ask<N extends keyof H & string>(name: N, ...[args]: ArgsOf<H, N>): Promise<ValueOf<H, N>> {
    if (!this.isAlive) return Promise.reject(new Error('a process has ended'))
    const ref = ++this.#refs
    return new Promise((resolve, reject) => {
      this.#waiting.set(ref, { resolve: (value) => resolve(value as ValueOf<H, N>), reject })
      // A child that has just ended answers by its end.
      this.#child.send({ ref, name, args } satisfies Ask, () => undefined)
    })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    if (!this.isAlive) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }

  #take(answer: Answer): void {
    const waiting = this.#waiting.get(answer.ref)
    this.#waiting.delete(answer.ref)
    if ('value' in answer) waiting?.resolve(answer.value)
    else waiting?.reject(new Error(answer.failure))
  }
}
