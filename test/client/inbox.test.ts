// What is left in an inbox takes effect once; junk is told, not passed on, and does not come again.

import { beforeEach, describe, expect, test } from 'vitest'
import { toHex, utf8 } from '../../src/bytes.ts'
import { Inbox } from '../../src/client/inbox.ts'
import { CoterieError } from '../../src/errors.ts'
import { FrameArchive } from '../../src/topics/frame-archive.ts'
import type { FramePointer } from '../../src/topics/frame-fetch.ts'
import { Sequence } from '../../src/transport/sequence.ts'
import { type Frame, MAX_FRAME_BYTES, parseFrame, sealFrame } from '../../src/wire/frame.ts'
import { encodePointer, InboxKind, inboxChannel, sealForInbox } from '../../src/wire/inbox.ts'
import { rejectionCode } from '../support/errors.ts'
import { memoryStore, NOW, wire } from './sync/holder.ts'

const keyPair = await wire.kem.generateKeyPair()
const address = { seed: new Uint8Array(32).fill(4), publicKey: keyPair.publicKey }
const channel = await inboxChannel(wire, address)

let archive: FrameArchive
let inbox: Inbox
let welcomes: string[]
let answers: string[]
let contacts: (readonly [string, string])[]
let wanted: (readonly [FramePointer, string])[]
let warnings: CoterieError[]
let refusal: CoterieError | undefined
let nowMs: number
let missed: number

beforeEach(async () => {
  nowMs = NOW
  missed = 0
  archive = new FrameArchive(await memoryStore(), () => NOW, undefined, { remembered: channel.topic.name })
  welcomes = []
  answers = []
  contacts = []
  wanted = []
  warnings = []
  refusal = undefined
  inbox = new Inbox({
    wire,
    archive,
    inbox: { keyPair, address, channel },
    turns: new Sequence(),
    takeWelcome: async (welcome, frame) => {
      if (refusal !== undefined) throw refusal
      welcomes.push(toHex(welcome))
      await archive.write([frame])
    },
    takeAnswer: async (body, frame) => {
      answers.push(toHex(body))
      await archive.write([frame])
    },
    takeContact: async (body, frame, from) => {
      contacts.push([toHex(body), from])
      await archive.write([frame])
    },
    clock: () => nowMs,
    isRelay: (peer) => peer === 'relay',
    missed: () => {
      missed++
    },
    want: (pointer, from) => {
      wanted.push([pointer, from])
    },
    warn: (error) => {
      warnings.push(error)
    },
  })
})

describe('an inbox', () => {
  test('puts a Welcome into effect once, however it comes', async () => {
    const frame = await left(InboxKind.welcome, utf8('a Welcome'))
    const heard = await Promise.all([inbox.hear(frame.bytes, 'bob'), inbox.hear(frame.bytes, 'carol')])
    await inbox.take([frame, frame], 'dave')
    expect(heard).toEqual(['accept', 'ignore'])
    expect(welcomes).toEqual([toHex(utf8('a Welcome'))])
  })

  test('passes on a contact request with who brought it', async () => {
    const frame = await left(InboxKind.contact, utf8('a card'))
    await inbox.take([frame, frame], 'bob')
    expect(contacts).toEqual([[toHex(utf8('a card')), 'bob']])
  })

  test('asks for the frame that a pointer names, first the one who gave it', async () => {
    const id = new Uint8Array(32).fill(9)
    const frame = await left(InboxKind.pointer, encodePointer(id, 500_000))
    expect(await inbox.hear(frame.bytes, 'bob')).toBe('accept')
    expect(wanted).toEqual([[{ topic: inbox.topic, id, length: 500_000 }, 'bob']])
    const broken = await left(InboxKind.pointer, id)
    expect(await inbox.hear(broken.bytes, 'bob')).toBe('reject')
    expect(warnings).toMatchObject([{ code: 'INBOX_UNREADABLE' }])
  })

  test('takes a large Welcome by a stream, not by the topic', async () => {
    const frame = await left(InboxKind.welcome, new Uint8Array(300_000))
    expect(await inbox.hear(frame.bytes, 'bob')).toBe('reject')
    await inbox.take([frame], 'bob')
    expect(frame.bytes.length).toBeGreaterThan(MAX_FRAME_BYTES)
    expect(welcomes).toHaveLength(1)
  })

  test('keeps what cannot be used, so that it is not given again, but not what may be of use later', async () => {
    const junk = await framed(utf8('nobody sealed this'))
    await inbox.take([junk], 'bob')
    expect(await archive.has(inbox.topic, toHex(junk.id))).toBe(true)
    expect(warnings).toMatchObject([{ code: 'INBOX_UNREADABLE' }])
    const welcome = await left(InboxKind.welcome, utf8('another'))
    refusal = new CoterieError('JOIN_TREE_MISSING', 'not yet')
    await inbox.take([welcome], 'bob')
    expect(await archive.has(inbox.topic, toHex(welcome.id))).toBe(false)
    refusal = undefined
    await inbox.take([welcome], 'bob')
    expect(welcomes).toHaveLength(1)
  })

  test('looks at so much of one peer by the topic, and at what others leave all the same', async () => {
    const junk = await framed(utf8('nobody sealed this'))
    const welcome = await left(InboxKind.welcome, utf8('a Welcome'))
    const verdicts: string[] = []
    for (let i = 0; i < 200; i++) verdicts.push(await inbox.hear(junk.bytes, 'flooder'))
    expect(verdicts[0]).toBe('reject')
    const looked = warnings.length
    expect(missed).toBeGreaterThan(50)
    expect(await inbox.hear(welcome.bytes, 'flooder')).toBe('ignore')
    expect(welcomes).toEqual([])
    expect(await inbox.hear(welcome.bytes, 'friend')).toBe('accept')
    expect(welcomes).toHaveLength(1)
    nowMs += 10_000
    const another = await left(InboxKind.welcome, utf8('another'))
    expect(await inbox.hear(another.bytes, 'flooder')).toBe('accept')
    expect(warnings).toHaveLength(looked)
  })

  test('takes so much of one peer over streams, and everything from its relays', async () => {
    const junk = await framed(utf8('nobody sealed this'))
    const batch = Array.from({ length: 64 }, () => junk)
    const outcomes: string[] = []
    for (let i = 0; i < 20; i++) outcomes.push(await rejectionCode(inbox.take(batch, 'flooder')).catch(() => 'taken'))
    expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(16)
    expect(outcomes.at(-1)).toBe('SYNC_LIMIT')
    for (let i = 0; i < 20; i++) await inbox.take(batch, 'relay')
    await inbox.take([await left(InboxKind.welcome, utf8('a Welcome'))], 'friend')
    expect(welcomes).toHaveLength(1)
  })

  test('remembers what was left without keeping it, however large it is', async () => {
    const frame = await left(InboxKind.welcome, new Uint8Array(200_000))
    await inbox.hear(frame.bytes, 'bob')
    const id = toHex(frame.id)
    expect(await archive.has(inbox.topic, id)).toBe(true)
    expect(await archive.bytes(inbox.topic)).toBe(0)
    expect(await archive.get(inbox.topic, id)).toBeUndefined()
  })

  test('does not pass on what is not a frame of its topic', async () => {
    const { bytes } = await left(InboxKind.welcome, utf8('a Welcome'))
    expect(await inbox.hear(bytes.slice(1), 'bob')).toBe('reject')
    expect(await inbox.hear(bytes.with(40, (bytes[40] ?? 0) ^ 1), 'bob')).toBe('reject')
    expect(await archive.count(inbox.topic)).toBe(0)
  })
})

async function left(kind: number, body: Uint8Array): Promise<Frame> {
  return framed(await sealForInbox(wire, address, { kind, body }))
}

async function framed(payload: Uint8Array): Promise<Frame> {
  return parseFrame(wire, inbox.topic, await sealFrame(wire, channel.topic, channel.frameKey, payload, NOW))
}
