// The memory transport keeps the contract; and its network can be cut and healed.
import { createMemoryNetwork, type MemoryNetwork, transportConformance, until } from 'coterie/testing'
import type { Transport, TransportEvent, Verdict } from 'coterie/transport'
import { describe, expect, test } from 'vitest'
import { codeOf, rejectionCode } from '../support/errors.ts'

describe('conformance', () => {
  const make = async (count: number) => {
    const network = createMemoryNetwork()
    return { transports: Array.from({ length: count }, () => network.transport()) }
  }
  for (const { name, run } of transportConformance(make)) test(name, run)
})

describe('a memory network', () => {
  test('names its peers, each once', async () => {
    const network = createMemoryNetwork()
    const [ada, again, unnamed] = [network.transport('ada'), network.transport('ada'), network.transport()]
    await ada.start()
    expect(ada.addresses()).toEqual(['memory:ada'])
    expect(unnamed.peer).toBe('peer-1')
    await expect(rejectionCode(again.start())).resolves.toBe('ARGUMENT_INVALID')
    await ada.stop()
    await again.start()
    await expect(rejectionCode(again.connect('memory:ada'))).resolves.toBe('TRANSPORT_UNREACHABLE')
    await expect(rejectionCode(again.connect('ada'))).resolves.toBe('ARGUMENT_INVALID')
  })

  test('loses a connection and what was on it, until it is healed', async () => {
    const network = createMemoryNetwork()
    const [ada, ben] = await startedAs(network, 'ada', 'ben')
    const events = recorded(ada)
    ben.handle('silence', () => new Promise(() => undefined))
    await ada.connect('memory:ben')
    const stream = await ada.open('ben', 'silence')
    const receiving = rejectionCode(stream.receive())
    network.disconnect('ada', 'ben')
    await expect(receiving).resolves.toBe('TRANSPORT_STREAM_FAILED')
    expect([ada.connectedPeers(), ben.connectedPeers()]).toEqual([[], []])
    ben.subscribe('topic', () => 'accept')
    network.heal()
    await until('the peers have met again', () => events.length === 4)
    expect(events).toEqual([
      { type: 'connected', peer: 'ben' },
      { type: 'disconnected', peer: 'ben' },
      { type: 'connected', peer: 'ben' },
      { type: 'subscribed', peer: 'ben', topic: 'topic' },
    ])
  })

  test('loses frames that were on their way', async () => {
    const network = createMemoryNetwork()
    const [ada, ben] = await startedAs(network, 'ada', 'ben')
    const heard: number[] = []
    ben.subscribe('topic', ([first = 0]) => {
      heard.push(first)
      return 'accept'
    })
    await ada.connect('memory:ben')
    const published = ada.publish('topic', Uint8Array.of(1))
    network.disconnect('ada', 'ben')
    expect(await published).toEqual({ peers: 1 })
    network.heal()
    await ada.publish('topic', Uint8Array.of(2))
    await until('the second frame has come', () => heard.includes(2))
    expect(heard).toEqual([2])
  })

  test('can be parted: only those of one part meet', async () => {
    const network = createMemoryNetwork()
    const [ada, ben, cleo, dan] = await startedAs(network, 'ada', 'ben', 'cleo', 'dan')
    for (const peer of ['ben', 'cleo', 'dan']) await ada.connect(`memory:${peer}`)
    network.partition(['ada', 'ben'], ['cleo'])
    expect([ada, ben, cleo, dan].map((peer) => peer.connectedPeers())).toEqual([['ben'], ['ada'], [], []])
    await expect(rejectionCode(cleo.connect('memory:ada'))).resolves.toBe('TRANSPORT_UNREACHABLE')
    await expect(rejectionCode(dan.connect('memory:cleo'))).resolves.toBe('TRANSPORT_UNREACHABLE')
    network.heal()
    expect(ada.connectedPeers()).toEqual(['ben', 'cleo', 'dan'])
    expect(cleo.connectedPeers()).toEqual(['ada'])
  })

  test('brings a peer that comes back together with those who had connected to it', async () => {
    const network = createMemoryNetwork()
    const [ada, ben, cleo] = await startedAs(network, 'ada', 'ben', 'cleo')
    await ada.connect('memory:ben')
    await ben.connect('memory:cleo')
    await ben.stop()
    expect(ada.connectedPeers()).toEqual([])
    await ben.start()
    expect(ben.connectedPeers()).toEqual(['ada'])
    expect(cleo.connectedPeers()).toEqual([])
  })

  test('does the same things in the same order each time', async () => {
    const run = async (): Promise<string[]> => {
      const network = createMemoryNetwork()
      const peers = await startedAs(network, 'ada', 'ben', 'cleo', 'dan')
      const log: string[] = []
      for (const peer of peers) {
        peer.onEvent((event) => log.push(`${peer.peer}: ${Object.values(event).join(' ')}`))
        peer.subscribe('topic', async ([first], from): Promise<Verdict> => {
          await Promise.resolve()
          log.push(`${peer.peer}: ${first} from ${from}`)
          return 'accept'
        })
      }
      for (const [from, to] of ['ada ben', 'ben cleo', 'cleo dan', 'dan ada'].map((pair) => pair.split(' '))) {
        await peers.find(({ peer }) => peer === from)?.connect(`memory:${to}`)
      }
      for (const [number, peer] of peers.entries()) await peer.publish('topic', Uint8Array.of(number))
      await until('all frames have come', () => log.filter((line) => line.includes('from')).length === 12)
      return log
    }
    const first = await run()
    expect(first).toHaveLength(12 + 8 + 8)
    expect(await run()).toEqual(first)
  })

  test('refuses names of protocols that others would not carry', () => {
    const transport = createMemoryNetwork().transport()
    expect(codeOf(() => transport.handle('', async () => undefined))).toBe('ARGUMENT_INVALID')
  })
})

async function startedAs<T extends readonly string[]>(
  network: MemoryNetwork,
  ...names: T
): Promise<{ [I in keyof T]: Transport }> {
  const transports = names.map((name) => network.transport(name))
  for (const transport of transports) await transport.start()
  return transports as { [I in keyof T]: Transport }
}

function recorded(transport: Transport): TransportEvent[] {
  const events: TransportEvent[] = []
  transport.onEvent((event) => events.push(event))
  return events
}
