// What an epoch gives to applications: exported secrets and the epoch authenticator (RFC 9420 §8.5, §8.7).

import { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'
import { mlsExporter } from '../schedule/exporter.ts'
import type { GroupState } from './state.ts'

/**
 * A secret that all members of the epoch can derive, and nobody else. RFC 9420 §8.5.
 * @param length - bytes, from 1 to 255 Nh
 * @throws CoterieError `ARGUMENT_INVALID` for any other length, `GROUP_REMOVED` (caller)
 */
export function exportSecret(state: GroupState, label: string, context: Uint8Array, length: number): Secret {
  if (state.status === 'removed') fail('GROUP_REMOVED', 'this member was removed from the group')
  return new Secret(mlsExporter(state.suite, state.secrets.exporterSecret, label, context, length))
}

/**
 * Equal for two members exactly if they are in the same epoch of the same group and nobody is between them.
 * RFC 9420 §8.7. @returns Nh bytes; secret from outsiders
 */
export function epochAuthenticator(state: GroupState): Uint8Array {
  return state.secrets.epochAuthenticator.bytes.slice()
}
