// Addresses as people write them on a command line.

import { fail } from '../errors.ts'
import { libp2pTransport } from '../libp2p.ts'

/**
 * Refuses what cannot be an address before anything is made or opened.
 * @param given - by the option that they were given with
 * @throws CoterieError `ARGUMENT_INVALID` (caller)
 */
export function checkAddresses(given: Readonly<Record<string, readonly string[]>>): void {
  const network = libp2pTransport()
  for (const [option, addresses] of Object.entries(given)) {
    const wrong = addresses.find((address) => !network.isAddress(address))
    if (wrong === undefined) continue
    fail('ARGUMENT_INVALID', `${option} takes a multiaddr, such as ${EXAMPLES[option]}: '${wrong}' is none`)
  }
}

const EXAMPLES: Readonly<Record<string, string>> = {
  '--listen': '/ip4/0.0.0.0/tcp/4001',
  '--announce': '/dns4/relay.example/tcp/443/tls/ws',
  '--peer': '/ip4/192.0.2.7/tcp/4001/p2p/12D3…',
  '--relay': '/dns4/relay.example/tcp/4001/p2p/12D3…',
}
