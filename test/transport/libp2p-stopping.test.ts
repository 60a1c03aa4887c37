// Stopped transports leave nothing behind that keeps a process alive, and nothing that nobody handles.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('a process ends by itself once its transports are stopped', async () => {
  const program = fileURLToPath(new URL('stopping-program.ts', import.meta.url))
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program], { timeout: 30_000 })
  expect([stdout, stderr]).toEqual(['', ''])
})
