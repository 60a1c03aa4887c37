// spec/vectors/negative, run against the library: every bad message is refused with its code and changes nothing, and its
// control is accepted from the same state.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { CryptoProvider } from '../../src/crypto/contract.ts'
import { loadProvider, PROVIDER_NAMES } from '../conformance/providers.ts'
import { type NegativeFile, readNegativeFile } from './case-format.ts'
import { CHAPTERS } from './chapters.ts'
import { type Client, openStart, runBad, runControl } from './run-case.ts'

const files = new Map(CHAPTERS.map(({ file }) => [file, readNegative(file)]))

describe.each(PROVIDER_NAMES)('provider %s', (name) => {
  describe.each([...files])('%s.json', (_, file) => {
    const clients = new Map<string, Promise<Client>>()
    const clientAt = async (start: string): Promise<Client> => {
      const found = clients.get(start) ?? open(await loadProvider(name), file, start)
      clients.set(start, found)
      return found
    }

    test.each(file.cases)('$name: $about (§$sections)', async (vector) => {
      const client = await clientAt(vector.start)
      expect(await runBad(client, vector)).toEqual({ code: vector.code, unchanged: true, repeated: true })
      const witness = vector.witness === undefined ? undefined : await clientAt(vector.witness)
      expect(await runControl(client, vector, witness)).toEqual({
        epoch_authenticator: undefined,
        application_data: undefined,
        ...vector.control.outcome,
      })
    })
  })
})

function open(provider: CryptoProvider, file: NegativeFile, name: string): Promise<Client> {
  const start = file.starts[name]
  if (start === undefined) throw new Error(`there is no start ${name}`)
  const suite = provider.suite(start.cipher_suite)
  if (suite === undefined) throw new Error(`${provider.name} has no suite ${start.cipher_suite}`)
  return openStart(suite, start)
}

function readNegative(name: string): NegativeFile {
  const path = new URL(`../../spec/vectors/negative/${name}.json`, import.meta.url)
  return readNegativeFile(JSON.parse(readFileSync(path, 'utf8')))
}
