// Who plays whom over several stacks, in which suites and handshake modes.
import { describe, expect, it } from 'vitest'
import { allSuites, type Campaign, type GroupReport, meetPeer, runCampaign } from './campaign.ts'
import { fakeStack } from './fake/stack.ts'
import { scriptOf } from './fake/stage.ts'
import type { Peer } from './run.ts'

const script = scriptOf(
  { action: 'createGroup', actor: 'alice', members: ['bob', 'carol'] },
  { action: 'fullCommit', actor: 'alice', members: ['bob', 'carol'] },
)
const many = scriptOf({
  action: 'createGroup',
  actor: 'a0',
  members: Array.from({ length: 40 }, (_, i) => `a${i + 1}`),
})

describe('a campaign', () => {
  it('runs every script in every suite and both handshake modes', async () => {
    const peers = [await toy('one', [1, 2])]
    const reports = await run({ scripts: [script, many], peers, suites: [1, 2], handshakes: [false, true] })
    expect(reports.map((report) => [report.script === script, report.suite, report.encryptHandshake])).toEqual([
      [true, 1, false],
      [true, 1, true],
      [true, 2, false],
      [true, 2, true],
      [false, 1, false],
      [false, 1, true],
      [false, 2, false],
      [false, 2, true],
    ])
    expect(resultsOf(reports)).toEqual(Array.from({ length: 8 }, () => 'passed'))
  })

  it('lets every ordered pair of clients take turns', async () => {
    const peers = [await toy('one', [1]), await toy('two', [1])]
    const [report] = await run({ scripts: [script], peers })
    expect(report?.runs.map(({ cast, outcome }) => [cast, outcome.result])).toEqual([
      ['one at one: alice, bob, carol', 'passed'],
      ['one at one: alice, carol; two at two: bob', 'passed'],
      ['two at two: alice, carol; one at one: bob', 'passed'],
      ['two at two: alice, bob, carol', 'passed'],
    ])
  })

  it('skips the castings in which a client lacks the suite', async () => {
    const peers = [await toy('one', [1, 2]), await toy('two', [1])]
    const reports = await run({ scripts: [script], peers, suites: [2, 4] })
    expect(resultsOf(reports)).toEqual(['passed', ...Array.from({ length: 7 }, () => 'skipped')])
  })

  it('draws the same cast from the same seed, and others from others', async () => {
    const peers = [await toy('one', [1]), await toy('two', [1]), await toy('three', [1])]
    const castBy = async (seed: string) =>
      (await run({ scripts: [many], peers, casting: { mode: 'random', seed } })).map(({ runs }) => runs)
    const first = await castBy('a')
    expect(first[0]).toHaveLength(1)
    expect(first[0]?.[0]?.cast).toMatch(/one at one: .*two at two: |two at two: .*one at one: /)
    expect(await castBy('a')).toEqual(first)
    expect(await castBy('b')).not.toEqual(first)
  })
})

describe('all suites', () => {
  it('are those of the RFC, whoever has them, and those that a client adds', async () => {
    expect(allSuites([await toy('one', [3, 0xf001])])).toEqual([1, 2, 3, 4, 5, 6, 7, 0xf001])
  })
})

function toy(name: string, suites: readonly number[]): Promise<Peer> {
  const stack = fakeStack(name, suites)
  return meetPeer((rpc, request) => stack[rpc](request), name)
}

async function run(campaign: Pick<Campaign, 'scripts' | 'peers'> & Partial<Campaign>): Promise<readonly GroupReport[]> {
  const reports = []
  const defaults = { suites: [1], handshakes: [false], casting: { mode: 'pairs' } } as const
  for await (const report of runCampaign({ ...defaults, ...campaign })) reports.push(report)
  return reports
}

function resultsOf(reports: readonly GroupReport[]): readonly string[] {
  return reports.flatMap(({ runs }) => runs.map(({ outcome }) => outcome.result))
}
