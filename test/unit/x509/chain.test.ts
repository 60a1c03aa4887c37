// Chains of certificates (RFC 5280 §4, §6.1), each made here and changed in one respect.
import 'reflect-metadata'
import { Extension, KeyUsageFlags } from '@peculiar/x509'
import { beforeAll, describe, expect, test } from 'vitest'
import { suite1 } from '../../../src/crypto-noble.ts'
import type { ErrorCode } from '../../../src/errors.ts'
import { readCertificate, verifyCertificateChain } from '../../../src/mls-x509.ts'
import {
  type AlgorithmName,
  type Authority,
  type Contents,
  DAY_MS,
  intermediateAuthority,
  memberCertificate,
  NOW_MS,
  rootAuthority,
} from './certificate-fixtures.ts'

let root: Authority
let signatureKey: Uint8Array<ArrayBuffer>
beforeAll(async () => {
  root = await rootAuthority('CN=Root')
  signatureKey = Uint8Array.from((await suite1.signature.generateKeyPair()).publicKey)
})

const holder = (issuer: Authority, contents?: Contents): Promise<Uint8Array> =>
  memberCertificate(issuer, 'CN=Alice', 1, signatureKey, contents)
const verify = (chain: readonly Uint8Array[], anchors: readonly Authority[] = [root], nowMs = NOW_MS) =>
  verifyCertificateChain(chain, { trustAnchors: anchors.map(({ der }) => der), nowMs })
const refused = (promise: Promise<unknown>, code: ErrorCode): Promise<void> =>
  expect(promise).rejects.toMatchObject({ name: 'CoterieError', code })

describe('a chain is believed', () => {
  test('with the anchor left out', async () => {
    const info = await verify([await holder(root)])
    expect(info).toMatchObject({ subject: 'CN=Alice', issuer: 'CN=Root' })
  })

  test('with the anchor at its end', async () => {
    await verify([await holder(root), root.der])
  })

  test('over intermediates', async () => {
    const first = await intermediateAuthority(root, 'CN=First')
    const second = await intermediateAuthority(first, 'CN=Second')
    await verify([await holder(second), second.der, first.der])
  })

  test('up to an intermediate that is an anchor, whatever follows', async () => {
    const other = await rootAuthority('CN=Other')
    const first = await intermediateAuthority(other, 'CN=First')
    await verify([await holder(first), first.der, other.der], [first])
    await verify([await holder(first)], [first])
  })

  test('where the holder itself is an anchor', async () => {
    const der = await holder(await rootAuthority('CN=Nobody knows'))
    await verifyCertificateChain([der], { trustAnchors: [der], nowMs: NOW_MS })
  })

  test('where an older anchor has the same name', async () => {
    await verify([await holder(root)], [await rootAuthority('CN=Root'), root])
  })

  test.each<AlgorithmName>(['P-256', 'P-384', 'P-521', 'Ed25519', 'RSA 2048'])('signed with %s', async (name) => {
    const authority = await rootAuthority('CN=Root', {}, name)
    await verify([await holder(authority)], [authority])
  })

  test('at the first and the last moment of its validity (RFC 5280 §4.1.2.5)', async () => {
    const notBeforeMs = NOW_MS - 1000
    const notAfterMs = NOW_MS + 1000
    const der = await holder(root, { notBeforeMs, notAfterMs })
    await verify([der], [root], notBeforeMs)
    await verify([der], [root], notAfterMs)
  })
})

describe('a chain is refused', () => {
  test('without certificates', () => refused(verify([]), 'X509_CHAIN'))

  test('without a trust anchor', async () => {
    await refused(verify([await holder(root)], []), 'X509_UNTRUSTED')
    await refused(verify([await holder(root), root.der], [await rootAuthority('CN=Other')]), 'X509_UNTRUSTED')
  })

  test('where an anchor has the name but not the key', async () => {
    await refused(verify([await holder(root)], [await rootAuthority('CN=Root')]), 'X509_UNTRUSTED')
  })

  test('before and after its validity (RFC 5280 §6.1.3)', async () => {
    const early = await holder(root, { notBeforeMs: NOW_MS + 1000 })
    const late = await holder(root, { notAfterMs: NOW_MS - 1000 })
    await refused(verify([early]), 'X509_VALIDITY')
    await refused(verify([late]), 'X509_VALIDITY')
    await refused(verify([await holder(root)], [root], Number.NaN), 'X509_VALIDITY')
  })

  test('where an intermediate or the anchor has expired', async () => {
    const expired = { notBeforeMs: NOW_MS - 2 * DAY_MS, notAfterMs: NOW_MS - DAY_MS }
    const first = await intermediateAuthority(root, 'CN=First', expired)
    await refused(verify([await holder(first), first.der]), 'X509_VALIDITY')
    const old = await rootAuthority('CN=Old', expired)
    await refused(verify([await holder(old)], [old]), 'X509_VALIDITY')
  })

  test('where the next certificate is of somebody else', async () => {
    const first = await intermediateAuthority(root, 'CN=First')
    const second = await intermediateAuthority(root, 'CN=Second')
    await refused(verify([await holder(first), second.der]), 'X509_CHAIN')
  })

  test('where the next certificate has the name but not the key', async () => {
    const first = await intermediateAuthority(root, 'CN=First')
    const impostor = await intermediateAuthority(root, 'CN=First')
    await refused(verify([await holder(first), impostor.der]), 'X509_CHAIN')
  })

  test("where the issuer's key signed for another name (RFC 5280 §6.1.3 (a)(4))", async () => {
    const first = await intermediateAuthority(root, 'CN=First')
    await refused(verify([await holder({ ...first, name: 'CN=Else' }), first.der]), 'X509_CHAIN')
    await refused(verify([await holder({ ...root, name: 'CN=Else' })]), 'X509_UNTRUSTED')
  })

  test('where the issuer is no authority (RFC 5280 §6.1.4 (k))', async () => {
    const member = await intermediateAuthority(root, 'CN=Member', { isAuthority: false })
    await refused(verify([await holder(member), member.der]), 'X509_CHAIN')
    const plain = await rootAuthority('CN=Plain', { isAuthority: false })
    await refused(verify([await holder(plain)], [plain]), 'X509_CHAIN')
  })

  test('where the issuer may not sign certificates (RFC 5280 §6.1.4 (n))', async () => {
    const first = await intermediateAuthority(root, 'CN=First', { keyUsages: KeyUsageFlags.digitalSignature })
    await refused(verify([await holder(first), first.der]), 'X509_CHAIN')
  })

  test('where there are more intermediates than an authority allows (RFC 5280 §6.1.4 (m))', async () => {
    const strict = await rootAuthority('CN=Strict', { pathLength: 0 })
    await verify([await holder(strict)], [strict])
    const first = await intermediateAuthority(strict, 'CN=First')
    await refused(verify([await holder(first), first.der], [strict]), 'X509_CHAIN')
  })

  test("where the holder's key is not for signatures", async () => {
    await refused(verify([await holder(root, { keyUsages: KeyUsageFlags.keyAgreement })]), 'X509_CHAIN')
  })

  test('where a critical extension is not understood (RFC 5280 §4.2)', async () => {
    const unknown = (critical: boolean): Contents => ({
      extensions: [new Extension('1.2.3.4', critical, new Uint8Array([5, 0]))],
    })
    await verify([await holder(root, unknown(false))])
    await refused(verify([await holder(root, unknown(true))]), 'X509_EXTENSION')
    const first = await intermediateAuthority(root, 'CN=First', unknown(true))
    await refused(verify([await holder(first), first.der]), 'X509_EXTENSION')
  })

  test('where a signature is too weak', async () => {
    const sha1 = await rootAuthority('CN=Root', {}, 'P-256 with SHA-1')
    await refused(verify([await holder(sha1)], [sha1]), 'X509_UNTRUSTED')
    const small = await rootAuthority('CN=Root', {}, 'RSA 1024')
    await refused(verify([await holder(small)], [small]), 'X509_UNTRUSTED')
  })

  test('where it is longer than anybody needs', async () => {
    const der = await holder(root)
    await refused(verify(new Array(9).fill(der)), 'X509_CHAIN')
  })

  test('where any bit of the holder was changed', async () => {
    const der = await holder(root)
    for (let at = 0; at < der.length; at++) {
      const changed = der.slice()
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      await expect(verify([changed])).rejects.toMatchObject({ name: 'CoterieError', origin: 'peer' })
    }
  })
})

describe('certificates are read strictly', () => {
  test('whatever is cut off, added or put in another form', async () => {
    const der = await holder(root)
    const pem = new TextEncoder().encode(`-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n`)
    const indefinite = Uint8Array.from([0x30, 0x80, ...der.subarray(4), 0, 0])
    const longLength = Uint8Array.from([0x30, 0x83, 0, ...der.subarray(2)])
    const malformed = [new Uint8Array(), der.subarray(1), der.subarray(0, -1), [...der, 0], pem, indefinite, longLength]
    for (const bytes of malformed) {
      expect(() => readCertificate(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'X509_MALFORMED' }))
    }
    for (let length = 0; length < der.length; length += 11) {
      await refused(verify([der.subarray(0, length)]), 'X509_MALFORMED')
    }
  })

  test('two extensions of one type', async () => {
    const twice = new Extension('1.2.3.4', false, new Uint8Array([5, 0]))
    await refused(verify([await holder(root, { extensions: [twice, twice] })]), 'X509_MALFORMED')
  })

  test('a trust anchor that is none is the mistake of the caller', async () => {
    const options = { trustAnchors: [new Uint8Array([1])], nowMs: NOW_MS }
    await refused(verifyCertificateChain([await holder(root)], options), 'ARGUMENT_INVALID')
  })

  test('what they say', async () => {
    const der = await holder(root, { names: [{ type: 'email', value: 'alice@example.org' }] })
    expect(readCertificate(der)).toMatchObject({
      der,
      subject: 'CN=Alice',
      issuer: 'CN=Root',
      subjectAltNames: [{ type: 'email', value: 'alice@example.org' }],
      notBeforeMs: NOW_MS - DAY_MS,
      notAfterMs: NOW_MS + DAY_MS,
    })
  })
})
