// The vectors of ordering and repair (spec/ordering.md, spec/repair.md): made from fixed seeds, so that everybody who makes them
// gets the same bytes. `node test/session/ordering-vectors.ts` writes spec/vectors/ordering/.
import { writeFileSync } from 'node:fs'
import { toHex, utf8 } from '../../src/bytes.ts'
import { encode } from '../../src/codec/writer.ts'
import { createKeyPackage } from '../../src/group/key-packages.ts'
import { certifyDevice } from '../../src/identity/device-credential.ts'
import { encodeKeyPackage, type KeyPackage } from '../../src/messages/key-package.ts'
import { encodeLeafNode } from '../../src/messages/leaf-node.ts'
import { type EpochNode, EpochTree } from '../../src/session/epoch-tree.ts'
import { chooseHead, commitRank, type RankContext } from '../../src/session/fork-choice.ts'
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
import { laterOf, type PathEntry, type Statement } from '../../src/session/statement.ts'
import { signVote } from '../../src/session/vote.ts'
import { seededSuite } from '../negative/seeded-suite.ts'
import { wireSuite } from '../wire/wire-vectors.ts'
import type { EpochOutline } from './naive-choice.ts'
import { CHOICE_CASES, type ChoiceCase, nameOf } from './ordering-cases.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }
type Fields = { readonly [name: string]: Json }

export interface VectorFile {
  readonly name: 'choice' | 'statements' | 'votes' | 'requests'
  readonly vectors: readonly Fields[]
}

export async function orderingVectors(): Promise<VectorFile[]> {
  return [
    { name: 'choice', vectors: CHOICE_CASES.map(choiceVector) },
    { name: 'statements', vectors: SEQUENCES.map(([description, said]) => statementVector(description, said)) },
    { name: 'votes', vectors: await Promise.all(VOTES.map(voteVector)) },
    { name: 'requests', vectors: [await leaveVector(), await reentryVector(0n), await reentryVector(2n ** 40n)] },
  ]
}

/** A tree of outlines alone: nothing else matters to the choice. */
export function treeOf(outlines: readonly EpochOutline[]): EpochTree {
  const rest = { device: undefined, readded: [], topic: '', state: undefined, broken: false }
  return EpochTree.from(outlines.map((one): EpochNode => ({ ...one, ...rest })))
}

/** Where a choice leads, and what was weighed on the way. */
export function choiceIn(context: RankContext, tree: EpochTree, statements: readonly Statement[]): Fields {
  const { known, beyond, forks } = chooseHead(context, tree, statements)
  const path: string[] = beyond === undefined ? [] : [beyond.id]
  for (let node: EpochNode | undefined = known; node !== undefined; ) {
    path.unshift(node.id)
    node = node.parent === undefined ? undefined : tree.get(node.parent)
  }
  return {
    path,
    forks: forks.map(({ at, branches }) => ({
      at: at.id,
      branches: branches.map(({ entry, node, weight }) => ({
        id: entry.id,
        known: node !== undefined,
        weight,
        committer: entry.committer ?? null,
        rank: entry.committer === undefined ? null : commitRank(context, at.height, entry.committer),
      })),
    })),
  }
}

function choiceVector({ description, groupId, tree, statements }: ChoiceCase): Fields {
  return {
    description,
    group_id: toHex(groupId),
    epochs: tree.map(({ parent, roster, ...entry }) => ({
      ...entryFields(entry),
      parent: parent ?? null,
      members: [...roster.devices],
    })),
    statements: statements.map(({ device, path, conflict }) => ({ device, conflict, path: path.map(entryFields) })),
    choice: choiceIn({ suite: wireSuite(), groupId }, treeOf(tree), statements),
  }
}

function entryFields({ id, height, committer, removed }: PathEntry): Fields {
  return { id, height: `${height}`, committer: committer ?? null, removed: [...removed] }
}

/** What one device says, in the order in which it arrives: number, where it stands, how many epochs of the way are told. */
const SEQUENCES: readonly (readonly [string, readonly (readonly [bigint, string, number])[]])[] = [
  [
    'the greater number counts',
    [
      [1n, 'a', 2],
      [2n, 'b', 2],
    ],
  ],
  [
    'whatever comes late under a smaller number does not',
    [
      [2n, 'b', 2],
      [1n, 'a', 2],
    ],
  ],
  [
    'numbers may be left out',
    [
      [1n, 'a', 2],
      [2n ** 63n, 'b', 2],
    ],
  ],
  [
    'the same twice is the same',
    [
      [7n, 'a', 3],
      [7n, 'a', 3],
    ],
  ],
  [
    'of two that say the same the one that tells more of the way',
    [
      [7n, 'a', 2],
      [7n, 'a', 3],
      [7n, 'a', 2],
    ],
  ],
  [
    'two different ones under one number have no weight',
    [
      [7n, 'a', 2],
      [7n, 'b', 2],
    ],
  ],
  [
    'nor has a third',
    [
      [7n, 'a', 2],
      [7n, 'b', 2],
      [7n, 'a', 2],
    ],
  ],
  [
    'until there is a greater number',
    [
      [7n, 'a', 2],
      [7n, 'b', 2],
      [8n, 'b', 2],
    ],
  ],
  [
    'a contradiction of the past is none',
    [
      [8n, 'a', 2],
      [7n, 'a', 2],
      [7n, 'b', 2],
    ],
  ],
]

function statementVector(description: string, said: (typeof SEQUENCES)[number][1]): Fields {
  const statements = said.map(([number, at, told]): Statement => {
    const path = Array.from({ length: told }, (_, back) => ({
      id: nameOf('epoch', back === 0 ? at : `${back} before`),
      height: BigInt(10 - back),
      committer: 0,
      removed: [],
    }))
    return { device: nameOf('device', 'A'), number, path, stuck: false, conflict: false }
  })
  const fields = ({ number, path }: Statement): Fields => ({ number: `${number}`, path: path.map(entryFields) })
  const counts = countingOf(statements)
  return {
    description,
    statements: statements.map(fields),
    counts: { ...fields(counts), conflict: counts.conflict },
  }
}

/** Which of several statements of one device counts, as they arrive. */
export function countingOf(statements: readonly Statement[]): Statement {
  const last = statements.reduce((known: Statement | undefined, next) => laterOf(known, next), undefined)
  if (last === undefined) throw new Error('no statement')
  return last
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
const DEVICE_SEED: Uint8Array = new Uint8Array(32).fill(2)

if (import.meta.main) {
  for (const { name, vectors } of await orderingVectors()) {
    const path = new URL(`../../spec/vectors/ordering/${name}.json`, import.meta.url)
    writeFileSync(path, `${JSON.stringify(vectors, undefined, 2)}\n`)
  }
}
