// When peers are asked: at once, again after growing pauses, and not more of them at a time than there may be.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SYNC_INTERVALS, SyncSchedule, type Urgency } from '../../../src/client/sync/sync-schedule.ts'

type Result = { readonly sent: number; readonly received: number; readonly hasMore: boolean }

const NOTHING: Result = { sent: 0, received: 0, hasMore: false }
const SOME: Result = { sent: 1, received: 0, hasMore: false }
const { gapMs, askMs, firstMs, lastMs, retryMs } = SYNC_INTERVALS

/** A schedule whose conversations do what they are told. */
class Scene {
  readonly asked: string[] = []
  readonly failures: unknown[] = []
  urgency: Urgency = 'now'
  answer: (peer: string) => Promise<Result | undefined> = async () => NOTHING
  readonly schedule: SyncSchedule = new SyncSchedule({
    run: (peer, topic) => {
      this.asked.push(`${peer}/${topic}`)
      return this.answer(peer)
    },
    urgencyOf: () => this.urgency,
    isAnswerer: (peer) => peer.startsWith('asker'),
    onFailure: (error) => this.failures.push(error),
    random: () => 0.5,
  })
}

let scene: Scene

beforeEach(() => {
  vi.useFakeTimers()
  scene = new Scene()
})

afterEach(async () => {
  await scene.schedule.stop()
  vi.useRealTimers()
})

describe('a peer that hears a topic', () => {
  test('is asked at once, then after pauses that grow to a limit', async () => {
    scene.schedule.heard('bob', 't')
    await vi.advanceTimersByTimeAsync(0)
    expect(scene.asked).toEqual(['bob/t'])
    for (let pauseMs = firstMs * 2, asked = 1; asked < 9; asked++, pauseMs = Math.min(pauseMs * 2, lastMs)) {
      await vi.advanceTimersByTimeAsync(pauseMs - 1)
      expect(scene.asked).toHaveLength(asked)
      await vi.advanceTimersByTimeAsync(1)
      expect(scene.asked).toHaveLength(asked + 1)
    }
  })

  test('is asked soon again where something was missing, and sooner where there is more', async () => {
    scene.answer = async () => SOME
    scene.schedule.heard('bob', 't')
    await vi.advanceTimersByTimeAsync(firstMs)
    await vi.advanceTimersByTimeAsync(firstMs)
    expect(scene.asked).toHaveLength(3)
    scene.answer = async () => ({ ...SOME, hasMore: true })
    await vi.advanceTimersByTimeAsync(firstMs + 5 * gapMs)
    expect(scene.asked).toHaveLength(9)
  })

  test('is left to ask first where that is its part', async () => {
    scene.schedule.heard('asker', 't')
    await vi.advanceTimersByTimeAsync(gapMs - 1)
    expect(scene.asked).toEqual([])
    scene.schedule.answered('asker', 't', false)
    await vi.advanceTimersByTimeAsync(firstMs * 2 - 1)
    expect(scene.asked).toEqual([])
    scene.schedule.heard('asker that does not ask', 't')
    await vi.advanceTimersByTimeAsync(gapMs)
    expect(scene.asked).toEqual(['asker/t', 'asker that does not ask/t'])
  })

  test('that fails is asked again, more and more rarely, until it is gone', async () => {
    scene.answer = async () => {
      throw new Error('unreachable')
    }
    scene.schedule.heard('bob', 't')
    await vi.advanceTimersByTimeAsync(0)
    await vi.advanceTimersByTimeAsync(retryMs + 2 * retryMs + 4 * retryMs)
    expect(scene.asked).toHaveLength(4)
    expect(scene.failures).toHaveLength(4)
    scene.schedule.lost('bob')
    await vi.advanceTimersByTimeAsync(10 * lastMs)
    expect(scene.asked).toHaveLength(4)
    scene.answer = async () => NOTHING
    scene.schedule.heard('bob', 't')
    await vi.advanceTimersByTimeAsync(0)
    expect(scene.asked).toHaveLength(5)
  })

  test('is forgotten where there is nothing to ask about any more', async () => {
    scene.answer = async () => undefined
    scene.schedule.heard('bob', 't')
    await vi.advanceTimersByTimeAsync(10 * lastMs)
    expect(scene.asked).toHaveLength(1)
  })
})

describe('a known gap', () => {
  test('is asked about at once with everybody, but not without a pause after the last time', async () => {
    scene.schedule.ask('t', ['bob', 'carol'])
    await vi.advanceTimersByTimeAsync(0)
    expect(scene.asked).toEqual(['bob/t', 'carol/t'])
    scene.schedule.ask('t', ['bob'])
    await vi.advanceTimersByTimeAsync(gapMs - 1)
    expect(scene.asked).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(scene.asked).toHaveLength(3)
  })

  test('is asked about with three of many, and some seconds later with others, however often meanwhile', async () => {
    const peers = ['bob', 'carol', 'dave', 'erin', 'frank']
    const asked = (): string[] => scene.asked.map((one) => one.replace('/t', ''))
    for (let times = 0; times < 50; times++) {
      scene.schedule.ask('t', peers)
      await vi.advanceTimersByTimeAsync(askMs / 50 - 1)
    }
    expect(asked()).toEqual(['bob', 'carol', 'dave'])
    await vi.advanceTimersByTimeAsync(50)
    expect(asked()).toEqual(['bob', 'carol', 'dave', 'erin', 'frank'])
    await vi.advanceTimersByTimeAsync(askMs)
    expect(asked()).toHaveLength(5)
    scene.schedule.ask('t', peers)
    await vi.advanceTimersByTimeAsync(0)
    expect(asked().slice(5)).toEqual(['bob', 'carol', 'dave'])
  })

  test('that is noticed during a conversation leads to another one, never to two at once', async () => {
    let finish: (result: Result) => void = () => undefined
    scene.answer = () =>
      new Promise((resolve) => {
        finish = resolve
      })
    scene.schedule.heard('bob', 't')
    await vi.advanceTimersByTimeAsync(0)
    for (let i = 0; i < 5; i++) scene.schedule.ask('t', ['bob'])
    await vi.advanceTimersByTimeAsync(10 * gapMs)
    expect(scene.asked).toHaveLength(1)
    finish(NOTHING)
    await vi.advanceTimersByTimeAsync(gapMs)
    expect(scene.asked).toHaveLength(2)
    finish(NOTHING)
    await vi.advanceTimersByTimeAsync(10 * gapMs)
    expect(scene.asked).toHaveLength(2)
  })
})

describe('a topic that is not waited for', () => {
  test('is asked about in a while where something is held for others, and then rarely', async () => {
    scene.urgency = 'soon'
    scene.answer = async () => SOME
    for (const peer of ['bob', 'carol', 'dave']) scene.schedule.heard(peer, 't')
    await vi.advanceTimersByTimeAsync(0.5 * gapMs - 1)
    expect(scene.asked).toEqual([])
    await vi.advanceTimersByTimeAsync(gapMs + 1)
    expect(scene.asked).toEqual(['bob/t', 'carol/t', 'dave/t'])
    await vi.advanceTimersByTimeAsync(lastMs - 2 * gapMs)
    expect(scene.asked).toHaveLength(3)
    await vi.advanceTimersByTimeAsync(2 * gapMs)
    expect(scene.asked).toHaveLength(6)
  })

  test('is asked about late and rarely where nobody is any more, and at once where something is missing', async () => {
    scene.urgency = 'later'
    scene.schedule.heard('bob', 't')
    await vi.advanceTimersByTimeAsync((firstMs + lastMs) / 2 - 1)
    expect(scene.asked).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(scene.asked).toEqual(['bob/t'])
    await vi.advanceTimersByTimeAsync(gapMs)
    scene.schedule.ask('t', ['bob'])
    await vi.advanceTimersByTimeAsync(0)
    expect(scene.asked).toEqual(['bob/t', 'bob/t'])
  })
})

test('no more than four conversations run at once, and the others follow', async () => {
  const finish: (() => void)[] = []
  scene.answer = () => new Promise((resolve) => finish.push(() => resolve(NOTHING)))
  for (let i = 0; i < 10; i++) scene.schedule.heard(`peer ${i}`, 't')
  await vi.advanceTimersByTimeAsync(0)
  expect(scene.asked).toHaveLength(4)
  finish.shift()?.()
  await vi.advanceTimersByTimeAsync(0)
  expect(scene.asked).toHaveLength(5)
  for (let i = 0; i < 9; i++) {
    finish.shift()?.()
    await vi.advanceTimersByTimeAsync(0)
  }
  expect(scene.asked).toHaveLength(10)
})

test('nothing happens after it has stopped, and stopping waits for what runs', async () => {
  let finish: (result: Result) => void = () => undefined
  scene.answer = () =>
    new Promise((resolve) => {
      finish = resolve
    })
  scene.schedule.heard('bob', 't')
  scene.schedule.heard('asker', 't')
  await vi.advanceTimersByTimeAsync(0)
  let hasStopped = false
  const stopping = scene.schedule.stop().then(() => {
    hasStopped = true
  })
  await vi.advanceTimersByTimeAsync(lastMs)
  expect(hasStopped).toBe(false)
  finish(NOTHING)
  await stopping
  scene.schedule.heard('carol', 't')
  await vi.advanceTimersByTimeAsync(10 * lastMs)
  expect(scene.asked).toEqual(['bob/t'])
  expect(vi.getTimerCount()).toBe(0)
})
