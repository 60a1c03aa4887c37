// Starts this repository's own server as a process of its own, which ends with this one at the latest.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ProviderName } from '../../conformance/providers.ts'

export interface ServerProcess {
  /** `HOST:PORT` that it listens at. */
  readonly address: string
  /** Asks it to shut down. @returns its exit code, null where a signal ended it */
  close(): Promise<number | null>
}

/** @throws {Error} when the server ends before it listens. */
export async function spawnServer(provider: ProviderName, port = 0): Promise<ServerProcess> {
  const command = fileURLToPath(new URL('./server-cli.ts', import.meta.url))
  const args = [command, '--port', `${port}`, '--provider', provider]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null)
  if (child.stdout === null) throw new Error('the output of the server cannot be read')
  const lines = createInterface({ input: child.stdout })
  const address = await Promise.race([
    once(lines, 'line').then(([line]: string[]) => line),
    ended.then(() => undefined),
  ])
  if (address === undefined) throw new Error(`the server with the provider ${provider} did not start`)
  return {
    address,
    close: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}
