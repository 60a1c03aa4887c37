// Multiaddrs as users write them.

import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { fail } from '../../errors.ts'

/** @throws CoterieError `ARGUMENT_INVALID` (caller) */
export function parseAddress(address: string): Multiaddr {
  try {
    return multiaddr(address)
  } catch (cause) {
    return fail('ARGUMENT_INVALID', `${address} is not a multiaddr`, { cause })
  }
}
