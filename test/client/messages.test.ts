// What people say, with answers, reactions and edits; and how it is read: page by page, live, and from where one was.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Group } from '../../src/client/group.ts'
import type { Message } from '../../src/client/message.ts'
import { until } from '../../src/testing/until.ts'
import { all, castForEach, deadline, groupOf, heard, only, take, texts } from './cast.ts'

const cast = castForEach()

describe('a message', () => {
  test('answers another, and has its sender, time and content', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
    const question = await club.send('Chapter one tonight?')
    await heard(inBob, 'Chapter one tonight?')
    await inBob.send({ kind: 'text', text: 'Yes!', replyTo: question.id })
    const answer = await heard(club, 'Yes!')
    expect(answer).toMatchObject({
      sender: { identity: bob.identity, name: 'bob', device: bob.devices[0]?.id },
      content: { kind: 'text', text: 'Yes!', replyTo: question.id },
      replyTo: question.id,
      reactions: [],
      edited: false,
    })
    expect(await inBob.message(question.id)).toMatchObject({ text: 'Chapter one tonight?', replyTo: undefined })
    expect(await inBob.message('00'.repeat(32))).toBeUndefined()
  })

  test('carries what an application wants', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    await club.send({ kind: 'custom', contentType: 'image/png', bytes })
    const [message] = await take(inBob.messages({ signal: deadline() }), 1)
    expect(message).toMatchObject({ text: '', content: { kind: 'custom', contentType: 'image/png', bytes } })
  })

  test('has the reactions that were put on it and not taken back', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
    const { id } = await club.send('Chapter one tonight?')
    await heard(inBob, 'Chapter one tonight?')
    const events = take(only(club.events({ signal: deadline() }), 'reaction'), 3)
    await inBob.send({ kind: 'reaction', to: id, emoji: '👍' })
    await inBob.send({ kind: 'reaction', to: id, emoji: '🎉' })
    await inBob.send({ kind: 'reaction', to: id, emoji: '🎉', removed: true })
    await club.send({ kind: 'reaction', to: id, emoji: '👍' })
    expect(await events).toMatchObject([
      { type: 'reaction', message: id, identity: bob.identity, emoji: '👍', removed: false },
      { type: 'reaction', message: id, identity: bob.identity, emoji: '🎉', removed: false },
      { type: 'reaction', message: id, identity: bob.identity, emoji: '🎉', removed: true },
    ])
    await until('both see both thumbs', async () => {
      const seen = await Promise.all([club, inBob].map(async (group) => (await group.message(id))?.reactions))
      return seen.every((reactions) => reactions?.[0]?.by.length === 2)
    })
    const [history] = await all(inBob.messages({ live: false }))
    expect(history?.reactions).toEqual([{ emoji: '👍', by: expect.arrayContaining([alice.identity, bob.identity]) }])
  })

  test('is changed by its sender, and by nobody else', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
    const { id } = await club.send('Chapter one tonight?')
    await heard(inBob, 'Chapter one tonight?')
    const events = take(only(inBob.events({ signal: deadline() }), 'edited', 'message'), 2)
    await inBob.send({ kind: 'edit', of: id, text: 'Forged' })
    await club.send({ kind: 'edit', of: id, text: 'Chapter two tonight?' })
    await club.send('Well?')
    expect(await events).toMatchObject([
      { type: 'edited', message: id, text: 'Chapter two tonight?' },
      { type: 'message', message: { text: 'Well?' } },
    ])
    const expected = { id, text: 'Chapter two tonight?', edited: true, content: { text: 'Chapter one tonight?' } }
    for (const group of [club, inBob]) {
      expect(await all(group.messages({ live: false }))).toMatchObject([expected, { text: 'Well?', edited: false }])
    }
  })

  test('that is sent twice under one key is sent once, also after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'coterie-keys-'))
    const alice = await cast.enter('alice', { storage: folder })
    const club = await alice.groups.create({ name: 'Book club' })
    const ids = await Promise.all(['one', 'two'].map((text) => club.send(text, { idempotencyKey: 'k' })))
    expect(ids[1]?.id).toBe(ids[0]?.id)
    expect((await club.send('three', { idempotencyKey: 'other' })).id).not.toBe(ids[0]?.id)
    await alice.close()
    const back = await cast.enter('alice', { storage: folder })
    const again = await (await back.groups.next()).send('one', { idempotencyKey: 'k' })
    expect(again.id).toBe(ids[0]?.id)
    expect(texts(await all(back.groups.get(club.id).messages({ live: false })))).toEqual(['one', 'three'])
    await back.close()
    await rm(folder, { recursive: true })
    await rm(`${folder}.key`)
  })
})

describe('messages', () => {
  test('come page by page, from the last one back, in the order that all see', async () => {
    const club = await (await cast.enter('alice')).groups.create({ name: 'Book club' })
    const COUNT = 150
    for (let i = 0; i < COUNT; i++) await club.send(String(i))
    const pages: Message[][] = [await all(club.messages({ limit: 40, live: false }))]
    for (let oldest = pages[0]?.[0]; oldest !== undefined; ) {
      const page = await all(club.messages({ before: oldest.cursor, limit: 40 }))
      pages.unshift(page)
      oldest = page[0]
    }
    expect(pages.map(({ length }) => length)).toEqual([0, 30, 40, 40, 40])
    expect(texts(pages.flat())).toEqual(Array.from({ length: COUNT }, (_, i) => String(i)))
    expect(texts(await all(club.messages({ live: false })))).toEqual(texts(pages.flat()))
    const [, , middle] = pages
    const from = middle?.[5]?.cursor ?? -1
    expect(texts(await all(club.messages({ after: from, live: false })))[0]).toBe('36')
    expect(texts(await all(club.messages({ after: from, limit: 2, live: false })))).toEqual(['148', '149'])
  })

  test('go on live after the last page, each once, as fast as they are read', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
    for (const text of ['one', 'two', 'three']) await club.send(text)
    await heard(inBob, 'three')
    const stream = inBob.messages({ limit: 2, signal: deadline() })
    const read: string[] = []
    read.push((await stream.next()).value?.text ?? '')
    for (const text of ['four', 'five']) await club.send(text)
    await heard(inBob, 'five')
    for await (const { text } of stream) {
      read.push(text)
      if (text === 'five') break
    }
    expect(read).toEqual(['two', 'three', 'four', 'five'])
  })

  test('end with the reason of an abort, and at closing without one', async () => {
    const alice = await cast.enter('alice')
    const club = await alice.groups.create({ name: 'Book club' })
    const aborting = new AbortController()
    const aborted = all(club.messages({ signal: aborting.signal }))
    const open = all(club.messages())
    aborting.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    await alice.close()
    expect(await open).toEqual([])
  })

  test('are asked for with what there is', async () => {
    const club = await (await cast.enter('alice')).groups.create({ name: 'Book club' })
    const invalid = expect.objectContaining({ code: 'ARGUMENT_INVALID' })
    // @ts-expect-error: there is no such option
    expect(() => club.messages({ since: 1 })).toThrow(invalid)
    expect(() => club.messages({ limit: 0 })).toThrow(invalid)
    expect(() => club.messages({ after: 1.5 })).toThrow(invalid)
    expect(() => club.messages({ before: 1, live: true })).toThrow(invalid)
    await expect(all(club.messages({ before: 7 }))).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    // @ts-expect-error: there is no such option
    await expect(club.send('x', { urgent: true })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    // @ts-expect-error: that is not a message
    await expect(club.send({ kind: 'dance' })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    // @ts-expect-error: that is not a message either
    await expect(club.send(undefined)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
  })
})
