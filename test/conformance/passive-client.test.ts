// The passive client against scenarios that the working group's files do not have: outsiders, successors of other groups, and
// files that are wrong.
import { expect, test } from 'vitest'
import { toHex, utf8 } from '../../src/bytes.ts'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { suite1, suite2, suite5 } from '../../src/crypto/providers/node/suites.ts'
import { Secret } from '../../src/crypto/secret.ts'
import {
  addProposal,
  branchGroup,
  createGroupInfo,
  customProposal,
  exportRatchetTree,
  externalPskId,
  externalSendersExtension,
  groupContextExtensionsProposal,
  joinExternal,
  preSharedKeyProposal,
  proposeAsExternalSender,
  proposeOwnAdd,
  reinitGroup,
  reinitProposal,
  removeProposal,
  resumptionPskId,
} from '../../src/mls.ts'
import { passiveClient } from './passive-client.ts'
import { type FileOutcome, runFile } from './run-file.ts'
import type { Scenario } from './scenario.ts'
import {
  CUSTOM_PROPOSAL,
  clientOptions,
  freshKeyPackage,
  NOW_MS,
  RecordedGroup,
  scenarioOf,
} from './scenario-fixtures.ts'

test('external commits, external and new-member proposals, PSKs and custom proposals are followed', async () => {
  const sender = await clientOptions(suite1, 'sender')
  const { credential, signatureKeyPair } = sender
  const externalSenders = externalSendersExtension([{ credential, signatureKey: signatureKeyPair.publicKey }])
  const group = await RecordedGroup.start(suite1, {
    members: [await freshKeyPackage(suite1, 'bob')],
    groupExtensions: [externalSenders],
  })
  const target = () => ({ groupId: group.state.groupContext.groupId, epoch: group.state.groupContext.epoch })

  const joiner = await clientOptions(suite1, 'joiner')
  const join = await joinExternal(suite1, await createGroupInfo(group.state), { ...joiner, nowMs: NOW_MS })
  await group.receive(join.message)

  await group.receive(await proposeAsExternalSender(suite1, signatureKeyPair, 0, removeProposal(1), target()))
  const newcomer = await freshKeyPackage(suite1, 'newcomer')
  const { keyPackage, secrets } = newcomer
  await group.receive(await proposeOwnAdd(suite1, secrets.signatureKeyPair, keyPackage, target()))
  const references = [...group.state.proposals.values()].map(({ reference }) => reference)
  await group.commit({ wireFormat: 'public', references })

  const psk = new Secret(utf8('a secret'))
  const { groupId, epoch } = target()
  await group.commit({
    proposals: [
      preSharedKeyProposal(externalPskId(suite1, utf8('name'))),
      preSharedKeyProposal(resumptionPskId(suite1, groupId, epoch)),
      groupContextExtensionsProposal([]),
    ],
    psks: () => psk,
  })
  await group.commit({
    proposals: [customProposal(CUSTOM_PROPOSAL, utf8('custom'))],
    path: 'whenRequired',
    policy: { requiresPath: () => false },
  })
  const external_psks = [{ psk_id: toHex(utf8('name')), psk: toHex(psk.bytes) }]
  await expectOutcome([group.scenario({ external_psks })], { passed: 1, failures: [] })
  await expectOutcome([group.scenario()], { passed: 0, failures: ['case 0: a pre-shared key is not at hand'] })
})

test('a successor by ReInit, of another suite, is joined with what another file has led to', async () => {
  const { before, after } = await reinitialised()
  await expectOutcome([after], { passed: 1, failures: [] }, [{ unrelated: true }, [before]])
  await expectOutcome([after, before], { passed: 2, failures: [] })
  await expectOutcome([after], { passed: 0, failures: [expect.stringContaining('case 0: ')] })
})

test('a resumption PSK may be among the external PSKs of the file', async () => {
  const { after, oldGroupId, resumptionPsk } = await reinitialised()
  for (const [secret, outcome] of [
    [resumptionPsk, { passed: 1, failures: [] }],
    ['00'.repeat(32), { passed: 0, failures: [expect.any(String)] }],
  ] as const) {
    await expectOutcome([{ ...after, external_psks: [{ psk_id: oldGroupId, psk: secret }] }], outcome)
  }
})

test('of two groups with the same id the predecessor is the one that fits', async () => {
  const one = await reinitialised(utf8('same'))
  const other = await reinitialised(utf8('same'))
  await expectOutcome([one.before, other.before, one.after, other.after], { passed: 4, failures: [] })
})

test('a branch starts from an epoch in the middle of a later scenario', async () => {
  const group = await RecordedGroup.start(suite5)
  await group.commit()
  const own = await freshKeyPackage(suite5, 'passive')
  const branch = await branchGroup(group.state, {
    ...(await clientOptions(suite5, 'founder')),
    nowMs: NOW_MS,
    keyPackages: [own.keyPackage],
  })
  await group.commit()
  await expectOutcome([scenarioOf(own, branch), group.scenario()], { passed: 2, failures: [] })
})

test('a Welcome may use a resumption PSK of the same group that another scenario has met', async () => {
  const group = await RecordedGroup.start(suite1)
  await group.commit()
  const own = await freshKeyPackage(suite1, 'second')
  const { groupId, epoch } = group.state.groupContext
  const psk = preSharedKeyProposal(resumptionPskId(suite1, groupId, epoch))
  const welcome = await group.commit({ proposals: [addProposal(own.keyPackage), psk] })
  await expectOutcome([scenarioOf(own, welcome), group.scenario()], { passed: 2, failures: [] })
})

test('commits after a ReInit are refused by the group, and followed nevertheless', async () => {
  const group = await RecordedGroup.start(suite1)
  await group.commit({ proposals: [reinitProposal({ groupId: utf8('next'), cipherSuite: 1 })] })
  expect(group.state.status).toBe('frozen')
  group.state = { ...group.state, status: 'active', reinit: undefined }
  await group.commit()
  await expectOutcome([group.scenario()], { passed: 1, failures: [] })
})

test('a scenario may end with the removal of its client, but not go on after it', async () => {
  const group = await RecordedGroup.start(suite1)
  await group.commit({ proposals: [removeProposal(1)] })
  await expectOutcome([group.scenario()], { passed: 1, failures: [] })
  await group.commit()
  const failures = ['case 0: it does not hold that nothing follows on the removal of the client']
  await expectOutcome([group.scenario()], { passed: 0, failures })
})

test('trees, key packages and private keys are read in every form that files have them', async () => {
  const group = await RecordedGroup.start(suite1)
  const own = await freshKeyPackage(suite1, 'second')
  const options = { proposals: [addProposal(own.keyPackage)], groupInfo: { ratchetTree: false } }
  const scenario = scenarioOf(own, await group.commit(options))
  const withTree = { ...scenario, ratchet_tree: toHex(exportRatchetTree(group.state)) }
  const seed = scenario.signature_priv
  const variants: readonly Partial<Scenario>[] = [
    {},
    { external_psks: undefined },
    // The message's version and wire format are four bytes.
    { key_package: scenario.key_package.slice(8) },
    { signature_priv: seed + toHex(own.keyPackage.leafNode.signatureKey) },
    { signature_priv: `302e020100300506032b657004220420${seed}` },
  ]
  const cases = variants.map((change) => ({ ...withTree, ...change }))
  await expectOutcome(cases, { passed: cases.length, failures: [] })
  await expectOutcome([scenario], { passed: 0, failures: [expect.stringContaining('ratchet tree')] })
})

test('wrong authenticators, commits and private keys fail the case', async () => {
  const group = await RecordedGroup.start(suite2)
  await group.commit()
  const good = group.scenario()
  const [epoch] = good.epochs
  if (epoch === undefined) throw new Error('there is no epoch')
  const zeros = '00'.repeat(32)
  const bad: readonly Partial<Scenario>[] = [
    { initial_epoch_authenticator: zeros },
    { epochs: [{ ...epoch, epoch_authenticator: zeros }] },
    { epochs: [{ ...epoch, epoch_authenticator: undefined }] },
    { epochs: [{ ...epoch, commit: `${epoch.commit.slice(0, -2)}${epoch.commit.endsWith('00') ? '01' : '00'}` }] },
    { epochs: [epoch, epoch] },
    { init_priv: good.encryption_priv },
    { encryption_priv: good.init_priv },
    { signature_priv: good.init_priv },
    { welcome: good.key_package },
  ]
  const { passed, failures } = await outcomeOf([good, ...bad.map((change) => ({ ...good, ...change }))])
  expect({ passed, failed: failures.length }).toEqual({ passed: 1, failed: bad.length })
})

test('cases of a suite that the provider lacks are skipped, those without a field fail', async () => {
  const group = await RecordedGroup.start(suite1)
  const scenario = group.scenario()
  const { skipped } = await outcomeOf([{ ...scenario, cipher_suite: 4711 }])
  expect(skipped).toBe(1)
  const { epochs: _, ...incomplete } = scenario
  await expectOutcome([scenario, incomplete], { passed: 1, failures: ['case 1: .epochs is not a list'] })
})

/** A group of the recorded client that ends with a ReInit, and the successor that it is then added to. */
async function reinitialised(groupId?: Uint8Array): Promise<{
  before: Scenario
  after: Scenario
  oldGroupId: string
  resumptionPsk: string
}> {
  const group = await RecordedGroup.start(suite1, { ...(groupId && { groupId }) })
  await group.commit({ proposals: [reinitProposal({ groupId: utf8('successor'), cipherSuite: 2 })] })
  const own = await freshKeyPackage(suite2, 'passive')
  const founder = await clientOptions(suite2, 'founder')
  const successor = await reinitGroup(suite2, group.state, {
    ...founder,
    nowMs: NOW_MS,
    keyPackages: [own.keyPackage],
  })
  return {
    before: group.scenario(),
    after: scenarioOf(own, successor),
    oldGroupId: toHex(group.state.groupContext.groupId),
    resumptionPsk: toHex(group.state.secrets.resumptionPsk.bytes),
  }
}

async function outcomeOf(scenarios: readonly unknown[], related: readonly unknown[] = []): Promise<FileOutcome> {
  const json: unknown = JSON.parse(JSON.stringify(scenarios))
  expect(passiveClient.recognises(json)).toBe(true)
  return runFile(json, nodeProvider, related)
}

async function expectOutcome(
  scenarios: readonly unknown[],
  expected: { readonly passed: number; readonly failures: readonly unknown[] },
  related: readonly unknown[] = [],
): Promise<void> {
  const { passed, failures } = await outcomeOf(scenarios, related)
  expect({ passed, failures }).toEqual(expected)
}
