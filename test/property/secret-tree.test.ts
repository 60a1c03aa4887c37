// The secret tree gives, in any order and from any version, the keys that RFC 9420 §9 derives, each once.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex, utf8 } from '../../src/bytes.ts'
import { type CipherSuite, deriveTreeSecret, expandWithLabel } from '../../src/crypto/labels.ts'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { CoterieError } from '../../src/errors.ts'
import { createSecretTree, nextSendKey, type RatchetType, receiveKey } from '../../src/schedule/secret-tree.ts'
import { restoreSecretTree, secretTreeRecords } from '../../src/schedule/secret-tree-records.ts'
import { printSeed, runs } from './settings.ts'

printSeed('property/secret-tree')

const suite: CipherSuite = suiteOne()
const LIMITS = { maxForward: 12, maxSkipped: 8 }

interface Step {
  readonly leafIndex: number
  readonly type: RatchetType
  /** Undefined for the next key of a sender. */
  readonly generation: number | undefined
}

const schedule = fc.integer({ min: 0, max: 4 }).chain((height) =>
  fc.record({
    width: fc.constant(2 ** height),
    steps: fc.array(
      fc.record({
        leafIndex: fc.integer({ min: 0, max: 2 ** height - 1 }),
        type: fc.constantFrom('handshake' as const, 'application' as const),
        generation: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
      }),
      { maxLength: 25 },
    ),
  }),
)

/** Which generations of a ratchet can still be had. */
interface Ratchet {
  next: number
  readonly skipped: Set<number>
}

/** Key and nonce by the definitions of §9 and §9.1, from the root each time. */
function derived(encryptionSecret: Uint8Array, width: number, step: Step, generation: number): string {
  let secret = encryptionSecret
  for (let [span, leafIndex] = [width, step.leafIndex]; span > 1; span /= 2) {
    const side = leafIndex < span / 2 ? 'left' : 'right'
    if (side === 'right') leafIndex -= span / 2
    secret = expandWithLabel(suite, secret, 'tree', utf8(side), 32)
  }
  secret = expandWithLabel(suite, secret, step.type, new Uint8Array(0), 32)
  for (let i = 0; i < generation; i++) secret = deriveTreeSecret(suite, secret, 'secret', i, 32)
  const key = deriveTreeSecret(suite, secret, 'key', generation, 16)
  return toHex(key) + toHex(deriveTreeSecret(suite, secret, 'nonce', generation, 12))
}

/** What the rules say of a step; undefined where it is refused. */
function expected(ratchet: Ratchet, step: Step): number | string {
  const generation = step.generation ?? ratchet.next
  if (generation < ratchet.next) {
    return ratchet.skipped.delete(generation) ? generation : 'FRAMING_GENERATION_USED'
  }
  if (generation - ratchet.next > LIMITS.maxForward) return 'FRAMING_GENERATION_TOO_FAR'
  for (let at = ratchet.next; at < generation; at++) ratchet.skipped.add(at)
  const oldest = [...ratchet.skipped].sort((a, b) => a - b)
  if (step.generation !== undefined && generation > ratchet.next) {
    for (const gone of oldest.slice(0, Math.max(0, oldest.length - LIMITS.maxSkipped))) ratchet.skipped.delete(gone)
  }
  ratchet.next = generation + 1
  return generation
}

describe('the secret tree', () => {
  test('gives the derived keys, each once, also after it was stored', () => {
    fc.assert(
      fc.property(schedule, fc.boolean(), ({ width, steps }, storing) => {
        const root = new Uint8Array(32).fill(7)
        let tree = createSecretTree(suite, Secret.copyOf(root), width)
        const ratchets = new Map<string, Ratchet>()
        for (const step of steps) {
          const name = `${step.leafIndex} ${step.type}`
          const ratchet = ratchets.get(name) ?? { next: 0, skipped: new Set() }
          ratchets.set(name, ratchet)
          const answer = expected(ratchet, step)
          if (storing) tree = restoreSecretTree(suite, width, [...secretTreeRecords(tree).put])
          const before = tree
          const take = () => {
            if (step.generation === undefined) return nextSendKey(suite, before, step.leafIndex, step.type)
            return receiveKey(suite, before, step.leafIndex, step.type, step.generation, LIMITS)
          }
          if (typeof answer === 'string') {
            expect(refusal(take)).toBe(answer)
            continue
          }
          const taken = take()
          expect(taken.key.generation).toBe(answer)
          expect(toHex(taken.key.key) + toHex(taken.key.nonce)).toBe(derived(root, width, step, answer))
          // The version before still has it: a value does not change.
          expect(toHex(take().key.key)).toBe(toHex(taken.key.key))
          tree = taken.tree
        }
      }),
      runs(150),
    )
  })
})

function refusal(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (CoterieError.is(error)) return error.code
    throw error
  }
  return 'nothing'
}

function suiteOne(): CipherSuite {
  const found = nodeProvider.suite(1)
  if (found === undefined) throw new Error('suite 1 is missing')
  return found
}
