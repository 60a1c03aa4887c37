// Somebody honest in a process: a client or a relay, on a real disk and real sockets of the loopback, who notes when what
// arrives.

import { Client } from '../../../src/client/client.ts'
import type { Group } from '../../../src/client/group.ts'
import { relayLimits } from '../../../src/relay/limits.ts'
import { openRelay } from '../../../src/relay/open-relay.ts'
import type { Relay } from '../../../src/relay/relay.ts'
import { libp2pTransport } from '../../../src/transport/libp2p/libp2p-transport.ts'
import { nowMs } from './clock.ts'
import { serveParent, vitals } from './serve-parent.ts'

/** When something happened. */
export interface Noted {
  readonly what: string
  readonly atMs: number
}

let client: Client | undefined
let relay: Relay | undefined
/** Messages by their text, and groups by their id. */
const heard: Noted[] = []
const joined: Noted[] = []
const probes: Noted[] = []
const warnings = new Map<string, number>()
let messages = 0
let timer: ReturnType<typeof setInterval> | undefined
let probed = 0

const handlers = {
  openClient: async (args: { folder: string; name: string; relays?: readonly string[]; listen?: boolean }) => {
    const opened = await Client.open({
      storage: args.folder,
      name: args.name,
      relays: args.relays ?? [],
      transport: (privateKey) =>
        libp2pTransport({ privateKey, mdns: false, listen: args.listen === false ? [] : [ANY_PORT] }),
    })
    client = opened
    opened.onWarning(({ code }) => warnings.set(code, (warnings.get(code) ?? 0) + 1))
    void watch(opened)
    return { card: await opened.card(), address: opened.addresses[0] ?? '', identity: opened.identity }
  },
  openRelay: async ({ folder, maxFrames }: { folder: string; maxFrames?: number }) => {
    const opened = await openRelay({
      data: folder,
      listen: [ANY_PORT],
      announce: [],
      limits: relayLimits(undefined, maxFrames),
      maxConnections: 300,
      onError: (error) => process.stderr.write(`${String(error)}\n`),
    })
    relay = opened
    return { address: opened.addresses[0] ?? '' }
  },
  relayStatus: async () => {
    const { status, counters } = running(relay)
    return {
      ...status,
      refused: counters.of('frames_refused_limit') + counters.of('frames_refused_invalid'),
      conversationsFailed: counters.of('conversations_failed'),
    }
  },
  close: async () => {
    clearInterval(timer)
    await client?.close()
    await relay?.close()
    client = undefined
    relay = undefined
  },
  connect: ({ address }: { address: string }) => running(client).connect(address),
  peers: async () => running(client).peers.length,
  create: async ({ name }: { name: string }) => (await running(client).groups.create({ name })).id,
  add: async ({ group, card }: { group: string; card: string }) => {
    const atMs = nowMs()
    await groupOf(group).add(card)
    return { atMs }
  },
  memberCount: async ({ group }: { group: string }) => groupOf(group).members.length,
  send: async ({ group, text }: { group: string; text: string }) => {
    const atMs = nowMs()
    await groupOf(group).send(text)
    return { atMs }
  },
  /** Valid messages, as fast as they can be made. */
  sendMany: async ({ group, count, bytes }: { group: string; count: number; bytes: number }) => {
    for (let i = 0; i < count; i++) await groupOf(group).send(`${i} `.padEnd(bytes, 'x'))
  },
  startProbes: async ({ group, everyMs }: { group: string; everyMs: number }) => {
    probes.length = 0
    timer = setInterval(() => {
      const what = `probe ${probed++}`
      probes.push({ what, atMs: nowMs() })
      void groupOf(group).send(what)
    }, everyMs)
  },
  stopProbes: async () => {
    clearInterval(timer)
    return [...probes]
  },
  heard: async () => ({ probes: [...heard], messages }),
  joined: async () => [...joined],
  warnings: async () => Object.fromEntries(warnings),
  vitals: async () => vitals(),
}

export type Citizen = typeof handlers

serveParent(handlers)

/** Ends when the client closes. */
async function watch(opened: Client): Promise<void> {
  for await (const group of opened.groups) {
    joined.push({ what: group.id, atMs: nowMs() })
    group.onEvent((event) => {
      if (event.type !== 'message') return
      messages++
      if (event.message.text.startsWith('probe ')) heard.push({ what: event.message.text, atMs: nowMs() })
    })
  }
}

function groupOf(id: string): Group {
  return running(client).groups.get(id)
}

function running<T>(what: T | undefined): T {
  if (what === undefined) throw new Error('nothing is open in this process')
  return what
}

const ANY_PORT = '/ip4/127.0.0.1/tcp/0'
