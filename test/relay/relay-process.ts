// A relay in a process of its own, as its operator runs it: real sockets on loopback, a real disk.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { until } from '../../src/testing/until.ts'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export class RelayProcess {
  readonly #process: ChildProcessByStdio<null, Readable, Readable>
  readonly #ended: Promise<number | null>
  #output = ''
  #log = ''
  #isOver = false

  private constructor(data: string, args: readonly string[], listen: string) {
    const command = [MAIN, 'relay', '--data', data, '--listen', listen, ...args]
    this.#process = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text
    })
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text
    })
    this.#ended = new Promise((resolve) => {
      this.#process.once('close', (code) => {
        this.#isOver = true
        resolve(code)
      })
    })
  }

  /** Starts a relay and waits until it is ready. @param listen - a multiaddr */
  static async start(
    data: string,
    args: readonly string[] = [],
    listen = '/ip4/127.0.0.1/tcp/0',
  ): Promise<RelayProcess> {
    const relay = new RelayProcess(data, args, listen)
    await until('the relay is ready, or gone', () => relay.#output.includes('\n') || relay.#isOver, 40_000)
    if (relay.#isOver) throw new Error(`the relay ended at once: ${relay.#log}`)
    return relay
  }

  get ready(): { readonly event: string; readonly addresses: readonly string[]; readonly metrics?: string } {
    return JSON.parse(this.#output.slice(0, this.#output.indexOf('\n')))
  }

  /** The first of its addresses. */
  get address(): string {
    const [address] = this.ready.addresses
    if (address === undefined) throw new Error('the relay has no address')
    return address
  }

  /** What to listen on to be found again after a restart. */
  get listen(): string {
    return this.address.replace(/\/p2p\/.*$/, '')
  }

  /** Everything that it has written for its operator. */
  get log(): string {
    return this.#log
  }

  /** Asks it to end. @returns the exit code */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#process.kill(signal)
    return this.#ended
  }

  /** One of its metrics. */
  async metric(name: string): Promise<number> {
    const page = await (await fetch(`http://${this.ready.metrics}/metrics`)).text()
    const [, value] = new RegExp(`^coterie_relay_${name} (\\S+)$`, 'm').exec(page) ?? []
    if (value === undefined) throw new Error(`there is no metric ${name}`)
    return Number(value)
  }
}
