// What an operation costs, in numbers that do not depend on the machine.
import type { GroupState } from '../../src/group/state.ts'
import { type CountingSuite, countingSuite, type Operations } from '../support/counting-suite.ts'
import { TreeObserver } from '../support/tree-observer.ts'

export interface Cost {
  /** Nodes of the ratchet tree that were looked at or made. */
  readonly nodes: number
  /** Digests and HMACs, without those inside the KEM. */
  readonly hashes: number
  /** Encapsulations, decapsulations and derived key pairs. */
  readonly hpke: number
  readonly signatures: number
}

/** An upper bound that grows with the logarithm of the number of leaves. */
export interface Bound {
  readonly perLevel: number
  readonly constant: number
}

/** Counts what is done with states that it has got hold of. */
export class CostMeter {
  readonly #counting: CountingSuite = countingSuite()
  readonly #observer = new TreeObserver()
  readonly suite: CountingSuite['suite'] = this.#counting.suite

  /** The same state, over watched nodes. Counting starts anew. */
  watch(state: GroupState): GroupState {
    const watched = this.#observer.watch(state)
    this.reset()
    return watched
  }

  reset(): void {
    this.#counting.take()
    this.#observer.take()
  }

  /** What was counted since the last time, up to a state that came out of it. */
  costOf(after: GroupState): Cost {
    const touched = this.#observer.take()
    return { ...this.#operations(), nodes: touched + this.#observer.made(after.tree) }
  }

  #operations(): Omit<Cost, 'nodes'> {
    const counted: Operations = this.#counting.take()
    return {
      hashes: counted.digest + counted.hmac,
      hpke: counted.encap + counted.decap + counted.deriveKeyPair + counted.generateKeyPair,
      signatures: counted.sign + counted.verify,
    }
  }
}

export function within(bound: Bound, leaves: number): number {
  return bound.perLevel * Math.log2(leaves) + bound.constant
}

/** One line for the test's output. */
export function costLine(leaves: number, operation: string, cost: Cost): string {
  const numbers = Object.entries(cost).map(([name, count]) => `${count} ${name}`)
  return `${String(leaves).padStart(6)} leaves  ${operation.padEnd(28)} ${numbers.join(', ')}`
}
