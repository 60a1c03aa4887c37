// How vectors are judged: files do not say who is genuine, and their lifetimes are eternal or long over, so everyone is
// believed and the time is one at which the leaf nodes of a message are valid.
import { CoterieError } from '../../src/errors.ts'
import type { GroupPolicy, Judgement } from '../../src/group/policy.ts'

const VECTOR_POLICY: GroupPolicy = {
  validateCredentials: () => undefined,
  sameClient: () => true,
  requiresPath: () => false,
  allowedFromExternal: () => true,
  maxLifetimeSeconds: 2n ** 64n,
  checkLifetimesInTree: false,
}

/**
 * Runs an operation at a time that lies in the lifetimes of all key packages that it meets.
 * @throws what the operation throws; its `LEAF_LIFETIME` only where no time is in all of the lifetimes
 */
export async function atFittingTime<T>(operation: (judgement: Judgement) => Promise<T>): Promise<T> {
  let [earliest, latest] = [0n, 2n ** 64n]
  for (;;) {
    const now = earliest
    try {
      return await operation({ nowMs: Number(now) * 1000, policy: VECTOR_POLICY })
    } catch (error) {
      if (!CoterieError.is(error, 'LEAF_LIFETIME')) throw error
      const { notBefore, notAfter } = error.details
      if (typeof notBefore !== 'bigint' || typeof notAfter !== 'bigint') throw error
      if (notBefore > earliest) earliest = notBefore
      if (notAfter < latest) latest = notAfter
      if (earliest === now || earliest > latest) throw error
    }
  }
}
