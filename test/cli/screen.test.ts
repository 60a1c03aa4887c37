// What a person at a terminal sees: what comes while they type goes above what they type.

import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { Screen } from '../../src/cli/line-input.ts'
import { until } from '../../src/testing/until.ts'

test('what is printed while somebody types goes above it', async () => {
  const { screen, input, shown } = terminal(true)
  const lines = screen.lines()
  const first = lines.next()
  input.write('Hel')
  await until('it is echoed', () => shown().includes('Hel'))
  screen.print('bob: Hi')
  const [, behind = ''] = shown().split('bob: Hi\n')
  expect(behind).toContain('> Hel')
  input.write('lo\r')
  expect((await first).value).toBe('Hello')
  input.write('\u0003')
  expect((await lines.next()).done).toBe(true)
})

test('what somebody types before anybody reads is not lost', async () => {
  const { screen, input, shown } = terminal(true)
  input.write('first\rsecond\r')
  await until('it is echoed', () => shown().includes('second'))
  const lines = screen.lines()
  expect([(await lines.next()).value, (await lines.next()).value]).toEqual(['first', 'second'])
  input.write('\u0003')
  expect((await lines.next()).done).toBe(true)
})

test('in a pipe there are lines and nothing else', async () => {
  const { screen, input, shown } = terminal(false)
  const lines = screen.lines()
  input.write('one\r\ntwo')
  expect((await lines.next()).value).toBe('one')
  screen.print('bob: Hi')
  input.end()
  expect((await lines.next()).value).toBe('two')
  expect((await lines.next()).done).toBe(true)
  expect(shown()).toBe('bob: Hi\n')
})

test('lines end when the process is asked to', async () => {
  const stopping = new AbortController()
  const { screen } = terminal(false, stopping.signal)
  const next = screen.lines().next()
  stopping.abort()
  expect((await next).done).toBe(true)
})

function terminal(
  isTTY: boolean,
  stop: AbortSignal = new AbortController().signal,
): { screen: Screen; input: PassThrough; shown: () => string } {
  const [input, output] = [new PassThrough(), new PassThrough()].map((stream) => Object.assign(stream, { isTTY }))
  if (input === undefined || output === undefined) throw new Error('there are two')
  let text = ''
  output.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  return { screen: new Screen({ input, output, stop }), input, shown: () => text }
}
