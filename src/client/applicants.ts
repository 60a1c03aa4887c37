// People who came by an invite and wait for an admin to decide.

import { fail } from '../errors.ts'
import { readDeviceCredential } from '../identity/device-credential.ts'
import type { Admission } from '../session/admission-records.ts'
import { identityOf } from '../session/group-profile.ts'
import { ABORT_SIGNAL, checkOptions } from './check-options.ts'
import { LiveList } from './live-list.ts'

/** Somebody who asks to be let into a group by an invite. The identity is verified; the name is what it calls itself. */
export class Applicant {
  readonly identity: string
  readonly name: string
  /** What they say to those who decide: written by anyone who has the link. */
  readonly note: string
  /** By this device's clock. */
  readonly receivedAt: Date
  readonly #decide: Decide

  /** Made by the group. */
  constructor({ keyPackage, note, receivedAtMs }: Admission, decide: Decide) {
    this.identity = identityOf(keyPackage.leafNode)
    this.name = readDeviceCredential(keyPackage.leafNode.credential).name
    this.note = note
    this.receivedAt = new Date(receivedAtMs)
    this.#decide = decide
  }

  /**
   * Lets them in. Resolves when the decision is on disk; they are added as soon as the group is calm.
   * @throws CoterieError `REQUEST_UNKNOWN`, `GROUP_NOT_PERMITTED`, `INVITE_REVOKED`, `INVITE_USED_UP`, `INVITE_EXPIRED`
   */
  approve(): Promise<void> {
    return this.#decide('approved')
  }

  /** Tells them no. Other admins have their own list. @throws CoterieError `REQUEST_UNKNOWN`, `GROUP_NOT_PERMITTED` */
  refuse(): Promise<void> {
    return this.#decide('refused')
  }
}

type Decide = (decision: 'approved' | 'refused') => Promise<void>

/** Those who wait, as an admin of the group sees them: those that are there, and those that come. */
export class Applicants implements AsyncIterable<Applicant> {
  readonly #all = new LiveList<Applicant>()
  readonly #entered = new Map<string, () => void>()

  /** Those that wait now, the oldest first. */
  list(): readonly Applicant[] {
    return this.#all.items
  }

  /** @param identity - of the one who asks @throws CoterieError `REQUEST_UNKNOWN` */
  get(identity: string): Applicant {
    const found = this.list().find((applicant) => applicant.identity === identity)
    return found ?? fail('REQUEST_UNKNOWN', 'nobody with this identity asks to be let in')
  }

  /** The next one that this method has not given yet: one that is there, or the first that comes. */
  next(signal?: AbortSignal): Promise<Applicant> {
    return this.#all.next(signal)
  }

  /** All that are there, then new ones as they come. Ends when the client closes. */
  [Symbol.asyncIterator](): AsyncGenerator<Applicant, void, undefined> {
    return this.#all.follow()
  }

  /** As the list itself. @param options - with a signal, whose reason it ends with */
  follow(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<Applicant, void, undefined> {
    checkOptions('applicants.follow', options, { signal: ABORT_SIGNAL })
    return this.#all.follow(options.signal)
  }

  /** For the group: those who wait now, by their requests' keys. */
  update(
    waiting: readonly (readonly [key: string, Admission])[],
    decide: (key: string, decision: 'approved' | 'refused') => Promise<void>,
  ): void {
    const keys = new Set(waiting.map(([key]) => key))
    for (const [key, remove] of this.#entered) {
      if (keys.has(key)) continue
      remove()
      this.#entered.delete(key)
    }
    for (const [key, admission] of waiting) {
      if (this.#entered.has(key)) continue
      const applicant = new Applicant(admission, (decision) => decide(key, decision))
      this.#entered.set(key, this.#all.add(applicant))
    }
  }

  /** For the client. */
  close(): void {
    this.#all.close()
  }
}
