// Finding the secrets of PSKs that a client has at hand (RFC 9420 §8.4, §8.6).

import { equalBytes } from '../bytes.ts'
import type { Secret } from '../crypto/secret.ts'
import { PskType } from '../messages/code-points.ts'
import type { PskLookup } from './policy.ts'
import type { GroupState } from './state.ts'

/** An external PSK under the name that the application gave it. */
export interface ExternalPsk {
  readonly pskId: Uint8Array
  readonly secret: Secret
}

/** The PSKs that `knownPsks` looks through. */
export interface KnownPsks {
  readonly external?: readonly ExternalPsk[]
  /** Other groups whose resumption PSKs may be used. Those of the group itself are found without being named. */
  readonly groups?: readonly GroupState[]
}

/** A lookup in these PSKs, for the `psks` of every operation that meets them. */
export function knownPsks({ external = [], groups = [] }: KnownPsks): PskLookup {
  return (id) => {
    if (id.pskType === PskType.external) return external.find(({ pskId }) => equalBytes(pskId, id.pskId))?.secret
    const group = groups.find(({ groupContext }) => equalBytes(groupContext.groupId, id.pskGroupId))
    return group?.resumptionPsks.find(({ epoch }) => epoch === id.pskEpoch)?.secret
  }
}
