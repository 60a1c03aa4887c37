// The ledger of a soak finds what it is there to find.

import { expect, test } from 'vitest'
import { Ledger } from './ledger.ts'

const A = { id: 'a', text: 'first' }
const B = { id: 'b', text: 'second' }

function everybody(): boolean {
  return true
}

test('a message that somebody lacks', () => {
  const ledger = new Ledger()
  ledger.confirmed.push({ ...A, sender: 'alice', readers: ['alice', 'bob'] })
  expect(ledger.missing('bob', [A], everybody)).toEqual([])
  expect(ledger.missing('bob', [B], everybody)).toEqual(['bob lacks "first"'])
  expect(ledger.missing('carol', [B], everybody)).toEqual([])
  expect(ledger.missing('bob', [B], (name) => name !== 'alice')).toEqual([])
})

test('a message that somebody has twice', () => {
  const ledger = new Ledger()
  expect(ledger.repeated('bob', [A, B])).toEqual([])
  expect(ledger.repeated('bob', [A, B, A])).toEqual(['bob has "a" twice', 'bob has "first" twice'])
  expect(ledger.repeated('bob', [A, { ...A, id: 'b' }])).toEqual(['bob has "first" twice'])
})

test('messages that two show in different orders', () => {
  const ledger = new Ledger()
  const C = { id: 'c', text: 'third' }
  expect(
    ledger.disordered(
      new Map([
        ['alice', [A, B, C]],
        ['bob', [A, C]],
      ]),
    ),
  ).toEqual([])
  const parted = new Map([
    ['alice', [A, B, C]],
    ['bob', [C, A]],
  ])
  expect(ledger.disordered(parted)).toEqual(['alice shows "first" where bob shows "third"'])
})

test('forks, and two commits of one device on one parent', () => {
  const ledger = new Ledger()
  ledger.noteEpochs([
    { id: 'root', parent: undefined, committer: undefined },
    { id: '1', parent: 'root', committer: 'x' },
    { id: '2', parent: 'root', committer: 'y' },
  ])
  // Told again by another.
  ledger.noteEpochs([{ id: '2', parent: 'root', committer: 'y' }])
  expect([ledger.commits, ledger.forks, ledger.doubleCommits()]).toEqual([2, 1, []])
  ledger.noteEpochs([{ id: '3', parent: 'root', committer: 'y' }])
  expect([ledger.forks, ledger.doubleCommits()]).toEqual([1, ['y on root']])
})
