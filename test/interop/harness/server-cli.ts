// The server as a command: node test/interop/harness/server-cli.ts --port N (README.md beside this file).
import { Command, InvalidArgumentError, Option } from 'commander'
import { loadProvider, PROVIDER_NAMES, type ProviderName } from '../../conformance/providers.ts'
import { serve } from './host.ts'
import { coterieStack } from './server.ts'

interface Options {
  readonly port: number
  readonly provider: ProviderName
}

await new Command('server-cli.ts')
  .description('Serves the MLS interop interface on loopback.')
  .requiredOption('--port <n>', 'TCP port; 0 lets the system choose', parsePort)
  .addOption(new Option('--provider <name>', 'who does the cryptography').choices(PROVIDER_NAMES).default('node'))
  .action((options: Options) => main(options).catch(stop))
  .parseAsync()

async function main({ port, provider }: Options): Promise<void> {
  const host = await serve(coterieStack(await loadProvider(provider)), port)
  process.once('SIGINT', () => host.close())
  process.once('SIGTERM', () => host.close())
  // A server that another process has started ends with it.
  process.once('disconnect', () => host.close())
  process.channel?.unref()
  process.stdout.write(`${host.address}\n`)
}

function parsePort(text: string): number {
  if (!/^[0-9]{1,5}$/.test(text) || Number(text) > 0xffff) throw new InvalidArgumentError('a port number')
  return Number(text)
}

function stop(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
