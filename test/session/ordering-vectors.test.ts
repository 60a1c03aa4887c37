// The vectors of ordering and repair, both ways: what the library makes is what they say, and what they say is read from the
// files alone, checked, and chosen by.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fromHex, toHex } from '../../src/bytes.ts'
import { decode } from '../../src/codec/reader.ts'
import { encode } from '../../src/codec/writer.ts'
import { decodeLeafNode } from '../../src/messages/leaf-node.ts'
import { type EpochNode, EpochTree } from '../../src/session/epoch-tree.ts'
import { pastExtension, readPast, withPast } from '../../src/session/past.ts'
import { decodeNotice, verifyNotice } from '../../src/session/removal-notices.ts'
import {
  decodeCommitNote,
  decodeLeaveRequest,
  decodeReentryRequest,
  encodeReentryRequest,
  inboxHash,
  readReentry,
  verifyLeaveRequest,
} from '../../src/session/requests.ts'
import type { PathEntry, Statement } from '../../src/session/statement.ts'
import { encodePath, readVote } from '../../src/session/vote.ts'
import { libraryChoice, libraryStatements } from '../sim/ordering/library-choice.ts'
import { type NaiveChoice, type NaiveInput, type NaiveStatement, naiveChoice } from '../sim/ordering/naive-choice.ts'
import { codeOf, rejectionCode } from '../support/errors.ts'
import { bytesOf, wireSuite } from '../wire/wire-vectors.ts'
import { epochOf, orderingVectors, type VectorFile } from './ordering-vectors.ts'

const wire = wireSuite()

test('the vectors are what this library makes', async () => {
  for (const { name, vectors } of await orderingVectors()) expect(vectors).toEqual(load(name))
})

test('from each tree with its statements follows the choice, by the library and by the letter', () => {
  for (const vector of load<NaiveInput & { readonly description: string; readonly choice: NaiveChoice }>('choice')) {
    expect(libraryChoice(vector), vector.description).toEqual(vector.choice)
    expect(naiveChoice(vector), vector.description).toEqual(vector.choice)
  }
})

test('from several statements of one device follows the one that counts, or none', () => {
  for (const { description, statements, counting } of load<StatementVector>('statements')) {
    const [known, ...others] = libraryStatements(statements)
    expect(others).toEqual([])
    const [place, ...more] = counting
    expect(more).toEqual([])
    expect(known?.conflict, description).toBe(place === undefined)
    if (place !== undefined) expect(libraryStatements(statements.slice(place, place + 1)), description).toEqual([known])
  }
})

test('votes are read, and each changed byte is noticed', async () => {
  for (const vector of load('votes')) {
    const groupId = bytesOf(vector.group_id)
    const vote = bytesOf(vector.vote)
    const device = String(vector.device)
    const elsewhere = EpochTree.from([STRANGE_EPOCH])
    const read = (bytes: Uint8Array, of = groupId): Promise<Statement | undefined> =>
      readVote(wire, of, elsewhere, { isMember: (known) => known === device, latestOf: () => undefined }, bytes)
    expect(await read(vote)).toEqual({
      device,
      number: BigInt(String(vector.number)),
      stuck: vector.stuck,
      path: listOf(vector.path).map(entryOf),
      conflict: false,
    })
    expect(await rejectionCode(read(vote, Uint8Array.of(1)))).toBe('VOTE_SIGNATURE')
    for (let at = 0; at < vote.length; at += 1 + Math.floor(vote.length / 97)) {
      const changed = vote.slice()
      changed[at] = (changed[at] ?? 0) ^ 1
      // Of another device nothing is known; everything else is no vote of this one.
      const outcome = await read(changed).catch((error: { readonly code?: string }) => error.code)
      expect(['VOTE_SIGNATURE', 'VOTE_MALFORMED', undefined]).toContain(outcome)
    }
  }
})

test('a path is encoded as its vote says', () => {
  for (const vector of load('votes')) {
    const path = encode((writer) => encodePath(writer, listOf(vector.path).map(entryOf)), undefined)
    expect(String(vector.vote)).toContain(toHex(path))
  }
})

test('requests are read, verified, and written again', async () => {
  const [leave, , ...reentries] = load('requests')
  if (leave === undefined) throw new Error('no vector of a request to leave')
  const leafNode = decode(decodeLeafNode, bytesOf(leave.leaf_node))
  const request = decodeLeaveRequest(bytesOf(leave.request))
  expect(await verifyLeaveRequest(wire, bytesOf(leave.group_id), leafNode, request)).toBe(true)
  expect(await rejectionCode(verifyLeaveRequest(wire, Uint8Array.of(1), leafNode, request))).toBe('REQUEST_SIGNATURE')
  const note = decodeCommitNote(bytesOf(leave.commit_note))
  expect(note).toEqual({ statement: BigInt(String(leave.statement)), leaves: [request] })
  expect(reentries.length).toBeGreaterThan(0)
  for (const vector of reentries) {
    const asked = decodeReentryRequest(bytesOf(vector.request))
    expect(toHex(asked.inbox.seed)).toBe(vector.inbox_seed)
    expect(toHex(asked.inbox.publicKey)).toBe(vector.inbox_public_key)
    const reentry = readReentry(asked.keyPackage.leafNode)
    expect(toHex(reentry?.groupId ?? new Uint8Array(0))).toBe(vector.group_id)
    expect(`${reentry?.generation}`).toBe(vector.generation)
    expect(toHex(reentry?.inbox ?? new Uint8Array(0))).toBe(vector.inbox_hash)
    expect(toHex(inboxHash(wire, asked.inbox))).toBe(vector.inbox_hash)
    expect(toHex(encodeReentryRequest(asked))).toBe(vector.request)
  }
})

test('a notice of a removal is read, verified, and each changed byte is noticed', async () => {
  const [, vector] = load('requests')
  if (vector === undefined) throw new Error('no vector of a notice')
  const body = bytesOf(vector.notice)
  const groupId = bytesOf(vector.group_id)
  const notice = decodeNotice(body)
  await verifyNotice(wire, groupId, notice)
  expect(notice.device).toBe(vector.device)
  expect(`${notice.generation}`).toBe(vector.generation)
  expect(await rejectionCode(verifyNotice(wire, Uint8Array.of(1), notice))).toBe('REQUEST_SIGNATURE')
  for (let at = 0; at < body.length; at++) {
    const changed = body.slice()
    changed[at] = (changed[at] ?? 0) ^ 1
    const code = await rejectionCode((async () => verifyNotice(wire, groupId, decodeNotice(changed)))())
    expect(['REQUEST_SIGNATURE', 'REQUEST_MALFORMED']).toContain(code)
  }
})

test('what a Welcome tells of the past is read, and makes the same tree', async () => {
  for (const vector of load<Loaded & { readonly name: string; readonly height: number; readonly roster: string[] }>(
    'past',
  )) {
    const data = bytesOf(vector.extension)
    const { extensionType } = pastExtension([])
    const steps = readPast([{ extensionType, data }])
    expect(toHex(pastExtension(steps).data)).toBe(vector.extension)
    const tree = EpochTree.from(withPast(wire, epochOf(vector), steps))
    const expected = listOf(vector.epochs)
    expect(tree.size).toBe(expected.length)
    for (const epoch of expected) {
      const { name, parent, roster, ...fields } = epoch
      const node = tree.at(String(name))
      const { id, height, committer, removed } = node
      expect({ id, height, committer, removed }).toEqual(entryOf({ name, ...fields }))
      expect(node.parent ?? null).toBe(parent)
      expect([...node.roster.devices].sort()).toEqual(roster)
    }
    for (let length = 0; length < data.length; length++) {
      const cut = { extensionType, data: data.slice(0, length) }
      expect(codeOf(() => readPast([cut]))).toBe('JOIN_PAST_MALFORMED')
    }
  }
})

/** The root of another tree, in which nobody is. */
const STRANGE_EPOCH: EpochNode = {
  ...entryOf({ name: '00', height: 0, committer: null, removed: [] }),
  parent: undefined,
  roster: { name: '', devices: new Set() },
  device: undefined,
  readded: [],
  topic: '',
  state: undefined,
  broken: false,
}

interface StatementVector {
  readonly description: string
  readonly statements: readonly NaiveStatement[]
  readonly counting: readonly number[]
}

type Loaded = { readonly [name: string]: unknown }

function load<T = Loaded>(name: VectorFile['name']): T[] {
  return JSON.parse(readFileSync(new URL(`../../spec/vectors/ordering/${name}.json`, import.meta.url), 'utf8')) as T[]
}

function listOf(value: unknown): Loaded[] {
  if (!Array.isArray(value)) throw new Error('this field is not a list')
  return value as Loaded[]
}

function entryOf({ name, height, committer, removed }: Loaded): PathEntry {
  if (typeof name !== 'string' || fromHex(name) === undefined) throw new Error('a name that is not hexadecimal')
  return {
    id: name,
    height: BigInt(Number(height)),
    committer: typeof committer === 'number' ? committer : undefined,
    removed: Array.isArray(removed) ? removed.map(Number) : [],
  }
}
