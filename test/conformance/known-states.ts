// The states that scenarios pass through, kept for those that continue or branch from a group (RFC 9420 §11.2, §11.3).
import { equalBytes, toHex } from '../../src/bytes.ts'
import type { GroupState } from '../../src/mls.ts'

/** States by group and epoch. */
export class KnownStates {
  readonly #states = new Map<string, GroupState[]>()

  add(state: GroupState): void {
    const { groupId, epoch } = state.groupContext
    const same = this.at(groupId, epoch)
    if (same.some(({ secrets }) => equalBytes(secrets.resumptionPsk.bytes, state.secrets.resumptionPsk.bytes))) return
    this.#states.set(keyOf(groupId, epoch), [...same, state])
  }

  /** One state for each group that has this id: nothing keeps files from using an id for several groups. */
  at(groupId: Uint8Array, epoch: bigint): readonly GroupState[] {
    return this.#states.get(keyOf(groupId, epoch)) ?? []
  }
}

function keyOf(groupId: Uint8Array, epoch: bigint): string {
  return `${toHex(groupId)}:${epoch}`
}
