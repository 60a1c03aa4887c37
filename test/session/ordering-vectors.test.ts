// The vectors of ordering and repair, both ways: what the library makes is what they say, and what they say is read from the
// files alone, checked, and chosen by.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fromHex, toHex } from '../../src/bytes.ts'
import { decode } from '../../src/codec/reader.ts'
import { encode } from '../../src/codec/writer.ts'
import { decodeLeafNode } from '../../src/messages/leaf-node.ts'
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
import { rejectionCode } from '../support/errors.ts'
import { bytesOf, wireSuite } from '../wire/wire-vectors.ts'
import { type EpochOutline, naiveChoice } from './naive-choice.ts'
import { choiceIn, countingOf, orderingVectors, treeOf, type VectorFile } from './ordering-vectors.ts'

const wire = wireSuite()

test('the vectors are what this library makes', async () => {
  for (const { name, vectors } of await orderingVectors()) expect(vectors).toEqual(load(name))
})

test('from each tree with its statements follows the choice', () => {
  for (const vector of load('choice')) {
    const context = { suite: wire, groupId: bytesOf(vector.group_id) }
    const tree: EpochOutline[] = listOf(vector.epochs).map((epoch) => {
      const devices = new Set((epoch.members as string[]) ?? [])
      return {
        ...entryOf(epoch),
        parent: (epoch.parent as string | null) ?? undefined,
        roster: { name: [...devices].join(), devices },
      }
    })
    const statements = listOf(vector.statements).map(({ device, path, conflict }): Statement => {
      return {
        device: String(device),
        number: 1n,
        path: listOf(path).map(entryOf),
        stuck: false,
        conflict: conflict === true,
      }
    })
    expect(choiceIn(context, treeOf(tree), statements), String(vector.description)).toEqual(vector.choice)
    // The letter of the specification says the same.
    const { path, forks } = naiveChoice(context, tree, statements)
    const choice = vector.choice as Loaded
    expect(path).toEqual(choice.path)
    expect(forks).toEqual(
      listOf(choice.forks).map(({ at, branches }) => {
        return { at, branches: listOf(branches).map(({ id, known, weight }) => ({ id, known, weight })) }
      }),
    )
  }
})

test('from several statements follows the one that counts', () => {
  for (const vector of load('statements')) {
    const statements = listOf(vector.statements).map(({ number, path }): Statement => {
      const entries = listOf(path).map(entryOf)
      return { device: 'aa', number: BigInt(String(number)), path: entries, stuck: false, conflict: false }
    })
    const { number, path, conflict } = countingOf(statements)
    const counts = vector.counts as Loaded
    const expected = {
      number: BigInt(String(counts.number)),
      path: listOf(counts.path).map(entryOf),
      conflict: counts.conflict,
    }
    expect({ number, path, conflict }, String(vector.description)).toEqual(expected)
  }
})

test('votes are read, and each changed byte is noticed', async () => {
  for (const vector of load('votes')) {
    const groupId = bytesOf(vector.group_id)
    const vote = bytesOf(vector.vote)
    const device = String(vector.device)
    const stranger: EpochOutline = {
      ...entryOf({ id: '00', height: '0', committer: null, removed: [] }),
      parent: undefined,
      roster: { name: '', devices: new Set() },
    }
    const read = (bytes: Uint8Array, of = groupId): Promise<Statement | undefined> =>
      readVote(wire, of, treeOf([stranger]), (known) => known === device, bytes)
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
  const [leave, ...reentries] = load('requests')
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

type Loaded = { readonly [name: string]: unknown }

function load(name: VectorFile['name']): Loaded[] {
  return JSON.parse(
    readFileSync(new URL(`../../spec/vectors/ordering/${name}.json`, import.meta.url), 'utf8'),
  ) as Loaded[]
}

function listOf(value: unknown): Loaded[] {
  if (!Array.isArray(value)) throw new Error('this field is not a list')
  return value as Loaded[]
}

function entryOf({ id, height, committer, removed }: Loaded): PathEntry {
  if (typeof id !== 'string' || fromHex(id) === undefined) throw new Error('a name that is not hexadecimal')
  return {
    id,
    height: BigInt(String(height)),
    committer: typeof committer === 'number' ? committer : undefined,
    removed: Array.isArray(removed) ? removed.map(Number) : [],
  }
}
