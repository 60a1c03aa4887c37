// A member goes off, the others go on through many epochs and messages, and the member comes back: what that costs, and whether
// anything is lost, doubled or out of order.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '../../src/client/client.ts'
import type { Group } from '../../src/client/group.ts'
import { until } from '../../src/testing/until.ts'
import { libp2pTransport } from '../../src/transport/libp2p/libp2p-transport.ts'
import { createMemoryNetwork } from '../../src/transport/memory/network.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { counted, type Traffic } from './counted-transport.ts'

/** How much happens while one is away. */
export interface CatchUpOptions {
  readonly commits: number
  readonly messages: number
  /** How many messages come while the one who was away is catching up. Default none. */
  readonly meanwhile?: number
  /** Over real sockets on loopback instead of in memory. */
  readonly libp2p?: boolean
  /** How long the return may take, in milliseconds. */
  readonly limitMs: number
  readonly tell?: (line: string) => void
}

/** What it came to. */
export interface CatchUpReport {
  /** Milliseconds that the others needed for what happened. */
  readonly madeMs: number
  /** Milliseconds from the opening of the store until everything is there. */
  readonly caughtUpMs: number
  /** Of them, until the store was open. */
  readonly openedMs: number
  readonly traffic: Traffic
  /** The most memory that the process had meanwhile, in bytes. */
  readonly peakRssBytes: number
  readonly peakHeapBytes: number
  /** Empty where everything is as it should be. */
  readonly failures: readonly string[]
}

/** Lives through it. The folder with the stores is removed at the end. */
export async function catchUp(options: CatchUpOptions): Promise<CatchUpReport> {
  const folder = await mkdtemp(join(tmpdir(), 'coterie-catch-up-'))
  const house = new House(folder, options.libp2p === true)
  try {
    return await live(house, options)
  } finally {
    await house.close()
    await rm(folder, { recursive: true })
  }
}

async function live(house: House, options: CatchUpOptions): Promise<CatchUpReport> {
  const { commits, messages, meanwhile = 0, limitMs, tell = () => undefined } = options
  const [alice, carol] = [await house.enter('alice', 'memory'), await house.enter('carol', 'memory')]
  const absent = await house.enter('bob')
  await connectAll(alice, carol, absent)
  const inAlice = await alice.groups.create({ name: 'Book club' })
  for (const other of [carol, absent]) await inAlice.add(await other.card())
  const [inCarol, inAbsent] = [await carol.groups.next(), await absent.groups.next()]
  await inAlice.promote(carol.identity)
  await until('all are together', () => [inCarol, inAbsent].every(({ epoch }) => epoch === inAlice.epoch))
  await inAlice.send('see you')
  await until('it has been read', async () => (await textsOf(inAbsent)).length === 1)
  await house.leave(absent)

  const madeFrom = performance.now()
  await goOn(inAlice, inCarol, commits, messages, tell)
  const madeMs = performance.now() - madeFrom
  tell(`made in ${Math.round(madeMs)} ms`)

  const peaks = watchMemory()
  const openedFrom = performance.now()
  const bob = await house.enter('bob')
  const openedMs = performance.now() - openedFrom
  const inBob = bob.groups.get(inAlice.id)
  const events = counting(inBob)
  await connectAll(bob, alice, carol)
  for (let i = 0; i < meanwhile; i++) {
    await inAlice.send(`meanwhile ${i}`)
    if (i % MESSAGES_OF_EPOCH === MESSAGES_OF_EPOCH - 1) await inAlice.rename(`Meanwhile ${i}`)
  }
  const expected = messages + meanwhile
  const failures: string[] = []
  const progress = nowAndThen(tell)
  try {
    await until(
      'everything is there',
      () => {
        progress(`epoch ${inBob.epoch} of ${inAlice.epoch}, ${events.messages} of ${expected} messages`)
        return inBob.epoch === inAlice.epoch && events.messages >= expected
      },
      limitMs,
    )
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error))
  }
  const caughtUpMs = performance.now() - openedFrom
  const traffic = { ...house.trafficOf('bob') }
  const [ours, theirs, third] = [await textsOf(inAlice), await textsOf(inBob), await textsOf(inCarol)]
  failures.push(...differences(ours, theirs, 'the one who was away'), ...differences(ours, third, 'the third'))
  if (ours.length !== expected + 1)
    failures.push(`${ours.length} messages instead of ${expected + 1} are with their sender`)
  if (inBob.epoch !== inAlice.epoch) failures.push(`epoch ${inBob.epoch} instead of ${inAlice.epoch}`)
  if (inBob.name !== inAlice.name) failures.push('another name')
  for (const type of ['detached', 'readded', 'fork-resolved', 'removed']) {
    if (events.types.has(type)) failures.push(`an event of type ${type}`)
  }
  return { madeMs, caughtUpMs, openedMs, traffic, ...peaks.end(), failures }
}

/** Commits and messages by both, spread evenly. Each commit is seen by the other before the next. */
async function goOn(
  one: Group,
  other: Group,
  commits: number,
  messages: number,
  tell: (line: string) => void,
): Promise<void> {
  let sent = 0
  for (let commit = 0; commit < commits; commit++) {
    const [author, reader] = commit % OTHERS_SHARE === 0 ? [other, one] : [one, other]
    for (const upTo = Math.floor((messages * (commit + 1)) / commits); sent < upTo; sent++) {
      await (sent % OTHERS_SHARE === 0 ? other : one).send(`message ${sent}`)
    }
    const before = author.epoch
    await author.rename(`Club ${commit}`)
    await until(
      'the next epoch has begun for both',
      () => author.epoch > before && reader.epoch === author.epoch,
      60_000,
    )
    if (commit % 50 === 49) tell(`${commit + 1} commits, ${sent} messages`)
  }
}

/** After so many messages a commit follows, while the one who was away is catching up. */
const MESSAGES_OF_EPOCH = 50
/** Of five, the second member does one. */
const OTHERS_SHARE = 5

class House {
  readonly #folder: string
  readonly #isReal: boolean
  readonly #network = createMemoryNetwork()
  readonly #clients = new Set<Client>()
  readonly #traffic = new Map<string, Traffic>()

  constructor(folder: string, isReal: boolean) {
    this.#folder = folder
    this.#isReal = isReal
  }

  async enter(name: string, storage: string = join(this.#folder, name)): Promise<Client> {
    const client = await Client.open({
      storage,
      name,
      transport: (seed) => {
        const { transport, traffic } = counted(this.#transport(name, seed))
        this.#traffic.set(name, traffic)
        return transport
      },
    })
    this.#clients.add(client)
    return client
  }

  async leave(client: Client): Promise<void> {
    this.#clients.delete(client)
    await client.close()
  }

  /** Since somebody entered last. */
  trafficOf(name: string): Traffic {
    const traffic = this.#traffic.get(name)
    if (traffic === undefined) throw new Error(`${name} has never been here`)
    return traffic
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await this.leave(client)
  }

  #transport(name: string, privateKey: Uint8Array): Transport {
    if (!this.#isReal) return this.#network.transport(name)
    return libp2pTransport({ privateKey, mdns: false, listen: ['/ip4/127.0.0.1/tcp/0'] })
  }
}

async function connectAll(...clients: readonly Client[]): Promise<void> {
  for (const [i, one] of clients.entries()) {
    for (const other of clients.slice(i + 1)) {
      const [address] = other.addresses
      if (address !== undefined) await one.connect(address)
    }
  }
}

function counting(group: Group): { messages: number; readonly types: Set<string> } {
  const counts = { messages: 0, types: new Set<string>() }
  group.onEvent(({ type }) => {
    counts.types.add(type)
    if (type === 'message') counts.messages++
  })
  return counts
}

async function textsOf(group: Group): Promise<string[]> {
  const texts: string[] = []
  for await (const { text } of group.messages({ live: false })) texts.push(text)
  return texts
}

/** A line a second at most. */
function nowAndThen(tell: (line: string) => void): (line: string) => void {
  let last = 0
  return (line) => {
    if (performance.now() - last < 1_000) return
    last = performance.now()
    tell(line)
  }
}

function differences(ours: readonly string[], theirs: readonly string[], whose: string): string[] {
  const [mine, others] = [new Set(ours), new Set(theirs)]
  const lost = ours.filter((text) => !others.has(text))
  const strange = theirs.filter((text) => !mine.has(text))
  const found: string[] = []
  if (lost.length > 0) found.push(`${whose}: ${lost.length} messages are lost, the first is "${lost[0]}"`)
  if (strange.length > 0) found.push(`${whose}: ${strange.length} messages that nobody sent`)
  if (others.size !== theirs.length) found.push(`${whose}: ${theirs.length - others.size} messages are doubled`)
  if (found.length === 0 && ours.some((text, i) => text !== theirs[i])) found.push(`${whose}: another order`)
  return found
}

function watchMemory(): { end(): Pick<CatchUpReport, 'peakRssBytes' | 'peakHeapBytes'> } {
  let [rss, heap] = [0, 0]
  const look = (): void => {
    const now = process.memoryUsage()
    rss = Math.max(rss, now.rss)
    heap = Math.max(heap, now.heapUsed)
  }
  const timer = setInterval(look, 100)
  return {
    end: () => {
      look()
      clearInterval(timer)
      return { peakRssBytes: rss, peakHeapBytes: heap }
    },
  }
}
