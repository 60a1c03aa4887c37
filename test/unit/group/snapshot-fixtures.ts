// A store of a group's records as an application keeps it, checked against the whole at every step.
import { expect } from 'vitest'
import { toHex } from '../../../src/bytes.ts'
import * as mls from '../../../src/mls.ts'
import { fingerprint } from '../../support/state-walk.ts'

/** What one write put into the store. */
export interface Written {
  readonly records: number
  /** Names and values. */
  readonly bytes: number
}

export class Store {
  readonly records: Map<string, Uint8Array> = new Map()
  #stored: mls.GroupState | undefined

  /** Writes what changed, in either order, and checks the store against the records of the whole state. */
  save(state: mls.GroupState): Written {
    const { put, delete: removed } = mls.stateRecords(state, this.#stored)
    for (const name of removed) {
      expect(put.has(name), `${name} is both written and deleted`).toBe(false)
      expect(this.records.delete(name), `${name} is deleted and was not there`).toBe(true)
    }
    let bytes = 0
    for (const [name, value] of put) {
      this.records.set(name, value)
      bytes += name.length + value.length
    }
    this.#stored = state
    expect(inOrder(this.records)).toEqual(inOrder(mls.stateRecords(state).put))
    return { records: put.size, bytes }
  }

  /** Starts anew from what is stored. */
  restore(suite: mls.CipherSuite): mls.GroupState {
    const restored = mls.restoreState(suite, this.records)
    if (this.#stored !== undefined) expect(fingerprint(restored)).toBe(fingerprint(this.#stored))
    this.#stored = restored
    return restored
  }

  /** Whether any value has these bytes in it. */
  holds(bytes: Uint8Array): boolean {
    const wanted = toHex(bytes)
    return [...this.records.values()].some((value) => toHex(value).includes(wanted))
  }
}

function inOrder(records: ReadonlyMap<string, Uint8Array>): string[] {
  return [...records].map(([name, value]) => `${name} ${toHex(value)}`).sort()
}
