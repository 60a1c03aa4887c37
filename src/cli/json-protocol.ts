// The commands of `coterie chat --json`: one JSON object a line (docs/command-line.md).

import { fail } from '../errors.ts'

export type JsonCommand =
  | { readonly cmd: 'create'; readonly name: string }
  | { readonly cmd: 'add'; readonly group: string; readonly card: string }
  | { readonly cmd: 'send'; readonly group: string; readonly text: string }
  | { readonly cmd: 'members'; readonly group: string }
  | { readonly cmd: 'remove'; readonly group: string; readonly member: string }
  | { readonly cmd: 'rename'; readonly group: string; readonly name: string }
  | { readonly cmd: 'promote'; readonly group: string; readonly member: string }
  | { readonly cmd: 'history'; readonly group: string }
  | { readonly cmd: 'inspect'; readonly group: string }
  | { readonly cmd: 'export'; readonly group: string; readonly label: string }
  | { readonly cmd: 'dial'; readonly addr: string }
  | { readonly cmd: 'groups' }
  | { readonly cmd: 'card' }
  | { readonly cmd: 'quit' }

/** A command with what names it in the answer. */
export interface JsonRequest {
  readonly ref: unknown
  /** The command, or what is wrong with the line. */
  readonly command: () => JsonCommand
}

/** Which fields each command takes, all of them texts. */
const FIELDS = {
  create: ['name'],
  add: ['group', 'card'],
  send: ['group', 'text'],
  members: ['group'],
  remove: ['group', 'member'],
  rename: ['group', 'name'],
  promote: ['group', 'member'],
  history: ['group'],
  inspect: ['group'],
  export: ['group', 'label'],
  dial: ['addr'],
  groups: [],
  card: [],
  quit: [],
} as const satisfies Record<JsonCommand['cmd'], readonly string[]>

/** Reads a line. Whatever is wrong with it comes out when the command is asked for, so that the answer can name it. */
export function readRequest(line: string): JsonRequest {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    return { ref: undefined, command: () => fail('ARGUMENT_INVALID', 'this line is not JSON', { cause }) }
  }
  if (!isObject(value)) {
    return { ref: undefined, command: () => fail('ARGUMENT_INVALID', 'this line is not a JSON object') }
  }
  const request = value
  return { ref: request.ref, command: () => readCommand(request) }
}

function readCommand(request: Readonly<Record<string, unknown>>): JsonCommand {
  const { cmd } = request
  if (typeof cmd !== 'string' || !isCommandName(cmd)) {
    return fail('ARGUMENT_INVALID', `unknown command; there are ${Object.keys(FIELDS).join(', ')}`)
  }
  const fields: Record<string, string> = { cmd }
  for (const name of FIELDS[cmd]) {
    const value = request[name]
    if (typeof value !== 'string') return fail('ARGUMENT_INVALID', `the command ${cmd} needs a text "${name}"`)
    fields[name] = value
  }
  return fields as JsonCommand
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCommandName(name: string): name is JsonCommand['cmd'] {
  return Object.hasOwn(FIELDS, name)
}
