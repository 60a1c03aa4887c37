// People who came by an invite and wait for an admin to decide.

import { readDeviceCredential } from '../identity/device-credential.ts'
import type { Admission } from '../session/admission-records.ts'
import { identityOf } from '../session/group-profile.ts'
import { AppList } from './app-list.ts'

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
export class Applicants extends AppList<Applicant> {
  /** The keys of the requests that are on the list. */
  #keys: ReadonlySet<string> = new Set()

  /** Made by the group. */
  constructor() {
    super({
      call: 'applicants',
      keyOf: ({ identity }) => identity,
      unknown: ['REQUEST_UNKNOWN', 'nobody with this identity asks to be let in'],
    })
  }

  /** For the group: those who wait now, by their requests' keys. */
  update(
    waiting: readonly (readonly [key: string, Admission])[],
    decide: (key: string, decision: 'approved' | 'refused') => Promise<void>,
  ): void {
    const keys = new Set(waiting.map(([key]) => key))
    for (const key of this.#keys) if (!keys.has(key)) this.remove(key)
    for (const [key, admission] of waiting) {
      if (!this.#keys.has(key)) this.enter(new Applicant(admission, (decision) => decide(key, decision)), key)
    }
    this.#keys = keys
  }
}
