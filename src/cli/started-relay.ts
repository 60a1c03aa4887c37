// Drives `coterie relay` in a process of its own, as its operator would.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

export class StartedRelay {
  /** The multiaddr under which clients reach it. */
  readonly address: string
  readonly #process: ChildProcessByStdio<null, Readable, null>
  readonly #metrics: string

  private constructor(process: ChildProcessByStdio<null, Readable, null>, address: string, metrics: string) {
    this.#process = process
    this.address = address
    this.#metrics = metrics
  }

  /** Starts a relay on loopback and waits until it is ready. @param port - 0 for any */
  static async start(
    [program, ...before]: readonly [string, ...string[]],
    data: string,
    port = 0,
  ): Promise<StartedRelay> {
    const listen = ['--listen', `/ip4/127.0.0.1/tcp/${port}`, '--metrics', '127.0.0.1:0']
    const child = spawn(program, [...before, 'relay', '--data', data, ...listen], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    for await (const line of createInterface({ input: child.stdout })) {
      const { addresses, metrics } = JSON.parse(line) as { addresses: readonly string[]; metrics: string }
      const [address] = addresses
      if (address !== undefined) return new StartedRelay(child, address, metrics)
    }
    throw new Error('the relay has ended')
  }

  /** The port that it listens on. */
  get port(): number {
    return Number(/\/tcp\/(\d+)/.exec(this.address)?.[1])
  }

  /** Resolves when it keeps something of a metric. @param name - behind `coterie_relay_` */
  async keeps(name: string): Promise<void> {
    const deadline = AbortSignal.timeout(30_000)
    for (;;) {
      const page = await (await fetch(`http://${this.#metrics}/metrics`, { signal: deadline })).text()
      if (new RegExp(`^coterie_relay_${name} [1-9]`, 'm').test(page)) return
    }
  }

  /** Ends the process. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.kill(signal)
    await once(this.#process, 'exit')
  }
}
