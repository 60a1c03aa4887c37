// Requests that have led into a group and may have been in vain: remembered over restarts, and acted upon only where the group shows it.

import { beforeEach, expect, test } from 'vitest'
import { type EnteredGroup, GrantedJoins } from '../../src/client/granted-joins.ts'
import { decodeGrantedJoin, encodeGrantedJoin, type GrantedJoin } from '../../src/client/join-records.ts'
import { CoterieError, type ErrorCode } from '../../src/errors.ts'
import type { Store } from '../../src/storage/store.ts'
import { until } from '../../src/testing/until.ts'
import { AnswerReason, encodeAnswer } from '../../src/wire/invite.ts'
import { memoryStore, NOW, wire } from './sync/holder.ts'

const KEY = new Uint8Array(32).fill(7)
const RECORD: GrantedJoin = { answerKey: KEY, requestedAtMs: NOW, epoch: 'ab'.repeat(16), reason: undefined }
const DAY = 86_400_000

let store: Store
let nowMs: number
let warnings: (ErrorCode | string)[]
let left: string[]
let isInVain: boolean

beforeEach(async () => {
  store = await memoryStore()
  nowMs = NOW
  warnings = []
  left = []
  isInVain = false
})

test('a record says what it said', () => {
  for (const reason of [undefined, ...Object.values(AnswerReason)]) {
    const record = { ...RECORD, reason }
    const bytes = encodeGrantedJoin(record)
    expect(decodeGrantedJoin(bytes)).toEqual(record)
    expect(() => decodeGrantedJoin(bytes.slice(0, -1))).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }))
  }
})

test('an answer counts when the group has gone on without this device, also after a restart, and once', async () => {
  const granted = await open()
  await store.write(granted.keep('club', RECORD))
  granted.note('club', RECORD)
  granted.noteChange(group)
  const answer = granted.takeAnswer(encodeAnswer(wire, KEY, AnswerReason.usedUp))
  await store.write(answer ?? (() => undefined))
  granted.noteChange(group)
  expect([warnings, left]).toEqual([[], []])
  const again = await open()
  isInVain = true
  again.noteChange(group)
  await until('it is told', () => warnings.length > 0)
  expect([warnings, left]).toEqual([['INVITE_USED_UP'], [RECORD.epoch]])
  again.noteChange(group)
  ;(await open()).noteChange(group)
  expect(left).toHaveLength(1)
})

test('an answer may come after the group has gone on', async () => {
  const granted = await open()
  granted.note('club', RECORD)
  isInVain = true
  granted.noteChange(group)
  expect(left).toEqual([])
  expect(granted.takeAnswer(encodeAnswer(wire, KEY, AnswerReason.revoked))).toBeDefined()
  await until('it is told', () => warnings.length > 0)
  expect([warnings, left]).toEqual([['INVITE_REVOKED'], [RECORD.epoch]])
})

test('answers to others, and what is no answer, are not for this client', async () => {
  const granted = await open()
  granted.note('club', RECORD)
  granted.noteChange(group)
  isInVain = true
  const answer = encodeAnswer(wire, KEY, AnswerReason.usedUp)
  const other = encodeAnswer(wire, new Uint8Array(32), AnswerReason.usedUp)
  for (const body of [other, answer.slice(1), answer.with(0, AnswerReason.expired), new Uint8Array(0)]) {
    expect(granted.takeAnswer(body)).toBeUndefined()
  }
  granted.noteChange(group)
  expect(left).toEqual([])
})

test('who was told no and is let in all the same gives up where the group goes on without it, also after a restart', async () => {
  const [references, invites] = [new Set(['other', 'package']), new Set(['invite'])]
  const record = { answerKey: KEY, requestedAtMs: NOW, invite: 'invite', reason: AnswerReason.usedUp }
  const granted = await open()
  await store.write(granted.keepAnswered('package', record))
  granted.noteAnswered('package', record)
  for (const joins of [granted, await open()]) {
    expect(joins.letInAfterAll(new Set(['other']), invites, 'club', RECORD.epoch)).toBeUndefined()
    // Somebody has used the request for some other group.
    expect(joins.letInAfterAll(references, new Set(['elsewhere']), 'club', RECORD.epoch)).toBeUndefined()
  }
  const again = await open()
  const letIn = again.letInAfterAll(references, invites, 'club', RECORD.epoch)
  await store.write(letIn?.also ?? (() => undefined))
  await letIn?.done()
  expect(again.letInAfterAll(references, invites, 'club', RECORD.epoch)).toBeUndefined()
  again.noteChange(group)
  expect(left).toEqual([])
  isInVain = true
  const last = await open()
  expect(last.letInAfterAll(references, invites, 'club', RECORD.epoch)).toBeUndefined()
  last.noteChange(group)
  await until('it is told', () => warnings.length > 0)
  expect([warnings, left]).toEqual([['INVITE_USED_UP'], [RECORD.epoch]])
})

test('what is older than anybody answers is forgotten', async () => {
  await store.write((await open()).keep('club', RECORD))
  const answer = encodeAnswer(wire, KEY, AnswerReason.usedUp)
  nowMs += 31 * DAY
  expect((await open()).takeAnswer(answer)).toBeDefined()
  nowMs += DAY
  expect((await open()).takeAnswer(answer)).toBeUndefined()
  nowMs = NOW
  expect((await open()).takeAnswer(answer)).toBeUndefined()
})

/** As after a restart. */
async function open(): Promise<GrantedJoins> {
  const warn = (error: unknown): void => {
    warnings.push(CoterieError.is(error) ? error.code : String(error))
  }
  const granted = new GrantedJoins({ wire, store, clock: () => nowMs, warn })
  await granted.restore()
  return granted
}

const group: EnteredGroup = {
  id: 'club',
  session: {
    isInVain: () => isInVain,
    leaveInVain: async (epoch) => {
      left.push(epoch)
      return NOTHING
    },
  },
  async perform(operation) {
    const { also, result } = await operation(nowMs)
    await store.write(also ?? (() => undefined))
    return result
  },
}

const NOTHING: Awaited<ReturnType<EnteredGroup['session']['leaveInVain']>> = {
  ...{ writes: [], frames: [], welcomes: [], answers: [], reach: [], mail: [], again: [], wanted: [], events: [] },
  ...{ sync: [], wakeAtMs: undefined, afterWrite: () => undefined },
}
