// Multiaddrs as users write them.

import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { CoterieError, fail } from '../../errors.ts'

/** @throws CoterieError `ARGUMENT_INVALID` (caller) */
export function parseAddress(address: string): Multiaddr {
  let parsed: Multiaddr
  try {
    parsed = multiaddr(address)
  } catch (cause) {
    return fail('ARGUMENT_INVALID', `${address} is not a multiaddr`, { cause })
  }
  // An empty text is one to the parser, and leads nowhere.
  if (parsed.getComponents().length === 0) fail('ARGUMENT_INVALID', `'${address}' is not a multiaddr`)
  return parsed
}

export function isMultiaddr(text: string): boolean {
  try {
    parseAddress(text)
    return true
  } catch (error) {
    if (CoterieError.is(error, 'ARGUMENT_INVALID')) return false
    throw error
  }
}
