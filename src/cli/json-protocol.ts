// The commands of `coterie chat --json`: one JSON object a line (docs/command-line.md).

import { fail } from '../errors.ts'

/** Which fields each command takes: those that it needs, and those that it can have. */
const FIELDS = {
  create: { needs: ['name'], mayHave: ['description'] },
  add: { needs: ['group', 'card'], mayHave: [] },
  send: { needs: ['group', 'text'], mayHave: ['replyTo', 'key'] },
  members: { needs: ['group'], mayHave: [] },
  remove: { needs: ['group', 'member'], mayHave: [] },
  leave: { needs: ['group'], mayHave: [] },
  rename: { needs: ['group', 'name'], mayHave: [] },
  describe: { needs: ['group', 'description'], mayHave: [] },
  promote: { needs: ['group', 'member'], mayHave: [] },
  permissions: { needs: ['group'], mayHave: ['add', 'remove', 'rename', 'promote'] },
  history: { needs: ['group'], mayHave: [] },
  inspect: { needs: ['group'], mayHave: [] },
  export: { needs: ['group', 'label'], mayHave: [] },
  requests: { needs: [], mayHave: [] },
  accept: { needs: ['request'], mayHave: [] },
  decline: { needs: ['request'], mayHave: [] },
  invite: { needs: ['group'], mayHave: ['uses', 'expires', 'approve'] },
  invites: { needs: ['group'], mayHave: [] },
  revoke: { needs: ['group', 'invite'], mayHave: [] },
  preview: { needs: ['link'], mayHave: [] },
  join: { needs: ['link'], mayHave: ['note'] },
  joining: { needs: [], mayHave: [] },
  cancel: { needs: ['link'], mayHave: [] },
  applicants: { needs: ['group'], mayHave: [] },
  approve: { needs: ['group', 'applicant'], mayHave: [] },
  refuse: { needs: ['group', 'applicant'], mayHave: [] },
  ask: { needs: ['card'], mayHave: ['note'] },
  contacts: { needs: [], mayHave: [] },
  dismiss: { needs: ['contact'], mayHave: [] },
  dial: { needs: ['addr'], mayHave: [] },
  groups: { needs: [], mayHave: [] },
  card: { needs: [], mayHave: [] },
  quit: { needs: [], mayHave: [] },
} as const

/** What is not a text. */
const KINDS = { uses: 'number', expires: 'number', approve: 'boolean' } as const

interface Kinds {
  readonly number: number
  readonly boolean: boolean
}

type CommandName = keyof typeof FIELDS
type ValueOf<F> = F extends keyof typeof KINDS ? Kinds[(typeof KINDS)[F]] : string

/** A command with its fields. */
export type JsonCommand = {
  [N in CommandName]: { readonly cmd: N } & { readonly [F in (typeof FIELDS)[N]['needs'][number]]: ValueOf<F> } & {
    readonly [F in (typeof FIELDS)[N]['mayHave'][number]]?: ValueOf<F>
  }
}[CommandName]

/** A command with what names it in the answer. */
export interface JsonRequest {
  readonly ref: unknown
  /** The command, or what is wrong with the line. */
  readonly command: () => JsonCommand
}

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
  const { needs, mayHave } = FIELDS[cmd]
  const fields: Record<string, string | number | boolean> = { cmd }
  for (const name of [...needs, ...mayHave]) {
    const value = request[name]
    if (value === undefined && mayHave.some((optional) => optional === name)) continue
    const kind = isKind(name) ? KINDS[name] : 'string'
    if (typeof value !== kind) {
      return fail('ARGUMENT_INVALID', `the command ${cmd} needs a ${kind === 'string' ? 'text' : kind} "${name}"`)
    }
    fields[name] = value as string | number | boolean
  }
  const unknown = Object.keys(request).find((name) => name !== 'ref' && !Object.hasOwn(fields, name))
  if (unknown !== undefined) return fail('ARGUMENT_INVALID', `the command ${cmd} has no field "${unknown}"`)
  return fields as JsonCommand
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isKind(name: string): name is keyof typeof KINDS {
  return Object.hasOwn(KINDS, name)
}

function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(FIELDS, name)
}
