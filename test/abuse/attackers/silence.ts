// Peers that take up room and do nothing: streams that are opened and never read or written, addresses where nobody answers.

import { createServer, type Server } from 'node:net'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { concat } from '../../../src/bytes.ts'
import { wire } from '../processes/closed-store.ts'
import { newTopic } from './frames.ts'
import { bareNode } from './raw-gossip.ts'

/** Opens streams under several names again and again, says at most a first word on each, and then nothing. */
export class SilentStreams {
  readonly #names: Libp2p[] = []
  #isOver = false
  #opened = 0
  #refused = 0
  #running: Promise<unknown> = Promise.resolve()

  /** @param ofName - how many streams each name has open at a time */
  async start(address: string, protocol: string, names: number, ofName: number): Promise<void> {
    for (let i = 0; i < names; i++) this.#names.push(await bareNode())
    const lanes = this.#names.flatMap((node) =>
      Array.from({ length: ofName }, () => this.#hold(node, address, protocol)),
    )
    this.#running = Promise.all(lanes)
  }

  async stop(): Promise<{ opened: number; refused: number }> {
    this.#isOver = true
    await Promise.allSettled(this.#names.map((node) => node.stop()))
    await this.#running
    return { opened: this.#opened, refused: this.#refused }
  }

  async #hold(node: Libp2p, address: string, protocol: string): Promise<void> {
    const topic = await newTopic()
    while (!this.#isOver) {
      try {
        const stream = await node.dialProtocol(multiaddr(address), `/coterie/${protocol}/1`)
        this.#opened++
        const over = new Promise((resolve) => stream.addEventListener('close', resolve))
        stream.send(concat(Uint8Array.of(64), topic.keyPair.publicKey, wire.randomBytes(32)))
        await over
      } catch {
        this.#refused++
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** Addresses that take a connection and never say anything. */
export class DeadAddresses {
  readonly #servers: Server[] = []

  async start(count: number): Promise<readonly string[]> {
    const addresses: string[] = []
    for (let i = 0; i < count; i++) {
      const server = createServer((socket) => socket.on('error', () => undefined).resume())
      this.#servers.push(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const at = server.address()
      if (at === null || typeof at === 'string') throw new Error('a server without a port')
      const node = await bareNode()
      addresses.push(`/ip4/127.0.0.1/tcp/${at.port}/p2p/${node.peerId}`)
      await node.stop()
    }
    return addresses
  }
}
