// X.509 credentials of members: bound to the leaf's key, followed by their successors (RFC 9420 §5.3, §5.3.1).
import { beforeAll, describe, expect, test } from 'vitest'
import type { CipherSuite } from '../../../src/crypto/labels.ts'
import { nobleProvider } from '../../../src/crypto/providers/noble/provider.ts'
import type { ErrorCode } from '../../../src/errors.ts'
import {
  addProposal,
  basicCredential,
  branchGroup,
  commit,
  createGroup,
  createGroupInfo,
  createKeyPackage,
  encryptMessage,
  type GroupPolicy,
  groupMembers,
  joinExternal,
  joinGroup,
  type LeafOptions,
  lifetimeOfDays,
  processMessage,
  readKeyPackage,
  x509Credential,
} from '../../../src/mls.ts'
import { type X509PolicyOptions, x509Policy } from '../../../src/mls-x509.ts'
import {
  type Authority,
  type Contents,
  intermediateAuthority,
  memberCertificate,
  NOW_MS,
  rootAuthority,
} from './certificate-fixtures.ts'

let root: Authority
let intermediate: Authority
let policy: GroupPolicy
beforeAll(async () => {
  root = await rootAuthority('CN=Root')
  intermediate = await intermediateAuthority(root, 'CN=Intermediate')
  policy = policyOf()
})

const lifetime = lifetimeOfDays(NOW_MS, 30)
const policyOf = (options: Partial<X509PolicyOptions> = {}): GroupPolicy =>
  x509Policy({ trustAnchors: [root.der], nowMs: () => NOW_MS, ...options })
const judgement = (given: GroupPolicy = policy) => ({ nowMs: NOW_MS, policy: given })
const suiteOf = (id: number): CipherSuite => {
  const suite = nobleProvider.suite(id)
  if (suite === undefined) throw new Error(`no suite ${id}`)
  return suite
}
const refused = (promise: Promise<unknown>, code: ErrorCode): Promise<void> =>
  expect(promise).rejects.toMatchObject({ name: 'CoterieError', code })

async function client(suite: CipherSuite, name: string, contents?: Contents): Promise<LeafOptions> {
  const signatureKeyPair = await suite.signature.generateKeyPair()
  return { signatureKeyPair, credential: await certified(suite, name, signatureKeyPair.publicKey, contents) }
}

async function certified(suite: CipherSuite, name: string, signatureKey: Uint8Array, contents?: Contents) {
  const der = await memberCertificate(intermediate, `CN=${name}`, suite.id, Uint8Array.from(signatureKey), contents)
  return x509Credential([der, intermediate.der])
}

describe.each([1, 2, 4, 5, 7])('suite %i', (id) => {
  const suite = suiteOf(id)

  test('a certificate for the key of the leaf is believed, one for another key is not', async () => {
    const alice = await client(suite, 'Alice')
    const own = await createKeyPackage(suite, { ...alice, lifetime })
    await readKeyPackage(suite, own.message, judgement())

    const mallory = { ...alice, signatureKeyPair: await suite.signature.generateKeyPair() }
    const stolen = await createKeyPackage(suite, { ...mallory, lifetime })
    await refused(readKeyPackage(suite, stolen.message, judgement()), 'X509_KEY_MISMATCH')
  })
})

test('a group whose members have certificates, from its creation to a change of certificates', async () => {
  const suite = suiteOf(1)
  const alicesLeaf = await client(suite, 'Alice')
  const bobsPackage = await createKeyPackage(suite, { ...(await client(suite, 'Bob')), lifetime })
  let alice = await createGroup(suite, { ...alicesLeaf, lifetime, policy })
  const added = await commit(alice, { ...judgement(), proposals: [addProposal(bobsPackage.keyPackage)] })
  alice = added.state
  let bob = await joinGroup(suite, added.welcome ?? new Uint8Array(), [bobsPackage], judgement())

  const sent = await encryptMessage(alice, new Uint8Array([1, 2, 3]))
  alice = sent.state
  const received = await processMessage(bob, sent.message, judgement())
  bob = received.state
  expect(received).toMatchObject({ kind: 'application', data: new Uint8Array([1, 2, 3]) })

  const carol = await joinExternal(suite, await createGroupInfo(bob), {
    ...(await client(suite, 'Carol')),
    ...judgement(),
  })
  alice = (await processMessage(alice, carol.message, judgement())).state
  bob = (await processMessage(bob, carol.message, judgement())).state
  expect(groupMembers(bob)).toHaveLength(3)

  const renewed = await client(suite, 'Alice')
  const renewal = await commit(alice, { ...judgement(), leaf: renewed })
  bob = (await processMessage(bob, renewal.message, judgement())).state
  expect(groupMembers(bob)[0]?.leafNode.credential).toEqual(renewed.credential)

  const before = bob
  const takeover = await commit(renewal.state, { ...judgement(), leaf: await client(suite, 'Bob') })
  await refused(processMessage(bob, takeover.message, judgement()), 'LEAF_IDENTITY_CHANGED')
  expect(bob).toBe(before)
})

test('members are found again in a branch by their names, whatever their new certificates', async () => {
  const suite = suiteOf(1)
  const bobsPackage = await createKeyPackage(suite, { ...(await client(suite, 'Bob')), lifetime })
  const alice = await createGroup(suite, { ...(await client(suite, 'Alice')), lifetime, policy })
  const added = await commit(alice, { ...judgement(), proposals: [addProposal(bobsPackage.keyPackage)] })
  const bob = await joinGroup(suite, added.welcome ?? new Uint8Array(), [bobsPackage], judgement())

  const again = await createKeyPackage(suite, { ...(await client(suite, 'Bob')), lifetime })
  const founder = { ...(await client(suite, 'Alice')), lifetime, ...judgement() }
  const branch = await branchGroup(added.state, { ...founder, keyPackages: [again.keyPackage] })
  const welcome = branch.welcome ?? new Uint8Array()
  const joined = await joinGroup(suite, welcome, [again], { ...judgement(), predecessor: bob })
  expect(groupMembers(joined)).toHaveLength(2)

  const stranger = await createKeyPackage(suite, { ...(await client(suite, 'Eve')), lifetime })
  const wrong = branchGroup(added.state, { ...founder, keyPackages: [stranger.keyPackage] })
  await refused(wrong, 'JOIN_BRANCH_MISMATCH')
})

describe('a policy', () => {
  const suite = suiteOf(1)
  const read = async (leaf: LeafOptions, given?: GroupPolicy) => {
    const { message } = await createKeyPackage(suite, { ...leaf, lifetime })
    return readKeyPackage(suite, message, judgement(given))
  }

  test('asks for the time with each check', async () => {
    const leaf = await client(suite, 'Alice', { notAfterMs: NOW_MS })
    let nowMs = NOW_MS
    const given = policyOf({ nowMs: () => nowMs })
    await read(leaf, given)
    nowMs += 1000
    await refused(read(leaf, given), 'X509_VALIDITY')
  })

  test('believes no anchor but its own', async () => {
    const given = policyOf({ trustAnchors: [(await rootAuthority('CN=Root')).der] })
    await refused(read(await client(suite, 'Alice'), given), 'X509_UNTRUSTED')
  })

  test('refuses what is not an X.509 credential', async () => {
    const { signatureKeyPair } = await client(suite, 'Alice')
    const basic = { signatureKeyPair, credential: basicCredential(new Uint8Array([1])) }
    await refused(read(basic), 'LEAF_CREDENTIAL_INVALID')
  })

  test('refuses a credential of malformed certificates', async () => {
    const { signatureKeyPair } = await client(suite, 'Alice')
    await refused(read({ signatureKeyPair, credential: x509Credential([new Uint8Array(40)]) }), 'X509_MALFORMED')
  })

  test('lets the application ask for more', async () => {
    const leaf = await client(suite, 'Alice', { names: [{ type: 'email', value: 'alice@example.org' }] })
    const seen: unknown[] = []
    await read(leaf, policyOf({ checkHolder: (holder, check) => void seen.push(holder.subjectAltNames, check.role) }))
    expect(seen).toEqual([[{ type: 'email', value: 'alice@example.org' }], 'member'])
    const strict = policyOf({
      async checkHolder({ subjectAltNames }) {
        if (!subjectAltNames.some(({ value }) => value.endsWith('@example.net'))) throw new Error('a stranger')
      },
    })
    await refused(read(leaf, strict), 'LEAF_CREDENTIAL_INVALID')
  })

  test('refuses trust anchors that are none', () => {
    expect(() => policyOf({ trustAnchors: [new Uint8Array([1])] })).toThrow(
      expect.objectContaining({ code: 'ARGUMENT_INVALID' }),
    )
  })
})

describe('who is the same holder', () => {
  const suite = suiteOf(1)
  const email = (value: string): Contents => ({ names: [{ type: 'email', value }] })
  const leaf = async (name: string, contents?: Contents) => {
    const { keyPackage } = await createKeyPackage(suite, { ...(await client(suite, name, contents)), lifetime })
    return keyPackage.leafNode
  }

  test('equal subjects and equal alternative names', async () => {
    const alice = await leaf('Alice', email('alice@example.org'))
    expect(policy.sameClient?.(alice, alice)).toBe(true)
    expect(policy.sameClient?.(alice, await leaf('Alice', email('alice@example.org')))).toBe(true)
    expect(policy.sameClient?.(alice, await leaf('Alice', email('other@example.org')))).toBe(false)
    expect(policy.sameClient?.(alice, await leaf('Bob', email('alice@example.org')))).toBe(false)
    expect(policy.sameClient?.(alice, await leaf('Alice'))).toBe(false)
  })

  test('nobody without a name', async () => {
    const nameless = async () => {
      const signatureKeyPair = await suite.signature.generateKeyPair()
      const der = await memberCertificate(root, '', suite.id, Uint8Array.from(signatureKeyPair.publicKey))
      const credential = x509Credential([der])
      const { keyPackage } = await createKeyPackage(suite, { credential, signatureKeyPair, lifetime })
      return keyPackage.leafNode
    }
    const someone = await nameless()
    expect(policy.sameClient?.(someone, someone)).toBe(true)
    expect(policy.sameClient?.(someone, await nameless())).toBe(false)
  })

  test('whatever the application says', async () => {
    const given = policyOf({ sameHolder: (a, b) => a.subjectAltNames[0]?.value === b.subjectAltNames[0]?.value })
    const alice = await leaf('Alice', email('alice@example.org'))
    expect(given.sameClient?.(alice, await leaf('Dr. Alice', email('alice@example.org')))).toBe(true)
    expect(given.sameClient?.(alice, await leaf('Alice', email('other@example.org')))).toBe(false)
  })

  test('no credential of another type', async () => {
    const { signatureKeyPair } = await client(suite, 'Alice')
    const credential = basicCredential(new TextEncoder().encode('CN=Alice'))
    const { keyPackage } = await createKeyPackage(suite, { credential, signatureKeyPair, lifetime })
    expect(policy.sameClient?.(keyPackage.leafNode, keyPackage.leafNode)).toBe(false)
  })
})
