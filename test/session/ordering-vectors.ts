// The vectors of ordering and repair (spec/ordering.md, spec/repair.md): made from fixed seeds, so that everybody who makes them
// gets the same bytes. `node test/session/ordering-vectors.ts` writes spec/vectors/ordering/.
import { writeFileSync } from 'node:fs'
import { toHex, utf8 } from '../../src/bytes.ts'
import { encode } from '../../src/codec/writer.ts'
import { createKeyPackage } from '../../src/group/key-packages.ts'
import { certifyDevice } from '../../src/identity/device-credential.ts'
import { encodeKeyPackage, type KeyPackage } from '../../src/messages/key-package.ts'
import { encodeLeafNode } from '../../src/messages/leaf-node.ts'
import type { EpochNode } from '../../src/session/epoch-tree.ts'
import { type PastStep, pastExtension, withPast } from '../../src/session/past.ts'
import { signNotice } from '../../src/session/removal-notices.ts'
import {
  encodeCommitNote,
  encodeLeaveRequest,
  encodeReentryRequest,
  inboxHash,
  type LeaveRequest,
  REENTRY_EXTENSION,
  reentryExtension,
  signLeaveRequest,
} from '../../src/session/requests.ts'
import { rosterWith } from '../../src/session/roster.ts'
import type { PathEntry, Statement } from '../../src/session/statement.ts'
import { signVote } from '../../src/session/vote.ts'
import { seededSuite } from '../negative/seeded-suite.ts'
import { libraryChoice } from '../sim/ordering/library-choice.ts'
import { countingStatements, naiveChoice } from '../sim/ordering/naive-choice.ts'
import { randomTree } from '../sim/ordering/random-tree.ts'
import { wireSuite } from '../wire/wire-vectors.ts'
import { CHOICE_CASES, type ChoiceCase, nameOf, SEQUENCE_CASES, type SequenceCase } from './ordering-cases.ts'

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }
type Fields = { readonly [name: string]: Json }

export interface VectorFile {
  readonly name: 'choice' | 'statements' | 'votes' | 'requests' | 'past'
  readonly vectors: readonly Fields[]
}

export async function orderingVectors(): Promise<VectorFile[]> {
  return [
    { name: 'choice', vectors: [...CHOICE_CASES, ...randomCases()].map(choiceVector) },
    { name: 'statements', vectors: SEQUENCE_CASES.map(statementVector) },
    { name: 'votes', vectors: await Promise.all(VOTES.map(voteVector)) },
    {
      name: 'requests',
      vectors: [await leaveVector(), await noticeVector(), await reentryVector(0n), await reentryVector(2n ** 40n)],
    },
    { name: 'past', vectors: PASTS.map(pastVector) },
  ]
}

/** What no one would think of. */
function randomCases(): ChoiceCase[] {
  const trees = Array.from({ length: 100 }, (_, seed) => ({ description: `random tree ${seed}`, ...randomTree(seed) }))
  return trees.filter((tree) => naiveChoice(tree).forks.length > 0).slice(0, RANDOM_TREES)
}

function choiceVector(input: ChoiceCase): Fields {
  const { description, group_id, epochs, statements } = input
  return {
    description,
    group_id,
    epochs: epochs.map(plain),
    statements: statements.map(plain),
    choice: plain(libraryChoice(input)),
  }
}

function statementVector({ description, statements }: SequenceCase): Fields {
  const counting = countingStatements(statements).map((statement) => statements.indexOf(statement))
  return { description, statements: statements.map(plain), counting }
}

/** As it is written: JSON has no other values than these. */
function plain(value: object): Fields {
  return JSON.parse(JSON.stringify(value)) as Fields
}

function entryFields({ id, height, committer, removed }: PathEntry): Fields {
  return { name: id, height: Number(height), committer: committer ?? null, removed: [...removed] }
}

const VOTES: readonly Pick<Statement, 'number' | 'path' | 'stuck'>[] = [
  { number: 1n, stuck: false, path: [pathEntry('root', 0n)] },
  { number: 2n ** 40n + 3n, stuck: true, path: [pathEntry('b', 33n, 7), pathEntry('a', 32n, 0, [1, 70_000])] },
  { number: 9n, stuck: false, path: Array.from({ length: 64 }, (_, i) => pathEntry(`${i}`, BigInt(100 - i), i)) },
]

function pathEntry(name: string, height: bigint, committer?: number, removed: readonly number[] = []): PathEntry {
  return { id: nameOf('epoch', name), height, committer, removed }
}

async function voteVector(vote: (typeof VOTES)[number]): Promise<Fields> {
  const wire = wireSuite()
  const device = await wire.signature.importPrivateKey(DEVICE_SEED)
  return {
    device_seed: toHex(DEVICE_SEED),
    device: toHex(device.publicKey),
    group_id: toHex(GROUP_ID),
    number: `${vote.number}`,
    stuck: vote.stuck,
    path: vote.path.map(entryFields),
    vote: toHex(await signVote(wire, device, GROUP_ID, vote)),
  }
}

const PASTS: readonly (readonly PastStep[])[] = [
  [],
  [{ parent: nameOf('epoch', 'founded'), committer: 0, removed: [], joined: [nameOf('device', 'bob')], left: [] }],
  [
    {
      parent: nameOf('epoch', 'c'),
      committer: 70_000,
      removed: [1, 2],
      joined: [nameOf('device', 'bob')],
      left: [nameOf('device', 'carol'), nameOf('device', 'dave')],
    },
    { parent: nameOf('epoch', 'b'), committer: 2, removed: [], joined: [], left: [] },
    { parent: nameOf('epoch', 'a'), committer: undefined, removed: [], joined: [nameOf('device', 'dave')], left: [] },
  ],
]

function pastVector(steps: readonly PastStep[]): Fields {
  const roster = ['alice', 'bob'].map((name) => nameOf('device', name))
  const node = epochOf({ name: nameOf('epoch', 'joined'), height: 40, roster })
  return {
    name: node.id,
    height: Number(node.height),
    roster: [...node.roster.devices],
    extension: toHex(pastExtension(steps).data),
    epochs: withPast(wireSuite(), node, steps).map(
      ({ id, parent, height, committer, removed, roster: { devices } }) => ({
        ...entryFields({ id, height, committer, removed }),
        parent: parent ?? null,
        roster: [...devices].sort(),
      }),
    ),
  }
}

/** The epoch that a Welcome leads to, as one who joins knows it without more. */
export function epochOf(given: {
  readonly name: string
  readonly height: number
  readonly roster: readonly string[]
}): EpochNode {
  const { name, height, roster } = given
  return {
    id: name,
    parent: undefined,
    height: BigInt(height),
    committer: undefined,
    removed: [],
    roster: rosterWith(wireSuite(), new Set(roster)),
    device: undefined,
    readded: [],
    topic: '',
    state: undefined,
    broken: false,
  }
}

async function leaveVector(): Promise<Fields> {
  const wire = wireSuite()
  const device = await wire.signature.importPrivateKey(DEVICE_SEED)
  const { leafNode } = await keyPackageWith([])
  const request: LeaveRequest = await signLeaveRequest(wire, device, GROUP_ID, leafNode)
  return {
    kind: 'leave',
    device_seed: toHex(DEVICE_SEED),
    group_id: toHex(GROUP_ID),
    leaf_node: toHex(encode(encodeLeafNode, leafNode)),
    request: toHex(encode(encodeLeaveRequest, request)),
    statement: '70000',
    commit_note: toHex(encodeCommitNote({ statement: 70_000n, leaves: [request] })),
  }
}

async function noticeVector(): Promise<Fields> {
  const wire = wireSuite()
  const device = await wire.signature.importPrivateKey(DEVICE_SEED)
  const about = nameOf('device', 'bob')
  const notice = { device: about, generation: 3n, member: toHex(device.publicKey) }
  return {
    kind: 'removal',
    device_seed: toHex(DEVICE_SEED),
    group_id: toHex(GROUP_ID),
    device: about,
    generation: '3',
    notice: toHex(await signNotice({ wire, device, groupId: GROUP_ID }, notice)),
  }
}

async function reentryVector(generation: bigint): Promise<Fields> {
  const wire = wireSuite()
  const owner = await wire.kem.importPrivateKey(new Uint8Array(32).fill(6))
  const inbox = { seed: new Uint8Array(32).fill(5), publicKey: owner.publicKey }
  const hash = inboxHash(wire, inbox)
  const keyPackage = await keyPackageWith([reentryExtension({ groupId: GROUP_ID, generation, inbox: hash })])
  return {
    kind: 'reentry',
    group_id: toHex(GROUP_ID),
    generation: `${generation}`,
    inbox_seed: toHex(inbox.seed),
    inbox_public_key: toHex(inbox.publicKey),
    inbox_hash: toHex(hash),
    key_package: toHex(encode(encodeKeyPackage, keyPackage)),
    request: toHex(encodeReentryRequest({ keyPackage, inbox })),
  }
}

async function keyPackageWith(leafExtensions: readonly ReturnType<typeof reentryExtension>[]): Promise<KeyPackage> {
  const suite = seededSuite(wireSuite(), 'ordering vectors')
  const signatureKeyPair = await suite.signature.importPrivateKey(DEVICE_SEED)
  const identity = await suite.signature.importPrivateKey(new Uint8Array(32).fill(1))
  const made = await createKeyPackage(suite, {
    credential: await certifyDevice(suite.signature, identity, 'Alice', signatureKeyPair.publicKey),
    signatureKeyPair,
    capabilities: { extensions: leafExtensions.length === 0 ? [] : [REENTRY_EXTENSION] },
    leafExtensions,
    lifetime: { notBefore: 1_790_000_000n, notAfter: 1_792_592_000n },
  })
  return made.keyPackage
}

const GROUP_ID: Uint8Array = utf8('group of the vectors')
const RANDOM_TREES = 16
const DEVICE_SEED: Uint8Array = new Uint8Array(32).fill(2)

if (import.meta.main) {
  for (const { name, vectors } of await orderingVectors()) {
    const path = new URL(`../../spec/vectors/ordering/${name}.json`, import.meta.url)
    writeFileSync(path, `${JSON.stringify(vectors, undefined, 2)}\n`)
  }
}
