// What a case of the negative suite is before it is bytes: somebody, somewhere, and a way to make a message that is right
// or breaks one rule.
import { toHex } from '../../../src/bytes.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import type { ErrorCode } from '../../../src/errors.ts'
import { ContentType } from '../../../src/messages/code-points.ts'
import { commit, epochAuthenticator, type GroupState, type Proposal, processMessage } from '../../../src/mls.ts'
import type { Attempt, Outcome, Start } from '../case-format.ts'
import { type Cast, lookUpPsk, NOW_MS, stateOf } from '../cast.ts'
import { type CommitForgery, type ForgedCommit, forgeCommit } from '../forge/commit.ts'
import { type FramingTampering, forgeMessage, type HandshakeFormat } from '../forge/message.ts'

/** A moment in a group's life, and who receives the messages. */
export interface Scene {
  readonly cast: Cast
  readonly receiver: string
  readonly start?: Partial<Start>
}

/** The messages of a case. */
export type Made = Attempt & { readonly outcome?: Outcome }

export interface CaseSpec {
  readonly name: string
  readonly about: string
  readonly rows: readonly number[]
  readonly traps?: readonly string[]
  readonly sections: readonly string[]
  readonly start: string
  readonly witness?: string
  readonly code: ErrorCode
  /**
   * Makes the bad messages where `broken`, else the control, in the same way but for what the case is about.
   * The control needs an outcome.
   */
  make(cast: Cast, broken: boolean): Promise<Made>
}

/** The cases of one file. */
export interface Chapter {
  readonly file: string
  readonly description: string
  scenes(): Promise<Readonly<Record<string, Scene>>>
  readonly cases: readonly CaseSpec[]
}

/** A forged commit of a member. */
export async function commits(cast: Cast, who: string, forgery: CommitForgery): Promise<Made> {
  return following(await forgeCommit(stateOf(cast, who), { psks: lookUpPsk, ...forgery }))
}

export function following(forged: ForgedCommit, earlier: readonly Uint8Array[] = []): Made {
  return {
    ...processing(...earlier, forged.message),
    outcome: { kind: 'commit', epoch_authenticator: toHex(forged.epochAuthenticator) },
  }
}

/** Messages for a member, as they are. */
export function processing(...messages: readonly Uint8Array[]): Attempt {
  return { operation: 'process', messages: messages.map(toHex) }
}

/** How a proposal is sent. */
export interface Proposing {
  readonly wireFormat?: HandshakeFormat
  readonly framing?: FramingTampering
}

/** A proposal of a member on its own; where it is right, somebody else commits it. */
export async function proposes(
  cast: Cast,
  broken: boolean,
  who: string,
  proposal: Proposal,
  committer: string,
  { wireFormat, framing }: Proposing = {},
): Promise<Made> {
  const content = { contentType: ContentType.proposal, proposal } as const
  return covered(cast, broken, await forgeMessage(stateOf(cast, who), content, wireFormat, framing), committer)
}

/** A proposal in a message; where it is right, somebody commits it. */
export async function covered(cast: Cast, broken: boolean, message: Uint8Array, committer: string): Promise<Made> {
  if (broken) return processing(message)
  // Whoever makes the control believes everybody; whether the receiver does is the case's business.
  const judgement = { nowMs: NOW_MS, psks: lookUpPsk, policy: { validateCredentials: () => undefined } }
  const received = await processMessage(stateOf(cast, committer), message, judgement)
  if (received.kind !== 'proposal') throw new Error(`a proposal is received as ${received.kind}`)
  const references = [received.reference]
  const result = await commit(received.state, { ...judgement, wireFormat: 'public', references })
  return {
    ...processing(message, result.message),
    outcome: { kind: 'commit', epoch_authenticator: toHex(epochAuthenticator(result.state)) },
  }
}

/** A message of which the control is whatever honest commit somebody else makes. */
export async function orHonestCommit(
  cast: Cast,
  broken: boolean,
  committer: string,
  bad: () => Promise<Uint8Array> | Uint8Array,
): Promise<Made> {
  if (broken) return processing(await bad())
  const result = await commit(stateOf(cast, committer), { nowMs: NOW_MS, wireFormat: 'public' })
  return {
    ...processing(result.message),
    outcome: { kind: 'commit', epoch_authenticator: toHex(epochAuthenticator(result.state)) },
  }
}

/** Sends a proposal and keeps it, as a member who wants to refer to it has to. */
export async function sends(state: GroupState, proposal: Proposal, framing?: FramingTampering): Promise<Uint8Array> {
  return forgeMessage(state, { contentType: ContentType.proposal, proposal }, undefined, framing)
}

/** A secret whose bytes are all the same. */
export function secretOf(value: number, length: number): Secret {
  return new Secret(new Uint8Array(length).fill(value))
}
