// Making key packages and checking those of others (RFC 9420 §10).
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import { suite2 } from '../../../src/crypto/providers/noble/suites.ts'
import * as mls from '../../../src/mls.ts'
import { rejectionCode } from '../../support/errors.ts'
import { client, keyPackageOf, nowMs, suite } from './group-fixtures.ts'

describe('lifetimeOfDays', () => {
  it('begins an hour before now, in seconds', () => {
    const lifetime = mls.lifetimeOfDays(10_000_999, 2)
    expect(lifetime).toEqual({ notBefore: 10_000n - 3600n, notAfter: 10_000n + 172_800n })
    // A lifetime is unsigned.
    expect(mls.lifetimeOfDays(0, 0.5)).toEqual({ notBefore: 0n, notAfter: 43_200n })
  })
})

describe('a key package', () => {
  it('has fresh init and encryption keys each time, and names itself', async () => {
    const options = await client('alice')
    const [one, two] = await Promise.all([mls.createKeyPackage(suite, options), mls.createKeyPackage(suite, options)])
    const keys = [one, two].flatMap(({ keyPackage }) => [keyPackage.initKey, keyPackage.leafNode.encryptionKey])
    expect(new Set(keys.map(String)).size).toBe(4)
    expect(one.reference).toEqual(mls.keyPackageRef(suite, one.keyPackage))
    expect(one.reference).not.toEqual(two.reference)
    expect(mls.decodeMlsMessage(one.message)).toEqual({ wireFormat: 5, keyPackage: one.keyPackage })
  })

  it('lists what it must, each once, and no default types (RFC 9420 §7.2)', async () => {
    const { keyPackage } = await keyPackageOf('alice', {
      capabilities: {
        versions: [1],
        cipherSuites: [7, 1],
        extensions: [1, 5, 0xff01],
        proposals: [1, 7, 0xff02],
        credentials: [2],
      },
      leafExtensions: [mls.applicationIdExtension(utf8('app')), { extensionType: 0xff03, data: utf8('x') }],
      grease: false,
    })
    expect(keyPackage.leafNode.capabilities).toEqual({
      versions: [1],
      cipherSuites: [7, 1],
      extensions: [0xff01, 0xff03],
      proposals: [0xff02],
      credentials: [2, 1],
    })
    await mls.validateKeyPackage(suite, keyPackage, { nowMs })
  })

  it('lists one GREASE value in each list but the versions (RFC 9420 §13.5)', async () => {
    const { keyPackage } = await keyPackageOf('alice')
    const { versions, ...lists } = keyPackage.leafNode.capabilities
    const isGrease = (value: number) => mls.GREASE_VALUES.includes(value)
    expect(versions).toEqual([1])
    expect(Object.values(lists).map((list) => list.filter(isGrease).length)).toEqual([1, 1, 1, 1])
    await mls.validateKeyPackage(suite, keyPackage, { nowMs })
  })

  it('reads back as its message', async () => {
    const own = await keyPackageOf('alice', { keyPackageExtensions: [{ extensionType: 0x0a0a, data: utf8('grease') }] })
    expect(await mls.readKeyPackage(suite, own.message, { nowMs })).toEqual(own.keyPackage)
  })

  it('is refused outside of its lifetime, at its very ends not', async () => {
    const { keyPackage } = await keyPackageOf('alice', { lifetime: { notBefore: 1000n, notAfter: 2000n } })
    const at = (ms: number) => mls.validateKeyPackage(suite, keyPackage, { nowMs: ms })
    await at(1_000_000)
    await at(2_000_999)
    expect(await rejectionCode(at(999_999))).toBe('LEAF_LIFETIME')
    expect(await rejectionCode(at(2_001_000))).toBe('LEAF_LIFETIME')
  })

  it('is refused with a longer lifetime than the policy takes', async () => {
    const { keyPackage } = await keyPackageOf('alice', { lifetime: { notBefore: 0n, notAfter: 0xffffffffffffffffn } })
    expect(await rejectionCode(mls.validateKeyPackage(suite, keyPackage, { nowMs }))).toBe('LEAF_LIFETIME')
    await mls.validateKeyPackage(suite, keyPackage, { nowMs, policy: { maxLifetimeSeconds: 0xffffffffffffffffn } })
  })

  it('is refused for another suite, and as another message', async () => {
    const own = await keyPackageOf('alice')
    expect(await rejectionCode(mls.readKeyPackage(suite2, own.message, { nowMs }))).toBe('KEY_PACKAGE_SUITE')
    const welcome = mls.encodeMlsMessage({
      wireFormat: 3,
      welcome: { cipherSuite: 1, secrets: [], encryptedGroupInfo: utf8('x') },
    })
    expect(await rejectionCode(mls.readKeyPackage(suite, welcome, { nowMs }))).toBe('FRAMING_WIRE_FORMAT')
  })

  it('is shown to the policy', async () => {
    const { keyPackage } = await keyPackageOf('alice')
    const seen: unknown[] = []
    const validateCredentials = (checks: readonly mls.CredentialCheck[]) => void seen.push(...checks)
    await mls.validateKeyPackage(suite, keyPackage, { nowMs, policy: { validateCredentials } })
    expect(seen).toEqual([
      {
        role: 'member',
        credential: keyPackage.leafNode.credential,
        signatureKey: keyPackage.leafNode.signatureKey,
        leafNode: keyPackage.leafNode,
        predecessor: undefined,
      },
    ])
  })
})
