// What a session tells a developer of itself.

import { toHex } from '../bytes.ts'
import { pendingHere } from './committing.ts'
import { Draft } from './draft.ts'
import { rankContext } from './following.ts'
import { chooseHead } from './fork-choice.ts'
import type { Context, SessionState } from './session-state.ts'
import { standOf } from './statement.ts'

/** What a session tells a developer of itself. No secrets. */
export interface SessionReport {
  /** The id of the epoch that this device is in. */
  readonly head: string
  /** Where the group goes as far as this device knows: the same as `head` in quiet times. */
  readonly chosen: string
  /** All that are remembered, on all branches. `committer` is a device's signature key in hexadecimal. */
  readonly epochs: readonly {
    readonly id: string
    readonly parent: string | undefined
    readonly epoch: bigint
    readonly committer: string | undefined
    /** Whether its keys are kept: messages of it can be read. */
    readonly hasKeys: boolean
    /** Whether this device saw the commit and could not process it. */
    readonly broken: boolean
  }[]
  /** Where each device has said that it stands. */
  readonly votes: readonly {
    readonly device: string
    readonly number: bigint
    readonly epoch: string | undefined
    readonly stuck: boolean
    readonly conflict: boolean
  }[]
  /** What this device wants of the group and no commit has carried out. */
  readonly intents: readonly { readonly kind: string }[]
  /** Messages that not everybody has acknowledged. */
  readonly outbox: readonly { readonly id: string; readonly seq: bigint; readonly epoch: bigint }[]
  /** How many frames no key has opened. */
  readonly unread: number
  /** Requests of members that wait to be carried out. */
  readonly requests: number
  /** How many requests by invites are remembered, answered ones included. */
  readonly admissions: number
  /** Whether the group has gone where this device cannot follow. */
  readonly detached: boolean
}

/** The part that costs little. */
export type Outline = Pick<SessionReport, 'head' | 'epochs' | 'unread'>

export function outlineOf({ tree, counters, ledgers }: SessionState): Outline {
  return {
    head: counters.stand,
    epochs: [...tree.nodes()].map(({ id, parent, height, device, broken, state }) => {
      return { id, parent, epoch: height, committer: device, hasKeys: state !== undefined, broken }
    }),
    unread: ledgers.unread.size,
  }
}

export function reportOf(context: Context, state: SessionState): SessionReport {
  const { tree, ledgers, watch } = state
  const choice = chooseHead(rankContext(context), tree, ledgers.statements.values())
  return {
    ...outlineOf(state),
    chosen: choice.beyond?.id ?? choice.known.id,
    votes: [...ledgers.statements.values()].map((statement) => {
      const { device, number, stuck, conflict } = statement
      return { device, number, stuck, conflict, epoch: standOf(statement) }
    }),
    intents: pendingHere(new Draft(state, false)).map(({ intent: { kind } }) => ({ kind })),
    outbox: [...ledgers.outbox.values()].map(({ id, seq, height }) => ({
      id: toHex(id),
      seq,
      epoch: height,
    })),
    requests: ledgers.requests.size,
    admissions: ledgers.admissions.size,
    detached: watch.detached,
  }
}
