// Looks at everything that a device signs for statements: commits and votes. What it has made durable binds it for ever.

import { toHex, utf8 } from '../../bytes.ts'
import { decode, type Reader } from '../../codec/reader.ts'
import { ContentType } from '../../messages/code-points.ts'
import { decodeFramedContent } from '../../messages/framed-content.ts'
import { decodeGroupContext } from '../../messages/group-context.ts'

/** What a device commits itself to. */
export interface Statement {
  readonly kind: 'commit' | 'vote'
  /** Strictly increasing for each device. */
  readonly number: bigint
  /** For a commit, the epoch that it follows. */
  readonly parent: string | undefined
  /** Everything that was signed. */
  readonly content: string
}

/** Remembers the statements that a device has made, and finds those that contradict each other. */
export class StatementWatch {
  readonly #byParent = new Map<string, Statement>()
  readonly #byNumber = new Map<bigint, Statement>()
  readonly contradictions: string[] = []

  /** Takes in a statement that has become durable. */
  made(statement: Statement): void {
    this.#compare(this.#byNumber, statement.number, statement, `two statements with the number ${statement.number}`)
    if (statement.parent !== undefined) {
      this.#compare(this.#byParent, statement.parent, statement, `two commits on one epoch, ${statement.parent}`)
    }
  }

  #compare<K>(known: Map<K, Statement>, key: K, statement: Statement, contradiction: string): void {
    const before = known.get(key)
    if (before !== undefined && before.content !== statement.content) this.contradictions.push(contradiction)
    known.set(key, statement)
  }
}

/** The statement in something that a device signs; undefined where it is another thing. RFC 9420 §5.1.2. */
export function statementIn(signed: Uint8Array): Statement | undefined {
  if (VOTE.every((byte, i) => signed[i] === byte)) return voteIn(signed)
  if (!FRAMED_CONTENT.every((byte, i) => signed[i] === byte)) return undefined
  const [, content] = decode((reader) => [reader.opaque(), reader.opaque()] as const, signed)
  return commitIn(content)
}

/** What a vote's device signs: label, group, device, number, and where it stands. */
function voteIn(signed: Uint8Array): Statement {
  const number = decode((reader: Reader) => {
    for (let field = 0; field < 3; field++) reader.opaque()
    const found = reader.uint64()
    reader.rest()
    return found
  }, signed)
  return { kind: 'vote', number, parent: undefined, content: toHex(signed) }
}

/** RFC 9420 §6.1: `FramedContentTBS` of a member. */
function commitIn(signed: Uint8Array): Statement | undefined {
  return decode((reader: Reader) => {
    reader.uint16()
    reader.uint16()
    const { content, authenticatedData } = decodeFramedContent(reader)
    const context = decodeGroupContext(reader)
    if (content.contentType !== ContentType.commit) return undefined
    const number = decode((inner) => inner.uint64(), authenticatedData.slice(0, 8))
    const parent = `${context.epoch} after ${toHex(context.confirmedTranscriptHash).slice(0, 16)}`
    return { kind: 'commit', number, parent, content: toHex(signed) }
  }, signed)
}

/** As `opaque<V>`: short enough for a length of one byte. */
function prefix(label: string): Uint8Array {
  const bytes = utf8(label)
  return Uint8Array.of(bytes.length, ...bytes)
}

const VOTE = /* @__PURE__ */ prefix('coterie vote 1')
const FRAMED_CONTENT = /* @__PURE__ */ prefix('MLS 1.0 FramedContentTBS')
