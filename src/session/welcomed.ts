// Groups that a Welcome leads into: opened and verified, not entered yet.

import type { CipherSuite } from '../crypto/labels.ts'
import { joinGroup, readWelcome } from '../group/join-welcome.ts'
import { lentKeyPackage, type OwnKeyPackage } from '../group/key-packages.ts'
import type { GroupState } from '../group/state.ts'
import { type PastStep, readPast } from './past.ts'
import { sessionPolicy } from './session-policy.ts'

/** What a Welcome leads to. */
export interface Welcomed {
  readonly group: GroupState
  /** The leaf of the member who made it. */
  readonly signer: number
  /** What it tells of the epochs before. */
  readonly past: readonly PastStep[]
}

/** @throws CoterieError what `joinGroup` throws, `JOIN_PAST_MALFORMED` (peer) */
export async function openWelcome(
  { suite, wire }: { readonly suite: CipherSuite; readonly wire: CipherSuite },
  welcome: Uint8Array,
  keyPackages: readonly OwnKeyPackage[],
  nowMs: number,
): Promise<Welcomed> {
  // Whoever has lent them may give them up meanwhile, and keeps them where the Welcome is not used.
  const lent = keyPackages.map(lentKeyPackage)
  let group: GroupState | undefined
  try {
    group = await joinGroup(suite, welcome, lent, {
      nowMs,
      policy: sessionPolicy(wire),
      // The session keeps past epochs itself, as whole states.
      limits: { pastEpochs: 0 },
    })
    const { signer, extensions } = await readWelcome(suite, welcome, lent)
    return { group, signer, past: readPast(extensions) }
  } finally {
    wipeLent(lent, group)
  }
}

/** Overwrites all copies of private keys but the one that the group has taken over. */
function wipeLent(lent: readonly OwnKeyPackage[], group: GroupState | undefined): void {
  const taken = new Set([...(group?.own.privateKeys.values() ?? [])].map(({ privateKey }) => privateKey))
  for (const { secrets } of lent) {
    for (const { privateKey } of Object.values(secrets)) if (!taken.has(privateKey)) privateKey.wipe()
  }
}
