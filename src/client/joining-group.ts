// A group that this client has asked to be let into, as the app sees it.

import { fail } from '../errors.ts'
import type { Group } from './group.ts'
import type { PendingJoin } from './join-records.ts'
import { Signal } from './signal.ts'

/** What an invite link says. Its signature holds; whether the group is what it says shows when this client is in it. */
export interface InvitePreview {
  readonly group: {
    /** Cut to 64 bytes. */
    readonly name: string
  }
  /** Whoever gave the link away. */
  readonly invitedBy: { readonly identity: string; readonly name: string }
  readonly expiresAt: Date
  /** Whether an admin decides who comes in. */
  readonly needsApproval: boolean
}

/** A request by an invite link that has not been answered. */
export class JoiningGroup implements InvitePreview {
  readonly group: { readonly name: string }
  readonly invitedBy: { readonly identity: string; readonly name: string }
  readonly expiresAt: Date
  readonly needsApproval: boolean
  readonly link: string
  readonly note: string
  readonly requestedAt: Date
  readonly #cancel: () => Promise<void>
  readonly #changed = new Signal()
  #outcome: JoinOutcome | undefined

  /** Made by the client. */
  constructor(
    preview: InvitePreview,
    { url, note, requestedAtMs }: Pick<PendingJoin, 'url' | 'note' | 'requestedAtMs'>,
    cancel: () => Promise<void>,
  ) {
    this.group = preview.group
    this.invitedBy = preview.invitedBy
    this.expiresAt = preview.expiresAt
    this.needsApproval = preview.needsApproval
    this.link = url
    this.note = note
    this.requestedAt = new Date(requestedAtMs)
    this.#cancel = cancel
  }

  /**
   * Resolves with the group when this client is in it.
   * @param signal - ends the waiting, not the request
   * @throws CoterieError `INVITE_REVOKED`, `INVITE_USED_UP`, `INVITE_EXPIRED`, `INVITE_REFUSED`, `INVITE_CANCELLED`,
   * `CLIENT_CLOSED`: then the request goes on when the client is opened again; the signal's reason
   */
  async joined(signal?: AbortSignal): Promise<Group> {
    for (;;) {
      const seen = this.#changed.version
      if (this.#outcome !== undefined) {
        if ('error' in this.#outcome) throw this.#outcome.error
        return this.#outcome.group
      }
      if (this.#changed.closed) fail('CLIENT_CLOSED', 'this client has been closed')
      await this.#changed.after(seen, signal)
    }
  }

  /** Gives it up. Nobody is told: whoever has read the request may still let this client in. */
  cancel(): Promise<void> {
    return this.#cancel()
  }

  /** For the client. */
  settle(outcome: JoinOutcome): void {
    this.#outcome = outcome
    this.#changed.notify()
  }

  /** For the client. */
  close(): void {
    this.#changed.close()
  }
}

/** How a request ended. */
export type JoinOutcome = { readonly group: Group } | { readonly error: Error }
