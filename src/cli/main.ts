#!/usr/bin/env node
// The command line: `coterie chat`, `coterie relay`.

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { Client } from '../client/client.ts'
import type { ClientOptions } from '../client/options.ts'
import { fail } from '../errors.ts'
import { libp2pTransport } from '../libp2p.ts'
import { checkAddresses } from './addresses.ts'
import { demo } from './demo.ts'
import { jsonChat } from './json-chat.ts'
import { personChat } from './person-chat.ts'
import { printable } from './person-shapes.ts'
import type { RelayCommandOptions } from './relay.ts'
import { whyNot } from './starting.ts'

interface ChatOptions {
  readonly data: string
  readonly name?: string
  readonly listen?: readonly string[]
  readonly peer?: readonly string[]
  readonly relay?: readonly string[]
  readonly passphraseFile?: string
  readonly json?: boolean
  readonly ask?: boolean
  readonly mdns: boolean
}

const { version } = createRequire(import.meta.url)('coterie/package.json') as { readonly version: string }

const program = new Command('coterie')
  .description('End-to-end encrypted groups with no server in charge.')
  .version(version)
  .showHelpAfterError('Add --help to see what there is.')

program
  .command('chat')
  .description('talk in groups')
  .option('--data <dir>', 'where everything is kept')
  .option('--name <name>', 'what others see as your name, when the folder is new')
  .option('--listen <multiaddr>', 'where to listen; may be repeated', collect)
  .option('--peer <multiaddr>', 'whom to connect to; may be repeated', collect)
  .option('--relay <multiaddr>', 'a relay that keeps what is sent to you while you are off; may be repeated', collect)
  .option('--passphrase-file <file>', 'a file whose first line unlocks the folder')
  .option('--no-mdns', 'do not look for others on the local network')
  .option('--ask', 'let invitations wait until you accept or decline them')
  .option('--json', 'for scripts: one JSON object a line')
  .action(async (options: ChatOptions, command: Command) => {
    demand(command, 'data')
    await chat(options)
  })

program
  .command('relay')
  .description('keep what is sent to people who are not there, without being able to read it')
  .option('--data <dir>', 'where everything is kept')
  .option('--listen <multiaddr>', 'where to listen; may be repeated', collect)
  .option('--announce <multiaddr>', 'an address to tell others instead; may be repeated', collect)
  .option('--max-bytes <amount>', 'how much to keep of all frames, such as 500MB or 10GiB', '1GiB')
  .option('--max-frames <number>', 'how many to keep of all frames; a thousand take about 1.3 MB of memory', '400000')
  .option('--ttl <duration>', 'for how long to keep a frame: 90s, 30m, 12h or 7d', '7d')
  .option('--max-connections <number>', 'how many peers at once', '1000')
  .option('--metrics <host:port>', 'where to serve /metrics and /health over HTTP; default: nowhere')
  .action(async (options: RelayCommandOptions, command: Command) => {
    demand(command, 'data', 'listen')
    const { relay } = await import('./relay.ts')
    await relay(options)
  })

program
  .command('demo')
  .description('three people on this machine, with what each step proves')
  .action(() => demo([process.execPath, fileURLToPath(import.meta.url)]))

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`${whyNot(error, program.args[0])}\n`)
  process.exitCode = 1
}

async function chat(options: ChatOptions): Promise<void> {
  const { data, name, listen = [], peer = [], relay: relays = [], passphraseFile, json, mdns, ask } = options
  checkAddresses({ '--listen': listen, '--peer': peer, '--relay': relays })
  const clientOptions: ClientOptions = {
    storage: data,
    invitations: ask ? 'ask' : 'accept',
    ...(name !== undefined && { name }),
    ...(passphraseFile !== undefined && { passphrase: await firstLine(passphraseFile) }),
    relays,
    transport: (privateKey) =>
      libp2pTransport({
        privateKey,
        mdns: mdns && !onLoopback(listen),
        bootstrap: peer,
        circuits: relays.length > 0 ? 'listen' : 'dial',
        ...(listen.length > 0 && { listen }),
      }),
  }
  await using client = await Client.open(clientOptions)
  if (name !== undefined && name !== client.name) {
    process.stderr.write(
      `The folder is that of ${printable(client.name)}: --name ${printable(name)} is for new ones.\n`,
    )
  }
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
  // Whoever read the output is gone.
  process.stdout.on('error', () => stopping.abort())
  await (json ? jsonChat : personChat)(client, {
    input: process.stdin,
    output: process.stdout,
    stop: stopping.signal,
  })
}

/** Only then that it is missing: whoever has mistyped an option is told of that, and not of the one that they meant. */
function demand(command: Command, ...names: readonly string[]): void {
  const missing = command.options.find((option) => {
    return names.includes(option.attributeName()) && command.getOptionValue(option.attributeName()) === undefined
  })
  if (missing !== undefined) command.error(`error: required option '${missing.flags}' not specified`)
}

async function firstLine(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) =>
    fail('ARGUMENT_INVALID', 'the passphrase file cannot be read', { cause }),
  )
  const [line = ''] = text.split(/\r?\n/)
  return line
}

/** Who listens on this machine alone has nobody to find on the local network. */
function onLoopback(listen: readonly string[]): boolean {
  return listen.length > 0 && listen.every((address) => /^\/(ip4\/127\.|ip6\/::1\/)/.test(address))
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}
