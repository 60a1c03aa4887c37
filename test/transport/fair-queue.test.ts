// Whoever makes much work waits behind itself; who makes little is served as if nobody else were there.

import { describe, expect, test } from 'vitest'
import { FairQueue } from '../../src/transport/fair-queue.ts'

const LIMITS = { atOnce: 4, ofPeer: 2, full: 10, ready: 3 }

/** A queue whose work is done when the test says so. */
function held(): {
  queue: FairQueue
  started: string[]
  pressure: string[]
  add(peer: string, count: number): void
  finish(count: number): Promise<void>
} {
  const [started, pressure, open]: [string[], string[], (() => void)[]] = [[], [], []]
  const queue = new FairQueue(LIMITS, (peer, isFull) => pressure.push(`${peer} ${isFull ? 'full' : 'ready'}`))
  const work = (peer: string) => (): Promise<void> => {
    started.push(peer)
    return new Promise((resolve) => open.push(resolve))
  }
  return {
    queue,
    started,
    pressure,
    add: (peer, count) => {
      for (let i = 0; i < count; i++) void queue.run(peer, work(peer))
    },
    finish: async (count) => {
      for (let i = 0; i < count; i++) {
        open.shift()?.()
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

describe('a fair queue', () => {
  test('begins only so much at once, and of one peer less than that', () => {
    const { started, add } = held()
    add('flooder', 100)
    expect(started).toEqual(['flooder', 'flooder'])
    add('one', 1)
    add('two', 1)
    add('three', 1)
    expect(started).toEqual(['flooder', 'flooder', 'one', 'two'])
  })

  test('serves peers in turn, however much one of them wants', async () => {
    const { started, add, finish } = held()
    for (const flooder of ['a', 'b', 'c']) add(flooder, 50)
    add('friend', 3)
    await finish(20)
    expect(started.slice(0, 10)).toContain('friend')
    expect(started.filter((peer) => peer === 'friend')).toHaveLength(3)
  })

  test('says once when a peer is to stop, and once when it may go on', async () => {
    const { queue, pressure, add, finish } = held()
    add('flooder', 25)
    add('friend', 2)
    expect(pressure).toEqual(['flooder full'])
    await finish(40)
    expect(pressure).toEqual(['flooder full', 'flooder ready'])
    expect(queue.size).toBe(0)
    add('flooder', 10)
    expect(pressure).toEqual(['flooder full', 'flooder ready', 'flooder full'])
  })

  test('gives what the work gives, and goes on after what fails', async () => {
    const queue = new FairQueue(LIMITS, () => undefined)
    const results = await Promise.allSettled([
      queue.run('one', async () => 1),
      queue.run('one', () => Promise.reject(new Error('no'))),
      queue.run('one', async () => 3),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    const many = Array.from({ length: 2_000 }, (_, i) => queue.run('one', async () => i))
    expect(await Promise.all(many)).toEqual(many.map((_, i) => i))
    expect(queue.size).toBe(0)
  })
})
