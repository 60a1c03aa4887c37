// The disk of a client that is closed.

import { migrations } from '../../../src/client/migrations.ts'
import { GROUP_SUITE, suiteOf, WIRE_SUITE } from '../../../src/client/suites.ts'
import type { CipherSuite } from '../../../src/crypto/labels.ts'
import { nodeProvider } from '../../../src/crypto/providers/node/provider.ts'
import { openStore } from '../../../src/storage/level/open-store.ts'
import type { Store } from '../../../src/storage/store.ts'

export const wire: CipherSuite = suiteOf(nodeProvider, WIRE_SUITE)
export const suite: CipherSuite = suiteOf(nodeProvider, GROUP_SUITE)

/** Opens a client's store as the client would, does something with it, and closes it. */
export async function withStoreOf<T>(folder: string, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ storage: folder }, wire.randomBytes, migrations({ suite, wire, clock: Date.now }))
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}
