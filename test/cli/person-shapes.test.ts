// What a person reads behind what they have said.

import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { arrivalOf } from '../../src/cli/person-shapes.ts'
import type { Message } from '../../src/client/message.ts'

test.each([
  ['of others’ messages nothing', undefined, ''],
  ['to oneself nothing', { state: 'delivered', by: 0, of: 0, missing: [] }, ''],
  ['with all', { state: 'delivered', by: 3, of: 3, missing: [] }, ' ✓'],
  ['with nobody', { state: 'queued', by: 0, of: 1, missing: ['a'] }, ' (waits here: nobody has it yet)'],
  ['on its way', { state: 'published', by: 0, of: 1, missing: ['a'] }, ' 0 of 1, not yet: A'],
  ['with some', { state: 'published', by: 1, of: 3, missing: ['a', 'b'] }, ' ✓ 1 of 3, not yet: A, B'],
  [
    'with few',
    { state: 'published', by: 1, of: 8, missing: [...'abcdefg'] },
    ' ✓ 1 of 8, not yet: A, B, C, D, E and 2 more',
  ],
] as const)('%s', (_, delivery, shown) => {
  const message = { delivery } as unknown as Message
  const plain = stripVTControlCharacters(arrivalOf(message, (identity) => identity.toUpperCase()))
  expect(plain).toBe(shown)
})
