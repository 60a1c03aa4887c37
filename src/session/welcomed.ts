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
  const group = await joinGroup(suite, welcome, keyPackages.map(lentKeyPackage), {
    nowMs,
    policy: sessionPolicy(wire),
    // The session keeps past epochs itself, as whole states.
    limits: { pastEpochs: 0 },
  })
  const { signer, extensions } = await readWelcome(suite, welcome, keyPackages)
  return { group, signer, past: readPast(extensions) }
}
