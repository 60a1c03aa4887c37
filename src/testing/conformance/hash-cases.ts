// What a provider's hash, HMAC and entropy have to do (RFC 9420 §5.1).

import { EMPTY, utf8 } from '../../bytes.ts'
import type { SuitePrimitives } from '../../crypto/contract.ts'
import { hkdfExpand } from '../../crypto/hkdf.ts'
import {
  bufferLike,
  type ConformanceCase,
  expectBytes,
  expectEqual,
  expectThrows,
  expectTrue,
  expectUntouched,
  hex,
} from './expectations.ts'
import { HASH_ANSWERS } from './hash-answers.ts'

/** The cases of one suite. */
export function hashCases(suite: SuitePrimitives): ConformanceCase[] {
  const { hash, kdfId } = suite
  const answers = HASH_ANSWERS.get(kdfId)
  const known: ConformanceCase[] =
    answers === undefined
      ? []
      : [
          {
            name: 'hash: known answer',
            run: async () => expectBytes('the digest', hash.digest(utf8('abc')), hex(answers.digest)),
          },
          {
            name: 'hmac: known answer',
            async run() {
              const tag = hash.hmac(utf8('Jefe'), utf8('what do ya want for nothing?'))
              expectBytes('the tag', tag, hex(answers.hmac))
            },
          },
        ]
  return [
    ...known,
    {
      name: 'hash: as long as it says, at once, arguments untouched',
      async run() {
        for (const data of [EMPTY, new Uint8Array(1), new Uint8Array(10_000).fill(7)]) {
          const digest = await expectUntouched('digest', [data], () => hash.digest(data))
          expectEqual('the length of a digest', digest.length, hash.length)
          expectTrue('digest is synchronous', hash.digest(data) instanceof Uint8Array)
          expectBytes('a second digest', hash.digest(bufferLike(data)), digest)
        }
      },
    },
    {
      name: 'hmac: keys and data of any length, at once, arguments untouched',
      async run() {
        for (const keyLength of [0, 1, hash.length, 64, 65, 128, 129, 500]) {
          const key = new Uint8Array(keyLength).fill(3)
          for (const dataLength of [0, 100, 5000]) {
            const data = new Uint8Array(dataLength).fill(5)
            const tag = await expectUntouched('hmac', [key, data], () => hash.hmac(key, data))
            expectTrue('hmac is synchronous', hash.hmac(key, data) instanceof Uint8Array)
            expectBytes('the tag', tag, hmacByDefinition(suite, key, data))
          }
        }
      },
    },
    {
      name: 'hash: results share no memory',
      async run() {
        const first = hash.hmac(utf8('key'), utf8('data'))
        const copy = Uint8Array.from(first)
        hash.hmac(utf8('another key'), utf8('other data')).fill(0)
        hash.digest(utf8('other data')).fill(0)
        expectBytes('an earlier tag', first, copy)
      },
    },
    {
      name: 'hkdf: at most 255 · Nh bytes',
      async run() {
        expectEqual('the length', hkdfExpand(hash, utf8('prk'), EMPTY, 255 * hash.length).length, 255 * hash.length)
        expectThrows('CRYPTO_BAD_LENGTH', 'one byte more', () =>
          hkdfExpand(hash, utf8('prk'), EMPTY, 255 * hash.length + 1),
        )
      },
    },
    {
      name: 'entropy: fresh bytes of any length',
      async run() {
        expectEqual('the length of none', suite.randomBytes(0).length, 0)
        const first = suite.randomBytes(32)
        expectEqual('the length', first.length, 32)
        expectTrue('two draws differ', first.join() !== suite.randomBytes(32).join())
        expectEqual('the length of many', suite.randomBytes(100_000).length, 100_000)
      },
    },
  ]
}

/** RFC 2104 §2 over the provider's own digest; the block is 64 bytes for SHA-256 and 128 for its longer kin. */
function hmacByDefinition({ hash }: SuitePrimitives, key: Uint8Array, data: Uint8Array): Uint8Array {
  const blockLength = hash.length === 32 ? 64 : 128
  const block = new Uint8Array(blockLength)
  block.set(key.length > blockLength ? hash.digest(key) : key)
  const pad = (byte: number, rest: Uint8Array) => Uint8Array.from([...block.map((b) => b ^ byte), ...rest])
  return hash.digest(pad(0x5c, hash.digest(pad(0x36, data))))
}
