// The runner as a command: what it prints, and how it exits.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { openPeer } from './campaign.ts'
import { fakeStack } from './fake/stack.ts'
import { type Host, serve } from './host.ts'
import type { MlsClient } from './mls-client.ts'

const cli = fileURLToPath(new URL('./cli.ts', import.meta.url))
const config = fileURLToPath(new URL('./fixtures/every-action.json', import.meta.url))
const hosts: Host[] = []

afterEach(() => {
  for (const host of hosts.splice(0)) host.close()
})

describe('the command', () => {
  it('prints a line per script, suite and handshake mode, then the totals', async () => {
    const address = await toy({})
    const { code, lines } = await command('--client', address, '--config', config, '--suite', '1', '--suite', '3')
    expect(lines.slice(0, 4)).toEqual([
      `toy at ${address}: suites 1 2`,
      'ok    every-action.json members suite 1 public',
      'ok    every-action.json members suite 1 private',
      'skip  every-action.json members suite 3 public',
    ])
    expect(lines.at(-1)).toBe('10 passed, 0 failed, 10 skipped')
    expect(code).toBe(0)
  })

  it('runs all suites and both modes unless told otherwise', async () => {
    const { code, lines } = await command('--client', await toy({}), '--config', config, '--script', 'branch')
    expect([code, lines.at(-1)]).toEqual([0, '4 passed, 0 failed, 10 skipped'])
  })

  it('names config, script, step, actor and the words of the server where a run fails', async () => {
    const address = await toy({
      HandleCommit: () => Promise.reject(new Error('the tag differs')),
    })
    const { code, lines } = await command(
      ...['--client', address, '--config', config, '--script', 'one_by_one', '--suite', '2', '--private'],
    )
    expect(lines.slice(1)).toEqual([
      'FAIL  every-action.json one_by_one suite 2 private',
      `       step 8 handleCommit: bob (toy at ${address}): HandleCommit: ABORTED: the tag differs`,
      `       cast: toy at ${address}: alice, bob`,
      '0 passed, 1 failed, 0 skipped',
    ])
    expect(code).toBe(1)
  })

  it('prints the seed of a random casting and stops early when asked to', async () => {
    const clients = [await toy({}), await toy({ Commit: () => Promise.reject(new Error('never')) })]
    const { code, lines } = await command(
      ...['--client', ...clients, '--config', config, '--assign', 'random', '--seed', 'of-this-test', '--fail-fast'],
    )
    expect(lines).toContain('seed of-this-test')
    expect(lines.at(-1)).toMatch(/^\d+ passed, 1 failed, \d+ skipped$/)
    expect(code).toBe(1)
  })

  it('starts servers of its own, says how long it took, and leaves no process behind', async () => {
    const { code, lines, errors } = await command(
      ...['--spawn', '2', '--provider', 'noble', '--config', config, '--script', 'one_by_one', '--suite', '1'],
      ...['--public', '--times'],
    )
    expect(errors).toBe('')
    expect(lines[0]).toMatch(/^coterie \(noble\) at 127\.0\.0\.1:\d+: suites 1 2 3 4 5 6 7$/)
    expect(lines[2]).toMatch(
      /^ok {4}every-action\.json one_by_one suite 1 public: 4 passed, 0 failed, 0 skipped {2}\d+\.\d s$/,
    )
    expect([code, lines.at(-1)]).toEqual([0, '4 passed, 0 failed, 0 skipped'])
    for (const line of lines.slice(0, 2)) {
      const address = line.split(' at ')[1]?.split(': ')[0] ?? ''
      await expect(openPeer(address, { connectTimeoutMs: 200 })).rejects.toThrow('no server accepts connections')
    }
  }, 30_000)

  it('needs somebody to run the scripts on', async () => {
    const { code, errors } = await command('--config', config)
    expect([code, errors]).toEqual([1, 'no clients: give --client or --spawn\n'])
  })

  it('does not succeed when nothing ran', async () => {
    const { code, lines } = await command('--client', await toy({}), '--config', config, '--suite', '7')
    expect([code, lines.at(-1)]).toEqual([1, '0 passed, 0 failed, 10 skipped'])
  })

  it.each([
    ['an unknown script', ['--script', 'nobody'], 'no script is named nobody'],
    ['a suite that is no number', ['--suite', 'one'], "argument 'one' is invalid"],
    ['an unknown casting', ['--assign', 'all'], "argument 'all' is invalid"],
    ['a time that is not positive', ['--timeout', '0'], "argument '0' is invalid"],
    ['an unknown option', ['--suites', '1'], "unknown option '--suites'"],
    ['a folder that is not there', ['--config', '/nowhere'], 'no such file or directory'],
    [
      'a client that is not there',
      ['--client', '127.0.0.1:1', '--timeout', '1'],
      'no server accepts connections at 127.0.0.1:1',
    ],
  ])(
    'refuses %s',
    async (_, options, message) => {
      const { code, errors } = await command('--client', await toy({}), '--config', config, ...options)
      expect(code).toBe(1)
      expect(errors).toContain(message)
    },
    30_000,
  )
})

async function toy(methods: Partial<MlsClient>): Promise<string> {
  const host = await serve({ ...fakeStack('toy', [1, 2]), ...methods })
  hosts.push(host)
  return host.address
}

function command(...args: readonly string[]): Promise<{ code: number; lines: readonly string[]; errors: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, ...args], (_, stdout, errors) => {
      resolve({ code: child.exitCode ?? -1, lines: stdout.trimEnd().split('\n'), errors })
    })
  })
}
