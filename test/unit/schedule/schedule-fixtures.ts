// A cipher suite that counts its HMACs, and other things that the tests of the schedule share.

import type { CipherSuite } from '../../../src/crypto/labels.ts'
import { nobleProvider } from '../../../src/crypto/providers/noble/provider.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import { CoterieError, type ErrorCode } from '../../../src/errors.ts'
import type { GroupContext } from '../../../src/messages/group-context.ts'

export function suiteOf(id: number): CipherSuite {
  const suite = nobleProvider.suite(id)
  if (suite === undefined) throw new Error(`no suite ${id}`)
  return suite
}

/** The suite, and how many HMACs have been computed with it since it was last asked. */
export function countingSuite(id = 1): { readonly suite: CipherSuite; readonly count: () => number } {
  const inner = suiteOf(id)
  let hmacs = 0
  const hash = {
    length: inner.hash.length,
    digest: (data: Uint8Array) => inner.hash.digest(data),
    hmac: (key: Uint8Array, data: Uint8Array) => {
      hmacs++
      return inner.hash.hmac(key, data)
    },
  }
  return {
    suite: { ...inner, hash },
    count: () => {
      const counted = hmacs
      hmacs = 0
      return counted
    },
  }
}

/** A secret whose bytes all have this value. */
export function secretOf(value: number, length = 32): Secret {
  return new Secret(new Uint8Array(length).fill(value))
}

export function groupContext(epoch = 3n): GroupContext {
  return {
    version: 1,
    cipherSuite: 1,
    groupId: new Uint8Array([1, 2, 3]),
    epoch,
    treeHash: new Uint8Array(32).fill(4),
    confirmedTranscriptHash: new Uint8Array(32).fill(5),
    extensions: [],
  }
}

/** The code of the error that a call throws; fails where it throws none or another kind of error. */
export function codeOf(call: () => unknown): ErrorCode {
  try {
    call()
  } catch (error) {
    if (CoterieError.is(error)) return error.code
    throw error
  }
  throw new Error('nothing was thrown')
}

/** The same for calls that reject. */
export async function rejectionCodeOf(call: Promise<unknown>): Promise<ErrorCode> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (CoterieError.is(error)) return error.code
  throw new Error(`rejected with ${String(error)}`)
}
