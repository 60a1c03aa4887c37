// Conversations that others begin are few at a time, and whoever keeps them without need makes room for those who have it.

import { expect, test, vi } from 'vitest'
import { Conversations } from '../../../src/topics/conversations.ts'
import { streams } from './holder.ts'

const LIMITS = { maxConversations: 4, maxConversationsOfPeer: 2 }

/** Begins a conversation that lasts until its stream ends. @returns how it ended */
function hold(conversations: Conversations, peer: string, proves = false): Promise<string> {
  const [, stream] = streams(peer, 'here')
  return conversations
    .run(stream, async (noteProof) => {
      if (proves) noteProof()
      await stream.receive()
      return 'ended'
    })
    .catch((error: unknown) => String((error as { code?: unknown }).code))
}

test('of one peer there are only so many at once: the next ones wait, as many as there may be', async () => {
  const conversations = new Conversations(LIMITS)
  const begun: string[] = []
  const begin = (name: string): { readonly end: () => Promise<void>; readonly over: Promise<string> } => {
    const [asking, stream] = streams('a', 'here')
    const over = conversations.run(stream, async () => {
      begun.push(name)
      await stream.receive()
      return 'ended'
    })
    return { end: () => asking.close(), over }
  }
  const [one, two, three, four] = ['one', 'two', 'three', 'four'].map(begin)
  expect(begun).toEqual(['one', 'two'])
  await two?.end()
  expect(await two?.over).toBe('ended')
  await vi.waitFor(() => expect(begun).toEqual(['one', 'two', 'three']))
  await Promise.all([one?.end(), three?.end()])
  await vi.waitFor(() => expect(begun).toEqual(['one', 'two', 'three', 'four']))
  await four?.end()
  expect(await Promise.all([one?.over, three?.over, four?.over])).toEqual(['ended', 'ended', 'ended'])
  for (let i = 0; i < LIMITS.maxConversationsOfPeer + 32; i++) void hold(conversations, 'a')
  expect(await hold(conversations, 'a')).toBe('SYNC_LIMIT')
})

test('who has several makes room for who has none', async () => {
  const conversations = new Conversations(LIMITS)
  const [first] = [hold(conversations, 'a', true), hold(conversations, 'a', true)]
  void hold(conversations, 'b', true)
  void hold(conversations, 'c', true)
  let isOver = false
  const late = hold(conversations, 'd', true).finally(() => {
    isOver = true
  })
  expect(await first).toBe('TRANSPORT_STREAM_FAILED')
  // Now everybody has one, and nobody more than another.
  expect(await hold(conversations, 'e', true)).toBe('SYNC_BUSY')
  expect(isOver).toBe(false)
  void late
})

test('who has proved nothing for a while makes room for anybody', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    const conversations = new Conversations(LIMITS)
    const proved = ['a', 'b', 'c'].map((peer) => hold(conversations, peer, true))
    const silent = hold(conversations, 'd')
    expect(await hold(conversations, 'e', true)).toBe('SYNC_BUSY')
    vi.advanceTimersByTime(10_000)
    void hold(conversations, 'e', true)
    expect(await silent).toBe('SYNC_SILENT')
    expect(await Promise.race([...proved, Promise.resolve('under way')])).toBe('under way')
  } finally {
    vi.useRealTimers()
  }
})

test('ends when the last has ended', async () => {
  const conversations = new Conversations(LIMITS)
  const [asking, stream] = streams('a', 'here')
  const running = conversations.run(stream, () => stream.receive())
  let isOver = false
  const over = conversations.ended().then(() => {
    isOver = true
  })
  expect(isOver).toBe(false)
  await asking.close()
  await over
  expect(await running).toBeUndefined()
})
