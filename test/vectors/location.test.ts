// Where the vectors are looked for.
import { tmpdir } from 'node:os'
import { isAbsolute } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { vectorsFolder } from './location.ts'

afterEach(() => vi.unstubAllEnvs())

test('COTERIE_VECTORS comes first', () => {
  vi.stubEnv('COTERIE_VECTORS', tmpdir())
  expect(vectorsFolder()).toBe(tmpdir())
})

test('COTERIE_VECTORS that names nothing is a mistake, not an absence', () => {
  vi.stubEnv('COTERIE_VECTORS', `${tmpdir()}/coterie-no-such-folder`)
  expect(() => vectorsFolder()).toThrow('does not exist')
})

test('without it, a folder is found beside or in the repository, or none', () => {
  vi.stubEnv('COTERIE_VECTORS', '')
  const folder = vectorsFolder()
  expect(folder === undefined || (isAbsolute(folder) && /vectors$/.test(folder))).toBe(true)
})
