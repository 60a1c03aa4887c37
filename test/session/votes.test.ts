// Whose votes are heard does not depend on what has come before them.
import { expect, test } from 'vitest'
import { toHex } from '../../src/bytes.ts'
import { EpochTree } from '../../src/session/epoch-tree.ts'
import { entryOf } from '../../src/session/statement.ts'
import { readVote, signVote } from '../../src/session/vote.ts'
import { wireSuite } from '../wire/wire-vectors.ts'
import { epochOf } from './ordering-vectors.ts'

const wire = wireSuite()
const groupId = Uint8Array.of(7)
const NOBODY = { isMember: () => false, latestOf: () => undefined }

test('a removed member that stands in the epoch which removed it is heard, whether that epoch is known or not', async () => {
  const keys = await wire.signature.importPrivateKey(new Uint8Array(32).fill(3))
  const removed = toHex(keys.publicKey)
  const other = toHex(new Uint8Array(32).fill(9))
  const before = epochOf({ name: 'aa01', height: 1, roster: [removed, other] })
  const after = { ...epochOf({ name: 'aa02', height: 2, roster: [other] }), parent: before.id, committer: 1 }
  const body = await signVote(wire, keys, groupId, {
    number: 1n,
    path: [entryOf(after), entryOf(before)],
    stuck: false,
  })
  for (const known of [[before], [before, after]]) {
    const heard = await readVote(wire, groupId, EpochTree.from(known), NOBODY, body)
    expect(heard?.path[0]?.id, `${known.length} known`).toBe(after.id)
  }
  // Who was in none of the epochs that are known is not.
  expect(await readVote(wire, groupId, EpochTree.from([{ ...after, parent: undefined }]), NOBODY, body)).toBe(undefined)
})
