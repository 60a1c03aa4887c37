// docs/command-line.md is true: its conversation happens as it stands there, and it lists all commands that there are.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const PROGRAM = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const page = readFileSync(new URL('../../docs/command-line.md', import.meta.url), 'utf8')
const [, people = '', scripts = ''] = page.split(/^## For .*$/m)

test('the conversation happens as it stands there', async () => {
  const steps = /```jsonl\n([\s\S]*?)```/.exec(page)?.[1]?.trim().split('\n') ?? []
  expect(steps.length).toBeGreaterThan(10)
  const folder = await mkdtemp(join(tmpdir(), 'coterie-page-'))
  const args = ['chat', '--json', '--data', join(folder, 'a'), '--listen', '/ip4/127.0.0.1/tcp/0']
  const chat = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: chat.stdout })[Symbol.asyncIterator]()
  // What comes between two commands comes in any order.
  let expected: unknown[] = []
  const heard = async (): Promise<void> => {
    const events: unknown[] = []
    for (const _ of expected) events.push(JSON.parse(String((await lines.next()).value)))
    for (const event of expected) expect(events).toContainEqual(event)
    expected = []
  }
  for (const step of steps) {
    const text = step.slice(2)
    if (step.startsWith('< ')) expected.push(withAnything(JSON.parse(text)))
    else {
      await heard()
      chat.stdin.write(`${text}\n`)
    }
  }
  await heard()
  const [code] = await once(chat, 'exit')
  expect(code).toBe(0)
  await rm(folder, { recursive: true })
})

test('all commands are listed, and no others', async () => {
  const listed = tableOf(people)
  expect([...listed].sort()).toEqual([...(await personCommands())].sort())
  const { output, reply } = await answers('{"cmd":"fly"}', '{}')
  expect(output.length).toBeGreaterThan(2)
  const known = /there are (.*)$/.exec(String(reply.message))?.[1]?.split(', ') ?? []
  expect([...tableOf(scripts.slice(0, scripts.indexOf('| `event` |')))].sort()).toEqual([...known].sort())
})

test('all options are listed, and no others', async () => {
  const help = await run(['chat', '--help'], '')
  const options = [...help.matchAll(/^ +(?:-h, )?(--[a-z-]+)/gm)].map(([, name = '']) => name)
  const listed = [...page.matchAll(/^\| `(--[a-z-]+)/gm)].map(([, name = '']) => name)
  expect([...listed].sort()).toEqual(options.filter((name) => name !== '--help').sort())
})

/** The first words in the first column of a table. */
function tableOf(markdown: string): Set<string> {
  const rows = [...markdown.matchAll(/^\| `(\/?[a-z]+)[ `]/gm)].map(([, name = '']) => name)
  return new Set(rows.filter((name) => name !== 'cmd'))
}

async function personCommands(): Promise<Set<string>> {
  const text = await run(['chat'], '/help\n')
  return new Set([...text.matchAll(/^(\/[a-z]+) /gm)].map(([, name = '']) => name))
}

async function answers(...input: string[]): Promise<{ output: string[]; reply: Record<string, unknown> }> {
  const output = (await run(['chat', '--json'], `${input.join('\n')}\n`)).trim().split('\n')
  const events = output.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { output, reply: events.find(({ event }) => event === 'reply') ?? {} }
}

async function run(args: readonly string[], input: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coterie-page-'))
  const options = ['--data', join(folder, 'a'), '--listen', '/ip4/127.0.0.1/tcp/0']
  const child = spawn(process.execPath, [PROGRAM, ...args, ...options], { stdio: ['pipe', 'pipe', 'inherit'] })
  let stdout = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stdin.end(input)
  await once(child, 'close')
  await rm(folder, { recursive: true })
  return stdout
}

function withAnything(value: unknown): unknown {
  if (value === '…') return expect.anything()
  if (Array.isArray(value)) return value.map(withAnything)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withAnything(one)]))
}
