// The negative suite is whole: each check and each trap has a case or a test, and the files are what the chapters make.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ERROR_CODES } from '../../src/errors.ts'
import { buildFile, fileText } from './build.ts'
import { CHAPTERS } from './chapters.ts'
import { CHECKS, OWN_TESTS, TRAPS } from './checklist.ts'
import { coverageTables, TABLES_BEGIN } from './coverage-table.ts'

const folder = new URL('../../spec/vectors/negative/', import.meta.url)
const cases = CHAPTERS.flatMap(({ cases }) => cases)

describe('coverage', () => {
  test('the checks are those from 1 to 62', () => {
    expect(Object.keys(CHECKS)).toEqual(Array.from({ length: 62 }, (_, i) => String(i + 1)))
  })

  test.each(Object.keys(CHECKS))('check %s has a case or a test', (number) => {
    const row = Number(number)
    const found = [...cases.filter(({ rows }) => rows.includes(row)), ...OWN_TESTS.filter((own) => own.row === row)]
    expect(found).not.toEqual([])
  })

  test.each(Object.keys(TRAPS))('trap %s has a case or a test', (trap) => {
    const found = [
      ...cases.filter(({ traps }) => traps?.includes(trap)),
      ...OWN_TESTS.filter((own) => own.trap === trap),
    ]
    expect(found).not.toEqual([])
  })

  test('cases name checks, traps and codes that exist, and no two have the same name', () => {
    for (const { name, rows, traps = [], code } of cases) {
      expect({ name, unknown: rows.filter((row) => !(row in CHECKS)) }).toEqual({ name, unknown: [] })
      expect({ name, unknown: traps.filter((trap) => !(trap in TRAPS)) }).toEqual({ name, unknown: [] })
      expect(Object.keys(ERROR_CODES)).toContain(code)
    }
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
  })

  test.each(OWN_TESTS)('$file has the test: $title', ({ file, title }) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').replaceAll("\\'", "'")
    expect(text).toContain(title)
  })
})

describe('files', () => {
  test('there is one for each chapter, and no other', () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
    expect(names.sort()).toEqual(CHAPTERS.map(({ file }) => `${file}.json`).sort())
  })

  test.each(CHAPTERS)('$file.json is what its chapter makes', async (chapter) => {
    const made = fileText(await buildFile(chapter))
    expect(readFileSync(new URL(`${chapter.file}.json`, folder), 'utf8') === made).toBe(true)
  })

  test('the tables of the README are those of the chapters', () => {
    const text = readFileSync(new URL('README.md', folder), 'utf8')
    expect(text.slice(text.indexOf(TABLES_BEGIN) + TABLES_BEGIN.length).trim()).toBe(coverageTables(CHAPTERS).trim())
  })
})
