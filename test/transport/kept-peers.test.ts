// When lost peers are dialled again, by a clock of the test's own.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { KeptPeers } from '../../src/transport/libp2p/kept-peers.ts'

/** Peers that can be dialled are those that are up: an address is `at-` and the peer's name. */
function network() {
  const up = new Set<string>()
  const connected = new Set<string>()
  const dials: string[] = []
  const startMs = Date.now()
  const dialler = {
    async dial(address: string) {
      dials.push(`${Date.now() - startMs}: ${address}`)
      const peer = address.replace('at-', '')
      if (!up.has(peer)) throw new Error('nobody is there')
      connected.add(peer)
      return peer
    },
    isConnected: (peer: string) => connected.has(peer),
  }
  return { up, connected, dials, kept: new KeptPeers(dialler, { first: 100, longest: 1_000 }) }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a peer that is sought is dialled at once, then ever more patiently, until it is there', async () => {
  const { up, dials, kept } = network()
  kept.seek('at-ada')
  await vi.advanceTimersByTimeAsync(3_000)
  expect(dials).toEqual(['0: at-ada', '200: at-ada', '600: at-ada', '1400: at-ada', '2400: at-ada'])
  up.add('ada')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(dials.slice(5)).toEqual(['3400: at-ada'])
})

test('a peer that is lost is dialled again, soon each time', async () => {
  const { up, connected, dials, kept } = network()
  connected.add('ada')
  kept.keep('at-ada', 'ada')
  await vi.advanceTimersByTimeAsync(5_000)
  expect(dials).toEqual([])
  up.add('ada')
  for (const _round of [1, 2]) {
    connected.delete('ada')
    kept.lost('ada')
    await vi.advanceTimersByTimeAsync(5_000)
  }
  expect(dials).toEqual(['5100: at-ada', '10100: at-ada'])
  kept.lost('ben')
  await vi.advanceTimersByTimeAsync(5_000)
  expect(dials).toHaveLength(2)
})

test('a peer that was lost while it was being dialled is dialled again', async () => {
  const { up, connected, dials, kept } = network()
  kept.keep('at-ada', 'ada')
  up.add('ada')
  await vi.advanceTimersByTimeAsync(5_000)
  expect(dials).toEqual(['100: at-ada'])
  expect([...connected]).toEqual(['ada'])
})

test('nobody is dialled after the end', async () => {
  const { dials, kept } = network()
  kept.seek('at-ada')
  kept.keep('at-ben', 'ben')
  kept.stop()
  kept.lost('ben')
  kept.seek('at-cleo')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(dials).toEqual(['0: at-ada'])
  expect(vi.getTimerCount()).toBe(0)
})

test('of too many addresses, those that fail longest are given up', async () => {
  const { up, connected, dials, kept } = network()
  kept.seek('at-gone')
  await vi.advanceTimersByTimeAsync(1_000)
  for (let i = 0; i < 256; i++) {
    up.add(`peer-${i}`)
    connected.add(`peer-${i}`)
    kept.keep(`at-peer-${i}`, `peer-${i}`)
  }
  dials.length = 0
  await vi.advanceTimersByTimeAsync(60_000)
  expect(dials).toEqual([])
  connected.delete('peer-0')
  kept.lost('peer-0')
  await vi.advanceTimersByTimeAsync(1_000)
  expect(dials).toHaveLength(1)
})
