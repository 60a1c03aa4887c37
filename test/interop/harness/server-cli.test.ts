// The server as a command: it says where it listens, serves, and ends when it is told to.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { openPeer } from './campaign.ts'
import { type ServerProcess, spawnServer } from './spawn.ts'

const cli = fileURLToPath(new URL('./server-cli.ts', import.meta.url))
const servers: ServerProcess[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

describe('the server', () => {
  it.each(['noble', 'node', 'webcrypto'] as const)('has all suites with the provider %s', async (provider) => {
    const server = await spawnServer(provider)
    servers.push(server)
    const peer = await openPeer(server.address)
    expect([peer.name, [...peer.suites].sort()]).toEqual([`coterie (${provider})`, [1, 2, 3, 4, 5, 6, 7]])
    peer.close()
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends by %s, even while a runner is connected', async (signal) => {
    const child = execFile(process.execPath, [cli, '--port', '0'])
    const ended = once(child, 'exit')
    const [line] = await once(child.stdout ?? child, 'data')
    expect(line).toMatch(/^127\.0\.0\.1:\d+\n$/)
    const peer = await openPeer(line.trim())
    child.kill(signal)
    expect(await ended).toEqual([0, null])
    peer.close()
  })

  it('listens at the port that it is given, which must be free', async () => {
    const server = await spawnServer('noble')
    servers.push(server)
    const port = server.address.split(':')[1] ?? ''
    const { code, errors } = await run('--port', port)
    expect(code).toBe(1)
    expect(errors).toContain('EADDRINUSE')
    await server.close()
    const next = await spawnServer('noble', Number(port))
    servers.push(next)
    expect(next.address).toBe(server.address)
  })

  it.each([
    ['no port', [], "required option '--port <n>' not specified"],
    ['a port that is none', ['--port', '65536'], "argument '65536' is invalid"],
    ['an unknown provider', ['--port', '0', '--provider', 'other'], "argument 'other' is invalid"],
  ])('refuses %s', async (_, options, message) => {
    const { code, errors } = await run(...options)
    expect(code).toBe(1)
    expect(errors).toContain(message)
  })
})

function run(...args: readonly string[]): Promise<{ code: number; errors: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, ...args], (_, __, errors) => {
      resolve({ code: child.exitCode ?? -1, errors })
    })
  })
}
