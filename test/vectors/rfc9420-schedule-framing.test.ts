// The vectors of codec, key schedule, secret tree and framing (RFC 9420 §2.1, §5, §6, §8, §9), in every provider.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nobleProvider } from '../../src/crypto/providers/noble/provider.ts'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { createWebCryptoProvider } from '../../src/crypto/providers/webcrypto/provider.ts'
import { scheduleAndFraming } from '../conformance/schedule-framing.ts'
import { vectorsFolder } from './location.ts'

const PROVIDERS = [nobleProvider, nodeProvider, await createWebCryptoProvider()]

/** Each file with the module that is to recognise it and the number of its cases. */
const FILES: readonly (readonly [file: string, suite: string, cases: number])[] = [
  ['mlswg/crypto-basics.json', 'crypto-basics', 7],
  ['mlswg/deserialization.json', 'deserialization', 14],
  ['mlswg/key-schedule.json', 'key-schedule', 7],
  ['mlswg/message-protection.json', 'message-protection', 7],
  ['mlswg/messages.json', 'messages', 300],
  ['mlswg/psk_secret.json', 'psk_secret', 77],
  ['mlswg/secret-tree.json', 'secret-tree', 21],
  ['mlswg/transcript-hashes.json', 'transcript-hashes', 7],
  ['mls-rs/epoch_secret_exporter_test_vector.json', 'exporter', 7],
  ['mls-rs/key_package_ref.json', 'key package references', 7],
  ['mls-rs/proposal_ref.json', 'proposal references', 28],
  ['mls-rs/reuse_guard.json', 'reuse guard', 2],
  ['mls-rs/sender_data_key_test_vector.json', 'sender data', 21],
  ['mls-rs/signatures.json', 'labelled signatures', 7],
  ['openmls/message-protection.json', 'message-protection', 7],
  ['openmls/transcript-hashes-300.json', 'transcript-hashes', 300],
]

const folder = vectorsFolder()

describe.runIf(folder !== undefined)('vectors of schedule and framing', () => {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder ?? '', file), 'utf8'))

  it.each(FILES)('%s is recognised by the module for %s alone', (file, suite) => {
    const json = read(file)
    expect(scheduleAndFraming.filter((one) => one.recognises(json)).map((one) => one.name)).toEqual([suite])
  })

  for (const provider of PROVIDERS) {
    it.each(FILES)(`${provider.name} passes %s`, async (file, name, cases) => {
      const suite = scheduleAndFraming.find((one) => one.name === name)
      const failures: string[] = []
      let passed = 0
      await suite?.run(read(file), provider, {
        pass: () => passed++,
        fail: (message) => failures.push(message),
        skip: (reason) => failures.push(`skipped: ${reason}`),
      })
      expect(failures).toEqual([])
      expect(passed).toBe(cases)
    })
  }
})
