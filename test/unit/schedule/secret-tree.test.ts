// The secret tree: immutability, deletion, replays, windows and costs (RFC 9420 §9, §15.3).
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Secret } from '../../../src/crypto/secret.ts'
import { GENERATIONS } from '../../../src/schedule/ratchet.ts'
import {
  createSecretTree,
  DEFAULT_SECRET_TREE_LIMITS,
  nextSendKey,
  type RatchetKey,
  receiveKey,
  type SecretTree,
  secretsOf,
} from '../../../src/schedule/secret-tree.ts'
import { codeOf, countingSuite, secretOf, suiteOf } from './schedule-fixtures.ts'

const suite = suiteOf(1)
const limits = DEFAULT_SECRET_TREE_LIMITS

/** The keys that leaf 3 of 8 sends with. */
function sentKeys(count: number): RatchetKey[] {
  let tree = createSecretTree(suite, secretOf(1), 8)
  return Array.from({ length: count }, () => {
    const step = nextSendKey(suite, tree, 3, 'application')
    tree = step.tree
    return step.key
  })
}

const receive = (tree: SecretTree, generation: number, within = limits) =>
  receiveKey(suite, tree, 3, 'application', generation, within)
const secretBytes = (tree: SecretTree) => new Set([...secretsOf(tree)].map((secret: Secret) => secret.bytes.join()))

describe('a secret tree', () => {
  it('gives sender and receiver the same keys, in any order', () => {
    const sent = sentKeys(5)
    let tree = createSecretTree(suite, secretOf(1), 8)
    for (const generation of [3, 0, 4, 2, 1]) {
      const step = receive(tree, generation)
      expect(step.key).toEqual(sent[generation])
      tree = step.tree
    }
  })

  it('separates leaves and kinds of content', () => {
    const tree = createSecretTree(suite, secretOf(1), 4)
    const keys = [0, 1, 2, 3].flatMap((leaf) => [
      nextSendKey(suite, tree, leaf, 'application').key.key.join(),
      nextSendKey(suite, tree, leaf, 'handshake').key.key.join(),
    ])
    expect(new Set(keys).size).toBe(8)
  })

  it('works for a group of one', () => {
    const tree = createSecretTree(suite, secretOf(1), 1)
    const sent = nextSendKey(suite, tree, 0, 'handshake')
    expect(receiveKey(suite, tree, 0, 'handshake', 0, limits).key).toEqual(sent.key)
  })

  it('is not changed by its use', () => {
    const before = createSecretTree(suite, secretOf(1), 8)
    const later = receive(before, 5).tree
    expect(receive(before, 5).key).toEqual(receive(before, 5).key)
    expect(receive(before, 0).key).toEqual(receive(later, 0).key)
    expect(receive(later, 2).key).toEqual(receive(later, 2).key)
    const siblings = [receive(later, 7).tree, receive(later, 3).tree]
    for (const tree of siblings) expect(receive(tree, 4).key).toEqual(receive(before, 4).key)
    expect(receive(later, 6).key).toEqual(receive(later, 6).key)
    expect(nextSendKey(suite, later, 3, 'application').key).toEqual(receive(later, 6).key)
    expect([...secretsOf(before)].some((secret) => secret.wiped)).toBe(false)
    expect([...secretsOf(later)].some((secret) => secret.wiped)).toBe(false)
  })

  it('lacks every secret on the path to a leaf in use, and keeps the siblings (RFC 9420 §9.2)', () => {
    const before = createSecretTree(suite, secretOf(1), 8)
    const after = nextSendKey(suite, before, 3, 'application').tree
    expect(secretBytes(before).size).toBe(1)
    // One sibling on each of three levels, and two ratchets.
    expect(secretBytes(after).size).toBe(5)
    for (const secret of secretBytes(before)) expect(secretBytes(after)).not.toContain(secret)
    const again = nextSendKey(suite, after, 3, 'application').tree
    const changed = [...secretBytes(after)].filter((secret) => !secretBytes(again).has(secret))
    expect(changed).toHaveLength(1)
  })

  it('lacks a key once it has been used, and keeps those in between (RFC 9420 §9.2)', () => {
    const tree = receive(createSecretTree(suite, secretOf(1), 8), 2).tree
    const [first] = sentKeys(1)
    const kept = `${first?.key.join()},${first?.nonce.join()}`
    expect(secretBytes(tree)).toContain(kept)
    expect(secretBytes(receive(tree, 0).tree)).not.toContain(kept)
  })

  it('refuses a generation that was used (RFC 9420 §9.1)', () => {
    const tree = receive(receive(createSecretTree(suite, secretOf(1), 8), 2).tree, 0).tree
    for (const generation of [0, 2]) {
      expect(codeOf(() => receive(tree, generation))).toBe('FRAMING_GENERATION_USED')
    }
    expect(receive(tree, 1).key.generation).toBe(1)
  })

  it('refuses a generation that is too far ahead, before it derives anything (RFC 9420 §15.3)', () => {
    const { suite: counting, count } = countingSuite()
    const narrow = { maxForward: 10, maxSkipped: 10 }
    const tree = createSecretTree(counting, secretOf(1), 8)
    for (const generation of [11, 0x7fffffff, 0x80000000, 0xffffffff]) {
      expect(codeOf(() => receiveKey(counting, tree, 3, 'application', generation, narrow))).toBe(
        'FRAMING_GENERATION_TOO_FAR',
      )
    }
    expect(count()).toBe(0)
    const { tree: later } = receiveKey(counting, tree, 3, 'application', 10, narrow)
    expect(codeOf(() => receive(later, 22, narrow))).toBe('FRAMING_GENERATION_TOO_FAR')
    expect(receive(later, 21, narrow).key.generation).toBe(21)
  })

  it('tells who used a generation twice', () => {
    const tree = receive(createSecretTree(suite, secretOf(1), 8), 0).tree
    expect(() => receive(tree, 0)).toThrow(expect.objectContaining({ details: { leafIndex: 3, generation: 0 } }))
  })

  it('keeps the newest skipped keys only', () => {
    const narrow = { maxForward: 1000, maxSkipped: 3 }
    const { suite: counting, count } = countingSuite()
    const warm = receiveKey(counting, createSecretTree(counting, secretOf(1), 8), 3, 'application', 0, narrow).tree
    count()
    const tree = receiveKey(counting, warm, 3, 'application', 9, narrow).tree
    // Eight steps with three keys on the way, then the key itself and the step behind it.
    expect(count()).toBe(8 + 2 * 3 + 3)
    expect(codeOf(() => receive(tree, 5, narrow))).toBe('FRAMING_GENERATION_USED')
    const keys = sentKeys(12)
    for (const generation of [6, 7, 8]) expect(receive(tree, generation, narrow).key).toEqual(keys[generation])

    const further = receive(tree, 11, narrow).tree
    expect(codeOf(() => receive(further, 6, narrow))).toBe('FRAMING_GENERATION_USED')
    for (const generation of [7, 8, 10]) expect(receive(further, generation, narrow).key).toEqual(keys[generation])
  })

  it('keeps no skipped key where none is wanted', () => {
    const none = { maxForward: 5, maxSkipped: 0 }
    const tree = receive(createSecretTree(suite, secretOf(1), 8), 4, none).tree
    for (const generation of [0, 3]) {
      expect(codeOf(() => receive(tree, generation, none))).toBe('FRAMING_GENERATION_USED')
    }
  })

  it('uses the last generation and then none (RFC 9420 §9.1)', () => {
    const leaf = { generation: GENERATIONS - 2, secret: secretOf(9), skipped: undefined }
    const idle = { generation: 0, secret: secretOf(8), skipped: undefined }
    const tree: SecretTree = { leafCount: 1, root: { handshake: leaf, application: idle } }
    const last = receiveKey(suite, tree, 0, 'handshake', 0xffffffff, limits)
    expect(last.key.generation).toBe(0xffffffff)
    expect(codeOf(() => nextSendKey(suite, last.tree, 0, 'handshake'))).toBe('RATCHET_EXHAUSTED')
    expect(codeOf(() => receiveKey(suite, last.tree, 0, 'handshake', 0xffffffff, limits))).toBe(
      'FRAMING_GENERATION_USED',
    )
    expect(receiveKey(suite, last.tree, 0, 'handshake', 0xfffffffe, limits).key.generation).toBe(0xfffffffe)
    const sent = nextSendKey(suite, nextSendKey(suite, tree, 0, 'handshake').tree, 0, 'handshake')
    expect(sent.key).toEqual(last.key)
    expect(codeOf(() => nextSendKey(suite, sent.tree, 0, 'handshake'))).toBe('RATCHET_EXHAUSTED')
  })

  it('derives O(log n) secrets for the first message of a sender and O(1) for the others', () => {
    const { suite: counting, count } = countingSuite()
    for (const levels of [0, 3, 10, 16]) {
      const leafIndex = Math.floor(0.7 * 2 ** levels)
      let step = nextSendKey(counting, createSecretTree(counting, secretOf(1), 2 ** levels), leafIndex, 'application')
      expect(count()).toBe(2 * levels + 2 + 3)
      step = nextSendKey(counting, step.tree, leafIndex, 'application')
      expect(count()).toBe(3)
      step = nextSendKey(counting, step.tree, leafIndex, 'handshake')
      expect(count()).toBe(3)
      receiveKey(counting, step.tree, leafIndex, 'application', 2, limits)
      expect(count()).toBe(3)
    }
  })

  it('handles indices beyond 2^31 without a sign', () => {
    const tree = createSecretTree(suite, secretOf(1), 2 ** 32)
    const sent = nextSendKey(suite, tree, 0xffffffff, 'application')
    expect(receiveKey(suite, tree, 0xffffffff, 'application', 0, limits).key).toEqual(sent.key)
    expect(nextSendKey(suite, tree, 0x7fffffff, 'application').key.key).not.toEqual(sent.key.key)
  })

  it('refuses trees and leaves that cannot be', () => {
    for (const leafCount of [0, -1, 3, 1.5, Number.NaN, 2 ** 33]) {
      expect(codeOf(() => createSecretTree(suite, secretOf(1), leafCount))).toBe('ARGUMENT_INVALID')
    }
    expect(codeOf(() => createSecretTree(suite, secretOf(1, 31), 8))).toBe('ARGUMENT_INVALID')
    const tree = createSecretTree(suite, secretOf(1), 8)
    for (const leafIndex of [8, -1, 1.5]) {
      expect(codeOf(() => nextSendKey(suite, tree, leafIndex, 'handshake'))).toBe('ARGUMENT_INVALID')
      expect(codeOf(() => receiveKey(suite, tree, leafIndex, 'handshake', 0, limits))).toBe('ARGUMENT_INVALID')
    }
  })

  it('prints no secret', () => {
    const tree = receive(createSecretTree(suite, secretOf(1), 4), 1).tree
    const printed = `${inspect(tree, { depth: 20 })}${JSON.stringify(tree)}`
    expect(printed).toContain('[secret]')
    for (const secret of secretsOf(tree)) {
      expect(printed).not.toContain(secret.bytes.slice(0, 3).join(', '))
      expect(printed).not.toContain(secret.bytes.slice(0, 3).join(','))
    }
  })

  it('takes no wiped secret, and fails without a change', () => {
    const tree = createSecretTree(suite, secretOf(1), 8)
    for (const secret of secretsOf(tree)) secret.wipe()
    expect(codeOf(() => nextSendKey(suite, tree, 0, 'handshake'))).toBe('CRYPTO_SECRET_WIPED')
  })
})
