// Secret trees in storage: O(1) bytes for each message, and a restored tree behaves as the one that was stored.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createSecretTree,
  nextSendKey,
  type RatchetType,
  receiveKey,
  type SecretTree,
} from '../../../src/schedule/secret-tree.ts'
import { restoreSecretTree, secretTreeRecords } from '../../../src/schedule/secret-tree-records.ts'
import { codeOf, countingSuite, secretOf, suiteOf } from './schedule-fixtures.ts'

const suite = suiteOf(1)
const limits = { maxForward: 20, maxSkipped: 6 }
const newTree = (leafCount: number) => createSecretTree(suite, secretOf(1), leafCount)

/** Applies a difference to a store and counts its bytes. */
function save(store: Map<string, Uint8Array>, tree: SecretTree, since?: SecretTree): number {
  const records = secretTreeRecords(tree, since)
  let written = 0
  for (const key of records.delete) {
    expect(store.delete(key)).toBe(true)
    written += key.length
  }
  for (const [key, value] of records.put) {
    store.set(key, value)
    written += key.length + value.length
  }
  return written
}

const sorted = (store: Iterable<readonly [string, Uint8Array]>) => [...store].sort(([a], [b]) => (a < b ? -1 : 1))

const operation = fc.record({
  leafIndex: fc.nat(7),
  type: fc.constantFrom<RatchetType>('handshake', 'application'),
  ahead: fc.integer({ min: -8, max: 12 }),
  send: fc.boolean(),
})

describe('records of a secret tree', () => {
  it('make the same tree again, however it was used', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 25 }), (operations) => {
        let tree = newTree(8)
        const store = new Map<string, Uint8Array>()
        save(store, tree)
        const next = new Map<string, number>()
        for (const { leafIndex, type, ahead, send } of operations) {
          const before = tree
          const ratchet = `${leafIndex}${type}`
          const expected = next.get(ratchet) ?? 0
          try {
            const step = send
              ? nextSendKey(suite, tree, leafIndex, type)
              : receiveKey(suite, tree, leafIndex, type, Math.max(0, expected + ahead), limits)
            tree = step.tree
            next.set(ratchet, Math.max(expected, step.key.generation + 1))
          } catch {
            expect(tree).toBe(before)
          }
          save(store, tree, before)
          // The difference leaves the store as if all had been written at once.
          expect(sorted(store)).toEqual(sorted(secretTreeRecords(tree).put))
        }
        const restored = restoreSecretTree(suite, 8, store)
        expect(sorted(secretTreeRecords(restored).put)).toEqual(sorted(store))
        for (const { leafIndex, type, ahead } of operations) {
          const generation = Math.max(0, (next.get(`${leafIndex}${type}`) ?? 0) + ahead)
          const attempt = (from: SecretTree) => {
            try {
              return receiveKey(suite, from, leafIndex, type, generation, limits).key
            } catch (error) {
              return String(error)
            }
          }
          expect(attempt(restored)).toEqual(attempt(tree))
        }
      }),
      { numRuns: 40 },
    )
  })

  it('of two versions of an epoch turn one into the other, in both directions', () => {
    const start = newTree(8)
    const one = receiveKey(suite, start, 2, 'application', 4, limits).tree
    const other = nextSendKey(suite, receiveKey(suite, start, 5, 'handshake', 2, limits).tree, 2, 'handshake').tree
    for (const [from, to] of [
      [one, other],
      [other, one],
      [one, start],
      [start, other],
    ] as const) {
      const store = new Map(secretTreeRecords(from).put)
      save(store, to, from)
      expect(sorted(store)).toEqual(sorted(secretTreeRecords(to).put))
    }
  })

  it('change by O(1) bytes for a message, whatever the size of the group', () => {
    const sizes = [2, 1024, 65_536].map((leafCount) => {
      const leafIndex = leafCount - 1
      const tree = nextSendKey(suite, newTree(leafCount), leafIndex, 'application').tree
      const sent = nextSendKey(suite, tree, leafIndex, 'application').tree
      const records = secretTreeRecords(sent, tree)
      expect([...records.put.keys()]).toEqual([`ratchet/${leafIndex}/a`])
      expect(records.delete).toEqual([])
      return [...records.put.values()].reduce((sum, value) => sum + value.length, 0)
    })
    expect(sizes).toEqual([40, 40, 40])
  })

  it('change by one record for each key that is skipped or caught up with', () => {
    const tree = receiveKey(suite, newTree(1024), 700, 'application', 0, limits).tree
    const ahead = receiveKey(suite, tree, 700, 'application', 3, limits).tree
    const skipping = secretTreeRecords(ahead, tree)
    expect([...skipping.put.keys()].sort()).toEqual(['ratchet/700/a', 'skipped/700/a/1', 'skipped/700/a/2'])
    expect(skipping.delete).toEqual([])
    const late = secretTreeRecords(receiveKey(suite, ahead, 700, 'application', 1, limits).tree, ahead)
    expect([...late.put.keys()]).toEqual([])
    expect(late.delete).toEqual(['skipped/700/a/1'])
    const evicting = secretTreeRecords(receiveKey(suite, ahead, 700, 'application', 9, limits).tree, ahead)
    expect(evicting.delete.sort()).toEqual(['skipped/700/a/1'])
    expect(evicting.put.size).toBe(6)
  })

  it('change by O(log n) records for the first message of a sender', () => {
    const tree = newTree(1024)
    const records = secretTreeRecords(nextSendKey(suite, tree, 700, 'application').tree, tree)
    expect(records.delete).toEqual(['node/1023'])
    expect(records.put.size).toBe(10 + 2)
  })

  it('are nothing where nothing changed, and cost no derivation', () => {
    const { suite: counting, count } = countingSuite()
    const tree = nextSendKey(counting, createSecretTree(counting, secretOf(1), 64), 9, 'handshake').tree
    count()
    const { put, delete: removed } = secretTreeRecords(tree, tree)
    expect([put.size, removed.length]).toEqual([0, 0])
    restoreSecretTree(counting, 64, secretTreeRecords(tree).put)
    expect(count()).toBe(0)
  })

  it('share no memory with the tree', () => {
    const tree = newTree(4)
    const store = secretTreeRecords(tree).put
    const restored = restoreSecretTree(suite, 4, store)
    for (const value of store.values()) value.fill(0)
    const key = nextSendKey(suite, newTree(4), 0, 'handshake').key
    expect(nextSendKey(suite, tree, 0, 'handshake').key).toEqual(key)
    expect(nextSendKey(suite, restored, 0, 'handshake').key).toEqual(key)
  })

  it('cannot be compared across widths', () => {
    expect(codeOf(() => secretTreeRecords(newTree(4), newTree(8)))).toBe('ARGUMENT_INVALID')
  })

  it('keep an exhausted ratchet exhausted', () => {
    const idle = { generation: 0, secret: secretOf(8), skipped: undefined }
    const spent = { generation: 2 ** 32, secret: undefined, skipped: undefined }
    const tree: SecretTree = { leafCount: 1, root: { handshake: spent, application: idle } }
    const restored = restoreSecretTree(suite, 1, secretTreeRecords(tree).put)
    expect(codeOf(() => nextSendKey(suite, restored, 0, 'handshake'))).toBe('RATCHET_EXHAUSTED')
    expect(nextSendKey(suite, restored, 0, 'application').key.generation).toBe(0)
  })
})

describe('restoring a secret tree', () => {
  const used = receiveKey(suite, newTree(4), 2, 'application', 2, limits).tree
  const records = [...secretTreeRecords(used).put]
  const restore = (changed: readonly (readonly [string, Uint8Array])[], leafCount = 4) =>
    codeOf(() => restoreSecretTree(suite, leafCount, changed))
  const recorded = (key: string) => records.find(([one]) => one === key)?.[1] ?? new Uint8Array()

  it('takes the records in any order', () => {
    expect(sorted(secretTreeRecords(restoreSecretTree(suite, 4, [...records].reverse())).put)).toEqual(sorted(records))
  })

  it('refuses a set with a gap, whichever node or ratchet is missing', () => {
    for (const [missing] of records.filter(([key]) => !key.startsWith('skipped'))) {
      expect(restore(records.filter(([key]) => key !== missing))).toBe('SNAPSHOT_INVALID')
    }
    expect(restore([])).toBe('SNAPSHOT_INVALID')
  })

  it('refuses records that are there twice, or that have no place', () => {
    for (const record of records) expect(restore([...records, record])).toBe('SNAPSHOT_INVALID')
    for (const key of ['node/3', 'node/5', 'node/0', 'node/7', 'node/8']) {
      expect(restore([...records, [key, new Uint8Array(32)]])).toBe('SNAPSHOT_INVALID')
    }
    expect(restore([...records, ['ratchet/0/h', recorded('ratchet/2/h')]])).toBe('SNAPSHOT_INVALID')
    expect(restore([...records, ['ratchet/4/h', recorded('ratchet/2/h')]])).toBe('SNAPSHOT_INVALID')
    expect(restore([...records, ['skipped/3/a/0', recorded('skipped/2/a/0')]])).toBe('SNAPSHOT_INVALID')
    expect(restore(records, 8)).toBe('SNAPSHOT_INVALID')
    expect(restore(records, 2)).toBe('SNAPSHOT_INVALID')
  })

  it('refuses keys of any other form', () => {
    const forms = [
      '',
      'node',
      'node/',
      'node/00',
      'node/-1',
      'node/1.5',
      'node/NaN',
      'node/1/2',
      'ratchet/2',
      'ratchet/2/x',
      'ratchet/02/h',
      'ratchet/2/h/1',
      'skipped/2/a',
      'skipped/2/a/',
      'skipped/2/a/-1',
      'skipped/2/a/0.5',
      'skipped/2/a/NaN',
      'skipped/2/a/01',
      'skipped/2/a/4294967296',
      'skipped/2/a/1/0',
      'other/2',
    ]
    for (const key of forms) expect(restore([...records, [key, new Uint8Array(28)]])).toBe('SNAPSHOT_INVALID')
  })

  it('refuses values of another length', () => {
    for (const [key, value] of records) {
      const others = records.filter(([one]) => one !== key)
      for (const wrong of [value.slice(1), new Uint8Array([...value, 0]), new Uint8Array()]) {
        expect(restore([...others, [key, wrong]])).toBe('SNAPSHOT_INVALID')
      }
    }
  })

  it('refuses ratchets that contradict themselves or their skipped keys', () => {
    const others = records.filter(([key]) => key !== 'ratchet/2/a')
    const withGeneration = (generation: bigint, secretLength: number) => {
      const value = new Uint8Array(8 + secretLength)
      new DataView(value.buffer).setBigUint64(0, generation)
      return restore([...others, ['ratchet/2/a', value]])
    }
    // Generations 0 and 1 are among the skipped keys.
    expect(withGeneration(1n, 32)).toBe('SNAPSHOT_INVALID')
    expect(withGeneration(0n, 32)).toBe('SNAPSHOT_INVALID')
    expect(withGeneration(3n, 0)).toBe('SNAPSHOT_INVALID')
    expect(withGeneration(2n ** 32n, 32)).toBe('SNAPSHOT_INVALID')
    expect(withGeneration(2n ** 32n + 1n, 0)).toBe('SNAPSHOT_INVALID')
    expect(withGeneration(2n ** 32n + 1n, 32)).toBe('SNAPSHOT_INVALID')
    expect(withGeneration(2n ** 64n - 1n, 0)).toBe('SNAPSHOT_INVALID')
    expect(() => restoreSecretTree(suite, 4, [...others, ['ratchet/2/a', recorded('ratchet/2/a')]])).not.toThrow()
  })

  it('refuses a width that no tree has', () => {
    expect(restore(records, 3)).toBe('ARGUMENT_INVALID')
  })
})
