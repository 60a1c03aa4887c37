// The end of key material: overwriting what a state holds and no other state needs (RFC 9420 §7.5, §9.2, §14).

import type { Secret } from '../crypto/secret.ts'
import { secretsOf } from '../schedule/secret-tree.ts'
import type { GroupState } from './state.ts'

/**
 * Overwrites every secret of `state` that none of the states in `keeping` shares. The wiped state is of no further use:
 * whatever needs a secret of it fails with `CRYPTO_SECRET_WIPED`. States share secrets with those that they come from, so
 * all that are still wanted have to be named. A state has a copy of the signature key that it was given: that one is left.
 */
export function wipeState(state: GroupState, keeping: readonly GroupState[]): void {
  const kept = new Set<Secret>()
  for (const other of keeping) for (const secret of allSecrets(other)) kept.add(secret)
  for (const secret of allSecrets(state)) if (!kept.has(secret)) secret.wipe()
}

function* allSecrets(state: GroupState): Generator<Secret> {
  yield* Object.values(state.secrets)
  yield* secretsOf(state.secretTree)
  yield state.own.signatureKeyPair.privateKey
  for (const { privateKey } of state.own.privateKeys.values()) yield privateKey
  for (const { ownUpdate } of state.proposals.values()) {
    if (ownUpdate === undefined) continue
    yield ownUpdate.encryptionKeyPair.privateKey
    yield ownUpdate.signatureKeyPair.privateKey
  }
  for (const past of state.pastEpochs) {
    yield past.senderDataSecret
    yield* secretsOf(past.secretTree)
  }
  for (const { secret } of state.resumptionPsks) yield secret
}
