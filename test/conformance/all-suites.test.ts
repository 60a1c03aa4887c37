// Every file of the default folders has exactly one module, and the modules can run where there is no Node.js.
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { preProcessFile } from 'typescript'
import { describe, expect, test } from 'vitest'
import { projectRoot } from '../tools/scratch-project.ts'
import { vectorsFolder } from '../vectors/location.ts'
import { allSuites } from './all-suites.ts'
import { defaultFolders, findVectors } from './vector-files.ts'

describe.runIf(vectorsFolder() !== undefined)('the modules', () => {
  test('recognise every file, each by one of them alone', async () => {
    const unclear: string[] = []
    for (const { files } of await findVectors(defaultFolders())) {
      for (const { name, path } of files) {
        const json: unknown = JSON.parse(await readFile(path, 'utf8'))
        const recognised = allSuites.filter((suite) => suite.recognises(json)).map((suite) => suite.name)
        if (recognised.length !== 1) unclear.push(`${name}: ${recognised.join(', ') || 'none'}`)
      }
    }
    expect(unclear).toEqual([])
  })
})

test('no module takes something else for its own', () => {
  for (const json of [null, 0, '', 'text', {}, [], [null], [0], [[]], [{}], { a: 1 }]) {
    expect(allSuites.filter((suite) => suite.recognises(json)).map((suite) => suite.name)).toEqual([])
  }
})

test('names are given once', () => {
  const names = allSuites.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

test('the modules and what they import need no Node.js', () => {
  const seen = new Set<string>()
  const offending: string[] = []
  const visit = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    for (const { fileName: specifier } of preProcessFile(readFileSync(path, 'utf8')).importedFiles) {
      if (specifier.startsWith('.')) visit(join(dirname(path), specifier))
      else if (!specifier.startsWith('@noble/')) offending.push(`${relative(projectRoot, path)}: ${specifier}`)
    }
  }
  visit(join(projectRoot, 'test/conformance/run-file.ts'))
  expect(seen.size).toBeGreaterThan(50)
  expect(offending).toEqual([])
})
