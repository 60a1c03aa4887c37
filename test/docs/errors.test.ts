// docs/errors.md lists every code of src/errors.ts, in its order, as it is; and a page names no code that there is not.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CoterieError, ERROR_CODES, type ErrorCode } from '../../src/errors.ts'
import { projectRoot } from '../tools/scratch-project.ts'

const codes = Object.keys(ERROR_CODES) as ErrorCode[]
const read = (page: string): string => readFileSync(join(projectRoot, page), 'utf8')

interface Row {
  readonly code: string
  readonly origin: string
  readonly retryable: boolean
}

function rowsOf(markdown: string): Row[] {
  return [...markdown.matchAll(/^\| `(\w+)` \| (\w+) \| (yes)? ?\| [^|]+ \|$/gm)].map(
    ([, code = '', origin = '', retry]) => ({ code, origin, retryable: retry === 'yes' }),
  )
}

test('the table has a row for every code, with its origin and whether to try again', () => {
  const expected = codes.map((code) => {
    const { origin, retryable } = new CoterieError(code, 'an error of this code')
    return { code, origin, retryable }
  })
  expect(rowsOf(read('docs/errors.md'))).toEqual(expected)
})

test('pages name only codes that exist', () => {
  const layers = new Set(codes.map((code) => code.split('_')[0]))
  const pages = readdirSync(join(projectRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path))
  const unknown = [...pages, 'README.md', 'SECURITY.md'].flatMap((page) =>
    [...read(page).matchAll(/`([A-Z][A-Z0-9]*)_([A-Z0-9_]+)`/g)]
      .filter(([, layer = '']) => layers.has(layer))
      .map(([, layer, rest]) => `${layer}_${rest}`)
      .filter((code) => !(code in ERROR_CODES))
      .map((code) => `${page}: ${code}`),
  )
  expect(unknown).toEqual([])
})
