// Damaged messages: each is taken, or refused with a code that blames its sender; in bounded time and memory, and without a
// trace in the state.
import { describe, expect, test } from 'vitest'
import { concat } from '../../src/bytes.ts'
import { encode } from '../../src/codec/writer.ts'
import { CoterieError } from '../../src/errors.ts'
import { decodeMlsMessage } from '../../src/mls.ts'
import { decodeRatchetTree } from '../../src/tree/tree-codec.ts'
import { loadProvider } from '../conformance/providers.ts'
import { codeOf } from '../support/errors.ts'
import { fuzz } from './fuzz.ts'
import { fuzzWorld } from './fuzz-world.ts'
import { printSeed, SEED } from './settings.ts'

printSeed('property/fuzz')

describe('damaged messages', () => {
  test('100,000 of all kinds are taken or refused', { timeout: 120_000 }, async () => {
    const report = await fuzz({ provider: await loadProvider('node'), seed: SEED, runs: 100_000 })
    expect(report.attempts).toBe(100_000)
    for (const [target, { taken, refused }] of Object.entries(report.outcomes)) {
      // Some changes change nothing, so that both happen everywhere.
      expect({ target, both: taken > 0 && refused > 0 }).toEqual({ target, both: true })
    }
  })

  test('lengths that lie allocate nothing', async () => {
    const world = await fuzzWorld(await loadProvider('node'), 'lengths')
    const longest = Uint8Array.of(0xbf, 0xff, 0xff, 0xff)
    const before = process.memoryUsage().arrayBuffers
    let decoded = 0
    for (const { bytes } of [...world.toMember, ...world.welcomes, ...world.groupInfos, ...world.keyPackages]) {
      for (let at = 4; at < bytes.length; at++) {
        decoded++
        const lying = concat(bytes.subarray(0, at), longest, bytes.subarray(at + 1))
        try {
          decodeMlsMessage(lying)
        } catch (error) {
          if (!CoterieError.is(error)) throw error
        }
      }
    }
    // Copies of what was read before the lie, as far as they have not been collected: a gigabyte each is not among them.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(decoded * 20_000)
  })

  test.each(['empty extensions', 'empty certificates', 'blank nodes'])(
    'a megabyte of %s is refused in a few seconds',
    (what) => {
      const bytes = new Uint8Array(1_000_000)
      const start = performance.now()
      if (what === 'blank nodes') {
        expect(codeOf(() => decodeRatchetTree(encode((writer) => writer.opaque(bytes), undefined)))).toBe(
          'TREE_TRAILING_BLANK',
        )
      } else {
        const vector = encode((writer) => writer.opaque(bytes), undefined)
        const leafNode =
          what === 'empty certificates'
            ? concat(Uint8Array.of(0, 0, 0, 2), vector)
            : concat(Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2), vector)
        const keyPackage = concat(Uint8Array.of(0, 1, 0, 5, 0, 1, 0, 1, 0), leafNode)
        const expected = what === 'empty certificates' ? 'CODEC_TRUNCATED' : 'EXTENSION_DUPLICATE'
        expect(codeOf(() => decodeMlsMessage(keyPackage))).toBe(expected)
      }
      expect(performance.now() - start).toBeLessThan(5000)
    },
  )
})
