// The groups of a client: those that are there, and those that come.

import { fail } from '../errors.ts'
import type { Permissions } from '../session/group-profile.ts'
import { AppList } from './app-list.ts'
import { ABORT_SIGNAL, checkOptions, checkPermissions, OBJECT, TEXT } from './check-options.ts'
import type { Group } from './group.ts'
import type { Joining } from './joining.ts'
import type { InvitePreview, JoiningGroup } from './joining-group.ts'

/** What a new group is called, and who may do what in it. */
export interface NewGroup {
  /** At most 256 bytes. */
  readonly name: string
  /** At most 4,096 bytes. */
  readonly description?: string
  /** What is left out is as in every new group: members may add and rename, admins may remove and promote. */
  readonly permissions?: Partial<Permissions>
}

/** How a group is joined by a link. */
export interface JoinOptions {
  /** What is shown to the admin who decides, where one does: at most 256 bytes. */
  readonly note?: string
  /** Ends the waiting, not the request. */
  readonly signal?: AbortSignal
}

/** The groups of a client: create one, find one, or wait for those that others add it to. */
export class Groups extends AppList<Group> {
  readonly #create: (group: NewGroup) => Promise<Group>
  readonly #joining: () => Joining

  /** Made by the client. */
  constructor(create: (group: NewGroup) => Promise<Group>, joining: () => Joining) {
    super({
      call: 'groups',
      keyOf: ({ id }) => id,
      unknown: ['GROUP_UNKNOWN', 'this client is in no group with this id'],
    })
    this.#create = create
    this.#joining = joining
  }

  /** Creates a group with this client as its only member and admin. @throws CoterieError `ARGUMENT_INVALID` */
  async create(group: NewGroup): Promise<Group> {
    checkOptions('groups.create', group, { name: TEXT, description: TEXT, permissions: OBJECT })
    if (group.permissions !== undefined) checkPermissions('the permissions of groups.create', group.permissions)
    if (group.name === undefined) fail('ARGUMENT_INVALID', 'a group needs a name')
    return this.#create(group)
  }

  /**
   * What an invite link says, before anything is asked of anybody.
   * @throws CoterieError `INVITE_MALFORMED`, `INVITE_SIGNATURE`, `INVITE_EXPIRED`
   */
  preview(link: string): Promise<InvitePreview> {
    return this.#joining().preview(text(link))
  }

  /**
   * Asks to be let into a group by an invite link, and resolves with the group when this client is in it. The request outlives
   * the program: `joining` lists those that wait, and the same link again goes on with the same request.
   * @throws CoterieError `INVITE_MALFORMED`, `INVITE_SIGNATURE`, `INVITE_EXPIRED`, `INVITE_REVOKED`, `INVITE_USED_UP`,
   * `INVITE_REFUSED`, `INVITE_CANCELLED`, `INVITE_LIMIT`, `ARGUMENT_INVALID`, `CLIENT_CLOSED`; the signal's reason
   */
  async join(link: string, options: JoinOptions = {}): Promise<Group> {
    checkOptions('groups.join', options, { note: TEXT, signal: ABORT_SIGNAL })
    const { note = '', signal } = options
    signal?.throwIfAborted()
    const asked = await this.#joining().ask(text(link), note)
    return asked.joined(signal)
  }

  /**
   * As `join`, without waiting for the answer: resolves when the request is on disk and on its way.
   * @throws CoterieError `INVITE_MALFORMED`, `INVITE_SIGNATURE`, `INVITE_EXPIRED`, `INVITE_LIMIT`, `ARGUMENT_INVALID`,
   * `CLIENT_CLOSED`
   */
  async ask(link: string, options: Pick<JoinOptions, 'note'> = {}): Promise<JoiningGroup> {
    checkOptions('groups.ask', options, { note: TEXT })
    return this.#joining().ask(text(link), options.note ?? '')
  }

  /** Requests by invite links that have not been answered, the oldest first. */
  get joining(): readonly JoiningGroup[] {
    return this.#joining().list
  }
}

/** Programs without types may give anything. */
function text(link: unknown): string {
  return typeof link === 'string' ? link : fail('ARGUMENT_INVALID', 'an invite link is a text')
}
