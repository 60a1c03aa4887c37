// Which statement of a device counts, where what it says has nothing to do with the tree any more.
import { expect, test } from 'vitest'
import { laterOf, type Statement } from '../../src/session/statement.ts'

const SAID: Statement = {
  device: 'ab',
  number: 7n,
  path: [{ id: 'aa01', height: 1n, committer: undefined, removed: [] }],
  stuck: false,
  conflict: false,
}
const FORGOTTEN: Statement = { ...SAID, path: [] }

test('the number of what was forgotten stands: an older statement does not count again', () => {
  expect(laterOf(FORGOTTEN, { ...SAID, number: 6n })).toBe(FORGOTTEN)
  const later = { ...SAID, number: 8n }
  expect(laterOf(FORGOTTEN, later)).toBe(later)
})

test('what was forgotten is no contradiction where it is heard again', () => {
  expect(laterOf(FORGOTTEN, SAID)).toBe(SAID)
})
