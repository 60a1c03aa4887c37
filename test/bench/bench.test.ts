// The harness works: in groups of four, every stack does everything, and every row has numbers. How fast is not tested.
import { describe, expect, it } from 'vitest'
import { runBench, type SizeResult } from './harness.ts'
import { ROW_NAMES, Samples } from './samples.ts'
import { allStacks } from './stacks.ts'
import { ratioToBestPeer, tableOf } from './table.ts'

const BYTE_ROWS = ['writtenPerMessage', 'writtenPerCommit']

describe('the benchmark', () => {
  it('computes each row for each stack', async () => {
    const { present } = await allStacks()
    expect(present.filter(({ isOurs }) => isOurs)).toHaveLength(3)
    expect(present.length).toBeGreaterThan(3)
    const result = await onlyResult(runBench(present, { sizes: [4], rounds: 2, warmUp: 0 }))
    for (const stack of result.stacks) {
      expect(stack.failure, stack.name).toBeUndefined()
      const shown = ROW_NAMES.filter((row) => stack.rows[row] !== undefined)
      // core-crypto does not say what it stores.
      const hidden = stack.name.startsWith('core-crypto') ? BYTE_ROWS : []
      expect(shown, stack.name).toEqual(ROW_NAMES.filter((row) => !hidden.includes(row)))
      for (const row of shown) expect(stack.rows[row]?.median, `${stack.name}: ${row}`).toBeGreaterThan(0)
      expect(stack.rows.create?.samples).toBe(2)
    }
    const lines = tableOf(result)
    expect(lines).toHaveLength(1 + ROW_NAMES.length)
    for (const { name } of result.stacks) expect(lines[0]).toContain(name)
  })

  it('goes on without a stack that fails, and says why', async () => {
    const { present } = await allStacks()
    const [working] = present
    if (working === undefined) throw new Error('there is no stack')
    const broken = { name: 'broken', isOurs: false, newMember: () => Promise.reject(new Error('out of order')) }
    const result = await onlyResult(runBench([broken, working], { sizes: [4], rounds: 1, warmUp: 0 }))
    expect(result.stacks.map(({ failure }) => failure)).toEqual(['out of order', undefined])
    expect(tableOf(result).at(-1)).toBe('broken failed: out of order')
  })
})

describe('samples', () => {
  it('are summed up by their median', () => {
    const samples = new Samples()
    expect(samples.summary('join')).toBeUndefined()
    for (const value of [9, 1, 5]) samples.note('join', value)
    expect(samples.summary('join')).toEqual({ median: 5, least: 1, samples: 3 })
    samples.note('join', 6)
    expect(samples.summary('join')?.median).toBe(5.5)
  })

  it('are compared with the best peer', () => {
    const stack = (name: string, isOurs: boolean, median: number) => ({
      name,
      isOurs,
      rows: { join: { median, least: isOurs ? 1 : median / 3, samples: 3 } },
      failure: undefined,
    })
    const ours = stack('ours', true, 2)
    const stacks = [ours, stack('one', false, 8), stack('other', false, 6)]
    expect(ratioToBestPeer(stacks, ours, 'join')).toBe(3)
    expect(ratioToBestPeer(stacks, ours, 'create')).toBeUndefined()
    expect(tableOf({ leaves: 4, stacks }).find((line) => line.includes('join'))).toContain('2.00 (3.00×)')
    expect(tableOf({ leaves: 4, stacks }, 'least').find((line) => line.includes('join'))).toContain('1.00 (2.00×)')
  })
})

async function onlyResult(results: AsyncGenerator<SizeResult>): Promise<SizeResult> {
  const all: SizeResult[] = []
  for await (const result of results) all.push(result)
  const [only, ...more] = all
  if (only === undefined || more.length > 0) throw new Error(`${all.length} results of one size`)
  return only
}
