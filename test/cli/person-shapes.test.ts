// What a person reads behind what they have said, and of what went wrong.

import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { arrivalOf, warningFor } from '../../src/cli/person-shapes.ts'
import type { Message } from '../../src/client/message.ts'
import { CoterieError } from '../../src/errors.ts'

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

test.each([
  [
    'TRANSPORT_UNREACHABLE',
    'nobody can be reached',
    /^nobody can be reached\. It is tried again by itself; what is meant/,
  ],
  [
    'RELAY_REFUSED',
    'the relay refuses',
    /^the relay refuses\. It is tried again by itself; until then that relay may not/,
  ],
  ['FRAME_MALFORMED', 'no frame', /^something that came from others was of no use and is left out: no frame$/],
  ['REQUEST_DROPPED', 'too many wait', /^too many wait$/],
  ['STORE_FAILED', 'the disk is full', /^the disk is full$/],
] as const)('a warning of %s', (code, message, shown) => {
  expect(warningFor(new CoterieError(code, message))).toMatch(shown)
})
