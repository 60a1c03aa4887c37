// What the library itself must not send or keep: the rows of the checklist and the traps that no received message shows.
import { describe, expect, test } from 'vitest'
import { concat, toHex, utf8 } from '../../src/bytes.ts'
import { encode } from '../../src/codec/writer.ts'
import { HpkeSenderContext, KeySchedule, keyScheduleContext, MODE_BASE } from '../../src/crypto/hpke-context.ts'
import { type CipherSuite, deriveSecret, expandWithLabel } from '../../src/crypto/labels.ts'
import { nobleProvider } from '../../src/crypto/providers/noble/provider.ts'
import { openSenderData } from '../../src/framing/sender-data.ts'
import { encodeKeyPackage, keyPackageRef } from '../../src/messages/key-package.ts'
import {
  commit,
  createKeyPackage,
  decodeMlsMessage,
  discardProposals,
  encryptMessage,
  epochAuthenticator,
  exportSecret,
  type GroupState,
  joinGroup,
  lifetimeOfDays,
  ownLeafNode,
  processMessage,
  propose,
  proposeUpdate,
  readKeyPackage,
  reinitProposal,
  removeProposal,
  restoreState,
  stateRecords,
} from '../../src/mls.ts'
import { loadProvider, PROVIDER_NAMES } from '../conformance/providers.ts'
import { rejectionCode } from '../support/errors.ts'
import { fingerprint, secretsIn } from '../support/state-walk.ts'
import { four } from './cases/groups.ts'
import { seeded } from './cases/suites.ts'
import { type Cast, clientOf, NOW_MS, personOf, stateOf } from './cast.ts'

const judgement = { nowMs: NOW_MS }
const hello = utf8('hello')

function cast(): Promise<Cast> {
  return four(seeded(1, 'own side'))
}

describe('row 16', () => {
  test('a key is gone from the state once it was used, and so is what it came from', async () => {
    const people = await cast()
    const bob = stateOf(people, 'bob')
    const { message } = await encryptMessage(stateOf(people, 'carol'), hello)
    const { state } = await processMessage(bob, message, judgement)
    const before = new Set(secretsIn(bob).map((secret) => toHex(secret.bytes)))
    const encryption = bob.secretTree.root
    const after = secretsIn(state).map((secret) => toHex(secret.bytes))
    // The root of the secret tree was there, unused; no part of it is left that the key could be derived from.
    expect('bytes' in encryption && before.has(toHex(encryption.bytes))).toBe(true)
    expect('bytes' in encryption && after.includes(toHex(encryption.bytes))).toBe(false)
    expect(await rejectionCode(processMessage(state, message, judgement))).toBe('FRAMING_GENERATION_USED')
  })
})

describe('row 17', () => {
  test('two messages from one state, as after a loss of state, have different reuse guards', async () => {
    const state = stateOf(await cast(), 'carol')
    const sent = await Promise.all([encryptMessage(state, hello), encryptMessage(state, hello)])
    const guards = sent.map(({ message }) => {
      const decoded = decodeMlsMessage(message)
      if (decoded.wireFormat !== 2) throw new Error('not a PrivateMessage')
      const { encryptedSenderData, ciphertext } = decoded.privateMessage
      const { senderDataSecret } = state.secrets
      return openSenderData(state.suite, senderDataSecret, encryptedSenderData, decoded.privateMessage, ciphertext)
    })
    expect(guards[0]?.generation).toBe(guards[1]?.generation)
    expect(guards[0]?.reuseGuard).toHaveLength(4)
    expect(toHex(guards[0]?.reuseGuard ?? hello)).not.toBe(toHex(guards[1]?.reuseGuard ?? hello))
    expect(toHex(sent[0].message)).not.toBe(toHex(sent[1].message))
  })
})

describe('row 36', () => {
  test('nothing is sent in a group that was reinitialised', async () => {
    const carol = stateOf(await cast(), 'carol')
    const { state } = await commit(carol, {
      ...judgement,
      proposals: [reinitProposal({ groupId: utf8('next'), cipherSuite: 1 })],
    })
    const attempts = [
      commit(state, judgement),
      propose(state, removeProposal(0), judgement),
      proposeUpdate(state, judgement),
      encryptMessage(state, hello),
    ]
    expect(await Promise.all(attempts.map(rejectionCode))).toEqual(attempts.map(() => 'GROUP_FROZEN'))
  })
})

describe('row 48', () => {
  test('a state does not hold the init key, and without that nobody joins with the Welcome again', async () => {
    const people = await cast()
    const erin = await createKeyPackage(people.suite, personOf(people, 'erin').client)
    const { welcome } = await commit(stateOf(people, 'carol'), {
      ...judgement,
      proposals: [{ proposalType: 1, keyPackage: erin.keyPackage }],
    })
    const state = await joinGroup(people.suite, welcome ?? hello, [erin], judgement)
    const initKey = toHex(erin.secrets.initKeyPair.privateKey.bytes)
    expect(secretsIn(state).map((secret) => toHex(secret.bytes))).not.toContain(initKey)
    erin.secrets.initKeyPair.privateKey.wipe()
    const again = joinGroup(people.suite, welcome ?? hello, [erin], judgement)
    expect(await rejectionCode(again)).toBe('CRYPTO_SECRET_WIPED')
    expect((await encryptMessage(state, hello)).message.length).toBeGreaterThan(0)
  })
})

describe('row 58', () => {
  test('the types of all extensions that a key package has are listed in its leaf', async () => {
    const { suite } = await cast()
    const extension = (extensionType: number) => ({ extensionType, data: hello })
    const { keyPackage } = await createKeyPackage(suite, {
      ...(await clientOf(suite, 'erin', {})),
      leafExtensions: [extension(0x0a0a)],
      keyPackageExtensions: [extension(0x1a1a), extension(0xf00d)],
    })
    expect(keyPackage.leafNode.capabilities.extensions).toEqual([0x0a0a, 0x1a1a, 0xf00d])
  })
})

describe('row 59', () => {
  test('default types are not listed, whatever the caller says', async () => {
    const people = await cast()
    const capabilities = { extensions: [1, 2, 3, 4, 5, 0xf00d], proposals: [1, 2, 3, 4, 5, 6, 7, 0xf00e] }
    const client = { ...(await clientOf(people.suite, 'erin')), capabilities }
    const { keyPackage } = await createKeyPackage(people.suite, client)
    const committed = await commit(stateOf(people, 'carol'), { ...judgement, leaf: { capabilities } })
    for (const leaf of [keyPackage.leafNode, ownLeafNode(committed.state)]) {
      expect(leaf.capabilities.extensions).toEqual([0xf00d])
      expect(leaf.capabilities.proposals).toEqual([0xf00e])
    }
  })
})

describe('row 60', () => {
  test('pending proposals keep application data from being sent, until they are committed or discarded', async () => {
    const people = await cast()
    const { message } = await propose(stateOf(people, 'carol'), removeProposal(3), judgement)
    const { state } = await processMessage(stateOf(people, 'bob'), message, judgement)
    const before = fingerprint(state)
    expect(await rejectionCode(encryptMessage(state, hello))).toBe('GROUP_PENDING_PROPOSALS')
    expect(fingerprint(state)).toBe(before)
    expect((await encryptMessage(discardProposals(state), hello)).message.length).toBeGreaterThan(0)
    const committed = await commit(state, judgement)
    expect((await encryptMessage(committed.state, hello)).message.length).toBeGreaterThan(0)
  })
})

describe('trap secret-tree-persistence', () => {
  test('a state that was stored after a message refuses that message when it is restored', async () => {
    const people = await cast()
    const bob = stateOf(people, 'bob')
    const { message } = await encryptMessage(stateOf(people, 'carol'), hello)
    const stored = new Map(stateRecords(bob).put)
    const { state } = await processMessage(bob, message, judgement)
    const changes = stateRecords(state, bob)
    for (const name of changes.delete) stored.delete(name)
    for (const [name, record] of changes.put) stored.set(name, record)
    const restored: GroupState = restoreState(people.suite, stored)
    expect(epochAuthenticator(restored)).toEqual(epochAuthenticator(bob))
    expect(await rejectionCode(processMessage(restored, message, judgement))).toBe('FRAMING_GENERATION_USED')
  })
})

describe('trap hpke-bounds', () => {
  test('exports have at most 255 blocks', async () => {
    const bob = stateOf(await cast(), 'bob')
    expect(exportSecret(bob, 'label', hello, 255 * 32).length).toBe(255 * 32)
    for (const length of [255 * 32 + 1, 0, -1, 0.5, Number.NaN]) {
      expect(() => exportSecret(bob, 'label', hello, length)).toThrow(
        expect.objectContaining({ code: 'ARGUMENT_INVALID' }),
      )
    }
  })

  test('the sequence number of a context does not wrap', async () => {
    const suite = seeded(1, 'sequence')
    const { publicKey } = await suite.kem.generateKeyPair()
    const { sharedSecret } = await suite.kem.encap(publicKey)
    const schedule = new KeySchedule(suite, keyScheduleContext(suite, MODE_BASE, hello), sharedSecret)
    const context = new HpkeSenderContext(suite, schedule, Number.MAX_SAFE_INTEGER - 1)
    context.seal(hello, hello)
    expect(() => context.seal(hello, hello)).toThrow(expect.objectContaining({ code: 'CRYPTO_SEQUENCE_EXHAUSTED' }))
  })
})

describe('trap suite-5-padding', () => {
  test.each(PROVIDER_NAMES)('short private keys of suite 5 are padded on the left: %s', async (name) => {
    const suite = (await loadProvider(name)).suite(5)
    if (suite === undefined) throw new Error(`${name} has no suite 5`)
    for (const scheme of [suite.kem, suite.signature]) {
      const short = new Uint8Array(65).fill(0x21)
      const { publicKey } = await scheme.importPrivateKey(concat(Uint8Array.of(0), short))
      expect((await scheme.importPrivateKey(short)).publicKey).toEqual(publicKey)
    }
  })
})

describe('trap lifetimes', () => {
  test('the time at which a key package is valid is the one that the caller says', async () => {
    const { suite } = await cast()
    const client = { ...(await clientOf(suite, 'erin')), lifetime: lifetimeOfDays(NOW_MS, 10) }
    const { message } = await createKeyPackage(suite, client)
    const at = (days: number) => readKeyPackage(suite, message, { nowMs: NOW_MS + days * 86_400_000 })
    expect((await at(9)).leafNode.signatureKey).toEqual(client.signatureKeyPair.publicKey)
    expect(await rejectionCode(at(11))).toBe('LEAF_LIFETIME')
    expect(await rejectionCode(at(-1))).toBe('LEAF_LIFETIME')
  })

  test('how long a lifetime may be is for the policy to say', async () => {
    const { suite } = await cast()
    const lifetime = { notBefore: 0n, notAfter: 2n ** 64n - 1n }
    const { message } = await createKeyPackage(suite, { ...(await clientOf(suite, 'erin')), lifetime })
    expect(await rejectionCode(readKeyPackage(suite, message, judgement))).toBe('LEAF_LIFETIME')
    const policy = { maxLifetimeSeconds: 2n ** 64n }
    expect((await readKeyPackage(suite, message, { ...judgement, policy })).version).toBe(1)
  })
})

describe('trap label-encodings', () => {
  const suite: CipherSuite = nobleProvider.suite(1) ?? seeded(1, '')

  test("a reference's label is complete, without the prefix of other labels", async () => {
    const { keyPackage } = await createKeyPackage(suite, await clientOf(suite, 'erin'))
    const label = utf8('MLS 1.0 KeyPackage Reference')
    const input = encode((writer) => {
      writer.opaque(label)
      writer.opaque(encode(encodeKeyPackage, keyPackage))
    }, undefined)
    expect(keyPackageRef(suite, keyPackage)).toEqual(suite.hash.digest(input))
  })

  test("an exporter's label is its UTF-8 bytes", async () => {
    const bob = stateOf(await cast(), 'bob')
    const derived = deriveSecret(bob.suite, bob.secrets.exporterSecret, 'größer')
    const context = bob.suite.hash.digest(hello)
    const expected = expandWithLabel(bob.suite, derived.bytes, 'exported', context, 32)
    expect(exportSecret(bob, 'größer', hello, 32).bytes).toEqual(expected)
    const input = concat(Uint8Array.of(0, 32, 16), utf8('MLS 1.0 größer'), Uint8Array.of(0, 1))
    expect(toHex(derived.bytes)).toBe(toHex(bob.suite.hash.hmac(bob.secrets.exporterSecret.bytes, input)))
  })
})
