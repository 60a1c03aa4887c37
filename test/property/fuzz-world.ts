// A group with everything that it ever sends, for the fuzz tests to damage, and the people who receive it.
import { utf8 } from '../../src/bytes.ts'
import type { CryptoProvider } from '../../src/crypto/contract.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import {
  applicationIdExtension,
  commit,
  createGroupInfo,
  createKeyPackage,
  encryptMessage,
  exportRatchetTree,
  type GroupState,
  joinExternal,
  type OwnKeyPackage,
  type Proposal,
  propose,
  proposeAsExternalSender,
  proposeOwnAdd,
  proposeUpdate,
} from '../../src/mls.ts'
import { externalSender, four } from '../negative/cases/groups.ts'
import { type Cast, lookUpPsk, NOW_MS, PSK_ID, personOf, stateOf } from '../negative/cast.ts'
import { seededSuite } from '../negative/seeded-suite.ts'

/** A valid message and what it is. */
export interface Sample {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Who receives, and what is sent. */
export interface FuzzWorld {
  readonly suite: CipherSuite
  readonly cast: Cast
  /** A member who has not processed any of the messages. */
  readonly member: GroupState
  /** A client in no group, for whom the Welcome and the GroupInfo are. */
  readonly joiner: OwnKeyPackage
  /** `MLSMessage`s to a member. */
  readonly toMember: readonly Sample[]
  readonly welcomes: readonly Sample[]
  readonly groupInfos: readonly Sample[]
  readonly keyPackages: readonly Sample[]
  /** `ratchet_tree` vectors. */
  readonly trees: readonly Sample[]
}

const judgement = { nowMs: NOW_MS, psks: lookUpPsk }

export async function fuzzWorld(provider: CryptoProvider, seed: string, suiteId = 1): Promise<FuzzWorld> {
  const base = provider.suite(suiteId)
  if (base === undefined) throw new Error(`${provider.name} has no suite ${suiteId}`)
  const suite = seededSuite(base, seed)
  const cast = await four(suite)
  const carol = stateOf(cast, 'carol')
  const joiner = await createKeyPackage(suite, {
    ...personOf(cast, 'erin').client,
    leafExtensions: [applicationIdExtension(utf8('device'))],
    keyPackageExtensions: [{ extensionType: 0x1a1a, data: utf8('grease') }],
  })
  const add: Proposal = { proposalType: 1, keyPackage: joiner.keyPackage }
  const added = await commit(carol, { ...judgement, wireFormat: 'public', proposals: [add, psk(suite)] })
  const groupInfo = await createGroupInfo(carol)
  return {
    suite,
    cast,
    member: stateOf(cast, 'bob'),
    joiner,
    toMember: [
      { name: 'public commit with an Add and a PSK', bytes: added.message },
      ...(await commits(carol)),
      ...(await proposals(cast, joiner)),
      ...(await fromOutside(cast, joiner, groupInfo)),
      { name: 'application data', bytes: (await encryptMessage(carol, utf8('hello'))).message },
    ],
    welcomes: [{ name: 'Welcome', bytes: added.welcome ?? new Uint8Array(0) }],
    groupInfos: [{ name: 'GroupInfo', bytes: groupInfo }],
    keyPackages: [{ name: 'key package', bytes: joiner.message }],
    trees: [{ name: 'ratchet_tree', bytes: exportRatchetTree(added.state) }],
  }
}

function psk(suite: CipherSuite): Proposal {
  return { proposalType: 4, psk: { pskType: 1, pskId: PSK_ID, pskNonce: suite.randomBytes(suite.hash.length) } }
}

async function commits(carol: GroupState): Promise<Sample[]> {
  const samples: Sample[] = []
  const send = async (name: string, wireFormat: 'public' | 'private', list: readonly Proposal[]): Promise<void> => {
    samples.push({ name, bytes: (await commit(carol, { ...judgement, wireFormat, proposals: list })).message })
  }
  await send('empty public commit', 'public', [])
  await send('empty private commit', 'private', [])
  await send('public commit with a Remove and extensions', 'public', [
    { proposalType: 3, removed: 3 },
    { proposalType: 7, extensions: [] },
  ])
  await send('public commit of a ReInit', 'public', [
    { proposalType: 5, groupId: utf8('next'), version: 1, cipherSuite: 1, extensions: [] },
  ])
  return samples
}

async function proposals(cast: Cast, joiner: OwnKeyPackage): Promise<Sample[]> {
  const alice = stateOf(cast, 'alice')
  const options = { ...judgement, wireFormat: 'public' } as const
  const list: readonly Proposal[] = [
    { proposalType: 1, keyPackage: joiner.keyPackage },
    { proposalType: 3, removed: 0 },
    psk(cast.suite),
    { proposalType: 5, groupId: utf8('next'), version: 1, cipherSuite: 1, extensions: [] },
    { proposalType: 7, extensions: [] },
  ]
  const sent = await Promise.all(list.map((proposal) => propose(alice, proposal, options)))
  const update = await proposeUpdate(alice, options)
  const hidden = await proposeUpdate(alice, judgement)
  return [
    ...sent.map(({ message }, i) => ({ name: `public proposal ${list[i]?.proposalType}`, bytes: message })),
    { name: 'public Update', bytes: update.message },
    { name: 'private Update', bytes: hidden.message },
  ]
}

async function fromOutside(cast: Cast, joiner: OwnKeyPackage, groupInfo: Uint8Array): Promise<Sample[]> {
  const { suite } = cast
  const { groupId, epoch } = stateOf(cast, 'carol').groupContext
  const { client } = personOf(cast, 'frank')
  const joined = await joinExternal(suite, groupInfo, { ...client, ...judgement })
  const removal = await proposeAsExternalSender(
    suite,
    await externalSender(suite),
    0,
    { proposalType: 3, removed: 3 },
    { groupId, epoch },
  )
  const { signatureKeyPair } = joiner.secrets
  const asking = await proposeOwnAdd(suite, signatureKeyPair, joiner.keyPackage, { groupId, epoch })
  return [
    { name: 'external commit', bytes: joined.message },
    { name: 'external proposal', bytes: removal },
    { name: 'new member proposal', bytes: asking },
  ]
}
