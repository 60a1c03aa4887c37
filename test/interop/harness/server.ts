// coterie behind the interop interface: every RPC of mls_client.proto, over the core, in a provider's suites.
import type { CryptoProvider } from '../../../src/crypto/contract.ts'
import type { MlsClient } from './mls-client.ts'
import type { ServerContext } from './server-clients.ts'
import { commitRpcs } from './server-commits.ts'
import { memberRpcs } from './server-members.ts'
import { outsiderRpcs } from './server-outsiders.ts'
import { proposalRpcs } from './server-proposals.ts'
import { Registry } from './server-registry.ts'
import { subgroupRpcs } from './server-subgroups.ts'

/** A stack that plays any number of clients, and holds their keys in memory until they are freed. */
export function coterieStack(provider: CryptoProvider): MlsClient {
  const context: ServerContext = { provider, registry: new Registry() }
  return {
    Name: async () => ({ name: `coterie (${provider.name})` }),
    SupportedCiphersuites: async () => ({ ciphersuites: provider.suites }),
    ...memberRpcs(context),
    ...proposalRpcs(context),
    ...commitRpcs(context),
    ...outsiderRpcs(context),
    ...subgroupRpcs(context),
  }
}
