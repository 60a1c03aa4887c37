// Welcomes to groups that continue another or branch from it, but not as they have to (RFC 9420 §11.2, §11.3, §12.4.3.1).
import { toHex, utf8 } from '../../../src/bytes.ts'
import type { Secret } from '../../../src/crypto/secret.ts'
import { createKeyPackage, type GroupState, type OwnKeyPackage, type ResumptionPskId } from '../../../src/mls.ts'
import { addLeaves, singletonTree } from '../../../src/tree/ratchet-tree.ts'
import { type Cast, clientOf, commitBy, keysOf, personOf, stateOf } from '../cast.ts'
import { forgeWelcome, type WelcomeForgery } from '../forge/welcome.ts'
import { three } from './groups.ts'
import { type CaseSpec, type Chapter, type Made, type Scene, secretOf } from './scene.ts'
import { seeded } from './suites.ts'

type Spec = Pick<CaseSpec, 'name' | 'about' | 'code'> & Partial<CaseSpec>

/** What a Welcome to another group says. */
interface Saying {
  /** 1: it has a secret of another group, 2: it follows a ReInit, 3: it is a branch. */
  readonly usage: 1 | 2 | 3
  readonly context?: Partial<WelcomeForgery['groupContext']>
  readonly psk?: Partial<ResumptionPskId>
  /** Another PSK beside the one that ties the groups together. */
  readonly more?: (tie: ResumptionPskId) => ResumptionPskId
  /** Who is in the new group beside Alice and Bob. Default: Carol. */
  readonly others?: readonly string[]
}

const NEXT = utf8('what comes next')
const BOBS_NEXT = "bob's next key package"

/** Alice welcomes Bob to another group. */
async function welcomed(cast: Cast, { usage, context, psk, more, others = ['carol'] }: Saying): Promise<Made> {
  const { suite } = cast
  const alice = stateOf(cast, 'alice')
  const tie: ResumptionPskId = {
    pskType: 2,
    usage,
    pskGroupId: alice.groupContext.groupId,
    pskEpoch: alice.groupContext.epoch,
    pskNonce: new Uint8Array(32).fill(5),
  }
  const ids = [{ ...tie, ...psk }, ...(more === undefined ? [] : [more(tie)])]
  const bob = personOf(cast, BOBS_NEXT).keyPackage.keyPackage
  const founder = await nextKeyPackage(cast, 'alice')
  const rest = await Promise.all(others.map((name) => nextKeyPackage(cast, name)))
  const leaves = [bob, ...rest.map(({ keyPackage }) => keyPackage)].map(({ leafNode }) => leafNode)
  const forged = await forgeWelcome({
    suite,
    groupContext: {
      version: 1,
      cipherSuite: suite.id,
      groupId: NEXT,
      epoch: 1n,
      treeHash: new Uint8Array(0),
      confirmedTranscriptHash: suite.hash.digest(utf8('whatever the first commit was')),
      extensions: [],
      ...context,
    },
    tree: addLeaves(singletonTree(founder.keyPackage.leafNode), leaves).tree,
    signer: { leafIndex: 0, signatureKeyPair: founder.secrets.signatureKeyPair },
    joiner: bob,
    psks: ids.map((id) => ({ id, secret: resumptionSecret(alice, id) })),
  })
  return {
    operation: 'join',
    messages: [toHex(forged.message)],
    outcome: { kind: 'joined', epoch_authenticator: toHex(forged.epochAuthenticator) },
  }
}

function nextKeyPackage(cast: Cast, name: string): Promise<OwnKeyPackage> {
  return createKeyPackage(cast.suite, personOf(cast, name).client)
}

function resumptionSecret(state: GroupState, id: ResumptionPskId): Secret {
  return state.resumptionPsks.find(({ epoch }) => epoch === id.pskEpoch)?.secret ?? secretOf(7, 32)
}

function successionCase(spec: Spec, bad: (cast: Cast) => Saying, good: Saying): CaseSpec {
  return {
    rows: [55],
    sections: spec.name.startsWith('reinit') ? ['11.2', '12.4.3.1'] : ['11.3', '12.4.3.1'],
    start: good.usage === 3 ? 'member' : 'reinitialised',
    ...spec,
    make: (cast, broken) => welcomed(cast, broken ? bad(cast) : good),
  }
}

const REINIT = { usage: 2 } as const
const BRANCH = { usage: 3 } as const

const reinitCases: CaseSpec[] = [
  successionCase(
    { name: 'reinit-in-epoch-2', about: 'the successor is in epoch 2', code: 'JOIN_REINIT_MISMATCH' },
    () => ({ ...REINIT, context: { epoch: 2n } }),
    REINIT,
  ),
  successionCase(
    {
      name: 'reinit-of-another-id',
      about: 'the successor has another id than the ReInit said',
      code: 'JOIN_REINIT_MISMATCH',
    },
    () => ({ ...REINIT, context: { groupId: utf8('something else') } }),
    REINIT,
  ),
  successionCase(
    {
      name: 'reinit-with-other-extensions',
      about: 'the successor has other extensions than the ReInit said',
      code: 'JOIN_REINIT_MISMATCH',
    },
    () => ({ ...REINIT, context: { extensions: [{ extensionType: 1, data: Uint8Array.of(1, 0) }] } }),
    REINIT,
  ),
  successionCase(
    {
      name: 'reinit-to-another-suite',
      about: 'the ReInit said suite 3, the successor has suite 1',
      start: 'reinitialised-to-3',
      code: 'JOIN_REINIT_MISMATCH',
    },
    () => REINIT,
    // A group that follows no other, but has a secret of it.
    { usage: 1 },
  ),
  successionCase(
    {
      name: 'reinit-from-the-epoch-before',
      about: 'the successor is tied to the epoch before the commit of the ReInit',
      code: 'JOIN_REINIT_MISMATCH',
    },
    (cast) => ({ ...REINIT, psk: { pskEpoch: stateOf(cast, 'alice').groupContext.epoch - 1n } }),
    REINIT,
  ),
  successionCase(
    { name: 'reinit-without-a-member', about: 'Carol is not in the successor', code: 'JOIN_REINIT_MISMATCH' },
    () => ({ ...REINIT, others: [] }),
    REINIT,
  ),
  successionCase(
    {
      name: 'reinit-of-an-active-group',
      about: 'no ReInit was committed in the group that the Welcome says to follow',
      start: 'member',
      code: 'JOIN_REINIT_MISMATCH',
    },
    () => REINIT,
    BRANCH,
  ),
  successionCase(
    {
      name: 'reinit-and-branch',
      about: 'the Welcome says that its group follows a ReInit and is a branch',
      code: 'PSK_USAGE',
    },
    () => ({ ...REINIT, more: (tie) => ({ ...tie, usage: 3 }) }),
    REINIT,
  ),
  successionCase(
    {
      name: 'reinit-of-an-unknown-group',
      about: 'the Welcome follows a group that the client is not in',
      rows: [35, 55],
      code: 'PSK_UNKNOWN',
    },
    () => ({ ...REINIT, psk: { pskGroupId: utf8('an unknown group') } }),
    REINIT,
  ),
]

const branchCases: CaseSpec[] = [
  successionCase(
    { name: 'branch-in-epoch-2', about: 'the branch is in epoch 2', code: 'JOIN_BRANCH_MISMATCH' },
    () => ({ ...BRANCH, context: { epoch: 2n } }),
    BRANCH,
  ),
  successionCase(
    { name: 'branch-in-epoch-0', about: 'the branch is in epoch 0', code: 'JOIN_BRANCH_MISMATCH' },
    () => ({ ...BRANCH, context: { epoch: 0n } }),
    BRANCH,
  ),
  successionCase(
    {
      name: 'branch-with-a-stranger',
      about: 'somebody is in the branch who is not in the group',
      code: 'JOIN_BRANCH_MISMATCH',
    },
    () => ({ ...BRANCH, others: ['carol', 'frank'] }),
    BRANCH,
  ),
  successionCase(
    { name: 'two-branches', about: 'the Welcome says twice that its group is a branch', code: 'PSK_USAGE' },
    () => ({ ...BRANCH, more: (tie) => ({ ...tie, pskEpoch: tie.pskEpoch - 1n }) }),
    { ...BRANCH, more: (tie) => ({ ...tie, usage: 1, pskEpoch: tie.pskEpoch - 1n }) },
  ),
]

/** Alice 0, Bob 1, Carol 2, and what Bob joins the next group with. */
async function scene(reinitTo?: number): Promise<Scene> {
  let cast = await three(seeded(1, 'successions'))
  if (reinitTo !== undefined) {
    const proposal = { proposalType: 5, groupId: NEXT, version: 1, cipherSuite: reinitTo, extensions: [] } as const
    cast = await commitBy(cast, 'alice', [], { proposals: [proposal] })
  }
  const client = {
    ...(await clientOf(cast.suite, 'bob')),
    signatureKeyPair: personOf(cast, 'bob').client.signatureKeyPair,
  }
  const keyPackage = await createKeyPackage(cast.suite, client)
  const next = { name: BOBS_NEXT, client, keyPackage, state: undefined, membership: undefined }
  return {
    cast: { ...cast, people: new Map(cast.people).set(next.name, next) },
    receiver: 'bob',
    start: { next: keysOf(keyPackage) },
  }
}

export const successions: Chapter = {
  file: 'successions',
  description: 'Welcomes to groups that continue another or branch from it, but not as they have to.',
  scenes: async () => ({
    member: await scene(),
    reinitialised: await scene(1),
    'reinitialised-to-3': await scene(3),
  }),
  cases: [...reinitCases, ...branchCases],
}
