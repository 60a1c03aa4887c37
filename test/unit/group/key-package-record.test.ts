// A client's key packages, stored and restored.
import { describe, expect, test } from 'vitest'
import { suite1, suite2, suite3 } from '../../../src/crypto-noble.ts'
import {
  addProposal,
  basicCredential,
  type CipherSuite,
  commit,
  createGroup,
  createKeyPackage,
  epochAuthenticator,
  joinGroup,
  keyPackageRecord,
  lifetimeOfDays,
  restoreKeyPackage,
} from '../../../src/mls.ts'

const leaf = async (suite: CipherSuite) => ({
  credential: basicCredential(new TextEncoder().encode('bob')),
  signatureKeyPair: await suite.signature.generateKeyPair(),
  lifetime: lifetimeOfDays(0, 1),
})

test.each([suite1, suite2])('what was restored joins like the original, in $name', async (suite) => {
  const own = await createKeyPackage(suite, await leaf(suite))
  const restored = restoreKeyPackage(suite, keyPackageRecord(own))
  expect(restored.message).toEqual(own.message)
  expect(restored.reference).toEqual(own.reference)
  const added = await commit(await createGroup(suite, await leaf(suite)), {
    nowMs: 0,
    proposals: [addProposal(own.keyPackage)],
  })
  const joined = await joinGroup(suite, added.welcome ?? new Uint8Array(), [restored], { nowMs: 0 })
  expect(epochAuthenticator(joined)).toEqual(epochAuthenticator(added.state))
})

describe('a record is refused', () => {
  test('under another suite', async () => {
    const record = keyPackageRecord(await createKeyPackage(suite1, await leaf(suite1)))
    expect(() => restoreKeyPackage(suite3, record)).toThrow(
      expect.objectContaining({ code: 'CRYPTO_UNSUPPORTED_SUITE' }),
    )
  })

  test('of another version', async () => {
    const record = keyPackageRecord(await createKeyPackage(suite1, await leaf(suite1)))
    record[1] = 99
    expect(() => restoreKeyPackage(suite1, record)).toThrow(expect.objectContaining({ code: 'SNAPSHOT_VERSION' }))
  })

  test('with the keys of another key package', async () => {
    const { keyPackage } = await createKeyPackage(suite1, await leaf(suite1))
    const { secrets } = await createKeyPackage(suite1, await leaf(suite1))
    expect(() => restoreKeyPackage(suite1, keyPackageRecord({ keyPackage, secrets }))).toThrow(
      expect.objectContaining({ code: 'SNAPSHOT_INVALID' }),
    )
  })

  test('cut off anywhere, or with something added', async () => {
    const record = keyPackageRecord(await createKeyPackage(suite1, await leaf(suite1)))
    const invalid = expect.objectContaining({ code: 'SNAPSHOT_INVALID' })
    for (let length = 0; length < record.length; length += 13) {
      expect(() => restoreKeyPackage(suite1, record.subarray(0, length))).toThrow(invalid)
    }
    expect(() => restoreKeyPackage(suite1, Uint8Array.from([...record, 0]))).toThrow(invalid)
  })
})
