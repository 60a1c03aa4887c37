// The vectors of spec/ordering.md. `node test/sim/ordering/ordering-vectors.ts` writes spec/vectors/ordering/.
import { writeFileSync } from 'node:fs'
import { fromHex, toHex } from '../../../src/bytes.ts'
import { nobleProvider } from '../../../src/crypto/providers/noble/provider.ts'
import { signVote } from '../../../src/session/vote.ts'
import { countingStatements, type NaivePathEntry, naiveChoice } from './naive-choice.ts'
import { randomTree } from './random-tree.ts'

interface OrderingVectorFile {
  readonly name: string
  readonly vectors: readonly object[]
}

export async function orderingVectors(): Promise<OrderingVectorFile[]> {
  const trees = Array.from({ length: 400 }, (_, seed) => randomTree(seed))
  const telling = trees.filter((tree) => naiveChoice(tree).forks.length > 0).slice(0, TREES)
  return [
    { name: 'choice', vectors: telling.map((tree) => ({ ...tree, choice: naiveChoice(tree) })) },
    { name: 'statements', vectors: telling.slice(0, STATEMENTS).map(({ statements }) => statementVector(statements)) },
    { name: 'vote', vectors: await Promise.all(telling.slice(0, VOTES).map((_, i) => voteVector(i))) },
  ]
}

/** Which of a device's statements counts: by its place in the list. */
function statementVector(statements: ReturnType<typeof randomTree>['statements']): object {
  return { statements, counting: countingStatements(statements).map((statement) => statements.indexOf(statement)) }
}

async function voteVector(i: number): Promise<object> {
  const suite = nobleProvider.suite(3)
  if (suite === undefined) throw new Error('the provider lacks the wire suite')
  const keyPair = await suite.signature.importPrivateKey(new Uint8Array(32).fill(i + 1))
  const groupId = new Uint8Array(16).fill(i)
  const path: NaivePathEntry[] = Array.from({ length: i + 1 }, (_, depth) => ({
    name: toHex(new Uint8Array(32).fill(16 * i + depth)),
    height: 100 - depth,
    committer: depth === 3 ? null : depth,
    removed: Array.from({ length: depth }, (__, leaf) => leaf),
  }))
  const number = 2n ** BigInt(8 * i)
  const stuck = i % 2 === 1
  const vote = await signVote(suite, keyPair, groupId, {
    number,
    stuck,
    path: path.map(({ name, height, committer, removed }) => {
      return { id: name, height: BigInt(height), committer: committer ?? undefined, removed }
    }),
  })
  return {
    private_key: toHex(keyPair.privateKey.bytes),
    device: toHex(keyPair.publicKey),
    group_id: toHex(groupId),
    number: String(number),
    stuck,
    path,
    vote: toHex(vote),
  }
}

/** Bytes of a vector's field. */
export function bytesOf(value: string): Uint8Array {
  return fromHex(value) ?? new Uint8Array(0)
}

const TREES = 16
const STATEMENTS = 8
const VOTES = 5

if (import.meta.main) {
  for (const { name, vectors } of await orderingVectors()) {
    const path = new URL(`../../../spec/vectors/ordering/${name}.json`, import.meta.url)
    writeFileSync(path, `${JSON.stringify(vectors, undefined, 1)}\n`)
  }
}
