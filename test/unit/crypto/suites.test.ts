// The registry of cipher suites, and providers of some of them.
import { describe, expect, it } from 'vitest'
import { CIPHER_SUITES, createProvider } from '../../../src/crypto.ts'
import { suite1, suite3 } from '../../../src/crypto-noble.ts'
import { codeOf } from '../../support/errors.ts'

it('the registry is RFC 9420 §17.1, table 7', () => {
  expect(CIPHER_SUITES.map(({ id, name, signatureScheme }) => [id, name, signatureScheme])).toEqual([
    [0x0001, 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519', 0x0807],
    [0x0002, 'MLS_128_DHKEMP256_AES128GCM_SHA256_P256', 0x0403],
    [0x0003, 'MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519', 0x0807],
    [0x0004, 'MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448', 0x0808],
    [0x0005, 'MLS_256_DHKEMP521_AES256GCM_SHA512_P521', 0x0603],
    [0x0006, 'MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448', 0x0808],
    [0x0007, 'MLS_256_DHKEMP384_AES256GCM_SHA384_P384', 0x0503],
  ])
  expect(CIPHER_SUITES.map(({ kemId, kdfId, aeadId }) => [kemId, kdfId, aeadId])).toEqual([
    [0x0020, 0x0001, 0x0001],
    [0x0010, 0x0001, 0x0001],
    [0x0020, 0x0001, 0x0003],
    [0x0021, 0x0003, 0x0002],
    [0x0012, 0x0003, 0x0002],
    [0x0021, 0x0003, 0x0003],
    [0x0011, 0x0002, 0x0002],
  ])
})

describe('a provider of some suites', () => {
  it('has those, in the order that was given', () => {
    const provider = createProvider('two', [suite3, suite1])
    expect(provider.name).toBe('two')
    expect(provider.suites).toEqual([3, 1])
    expect(provider.suite(1)).toBe(suite1)
    expect(provider.suite(2)).toBeUndefined()
  })

  it('has each of them once', () => {
    expect(codeOf(() => createProvider('twice', [suite1, suite3, suite1]))).toBe('ARGUMENT_INVALID')
  })
})
