// What `coterie` says where it cannot begin: what is wrong, why, and what to do about it.

import { CoterieError } from '../errors.ts'

/**
 * One line for whoever typed the command.
 * @param command - which one: not every advice is of use for each
 */
export function whyNot(error: unknown, command?: string): string {
  if (!CoterieError.is(error)) return String(error)
  const { message, code, cause } = error
  const reason = reasonOf(cause)
  const advice = (command === 'relay' ? ADVICE_FOR_RELAYS[code] : undefined) ?? ADVICE[code]
  return `${message}${reason === undefined ? '' : `: ${reason}`} (${code})${advice === undefined ? '' : `. ${advice}`}`
}

/** What the operating system or the database says names the file or the port. Other causes say nothing to a person. */
function reasonOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined
  if ('syscall' in cause) return cause.message
  if (!('code' in cause) || !String(cause.code).startsWith('LEVEL_')) return undefined
  // What opening a database fails with lies one deeper.
  return cause.cause instanceof Error ? cause.cause.message : cause.message
}

const ADVICE: Partial<Record<CoterieError['code'], string>> = {
  STORE_CORRUPT: 'Bring back the folder and its key file from a copy, or name another folder with --data.',
  STORE_FAILED:
    'See whether the folder can be read and written, and whether the disk has room. If a file is damaged, bring back the folder and its key file from a copy.',
  STORE_FOREIGN: 'It is left as it was: name another folder with --data.',
  STORE_LOCKED: 'Quit it first, or name another folder with --data.',
  STORE_PASSPHRASE: 'Name the file that the passphrase is in with --passphrase-file.',
  STORE_VERSION: 'Use the newer version.',
  TRANSPORT_LISTEN_FAILED: 'Name another address or port with --listen: port 0 is any that is free.',
}

/** A relay has no passphrase, and another option that takes an address. */
const ADVICE_FOR_RELAYS: typeof ADVICE = {
  STORE_PASSPHRASE:
    'Bring back the key file, which lies beside the folder and has its name with .key, from a copy: without it nothing in the folder can be read.',
  TRANSPORT_LISTEN_FAILED:
    'Name another address or port with the option that it was given with, --listen or --metrics: port 0 is any that is free.',
}
