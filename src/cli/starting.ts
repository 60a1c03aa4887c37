// What `coterie` says where it cannot begin: what is wrong, why, and what to do about it.

import { CoterieError } from '../errors.ts'

/** One line for whoever typed the command. */
export function whyNot(error: unknown): string {
  if (!CoterieError.is(error)) return String(error)
  const { message, code, cause } = error
  const reason = isOfSystem(cause) ? `: ${cause.message}` : ''
  const advice = ADVICE[code]
  return `${message}${reason} (${code})${advice === undefined ? '' : `. ${advice}`}`
}

/** What the operating system says names the file or the port. Other causes say nothing to a person. */
function isOfSystem(cause: unknown): cause is Error {
  return cause instanceof Error && 'syscall' in cause
}

const ADVICE: Partial<Record<CoterieError['code'], string>> = {
  STORE_LOCKED: 'Quit it first, or name another folder with --data.',
  STORE_PASSPHRASE: 'Name the file that the passphrase is in with --passphrase-file.',
  STORE_VERSION: 'Use the newer version.',
}
