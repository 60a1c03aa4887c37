// What `coterie chat --json` tells without being asked: groups, invitations, and what happens in them.

import type { Client } from '../client/client.ts'
import type { Group } from '../client/group.ts'
import type { GroupEvent } from '../client/group-events.ts'
import type { JoiningGroup } from '../client/joining-group.ts'
import { CoterieError } from '../errors.ts'
import { JsonDeliveries } from './json-deliveries.ts'
import {
  describeApplicant,
  describeContact,
  describeMembers,
  describeMessage,
  describeRequest,
  type JsonObject,
} from './json-shapes.ts'

export class JsonEvents {
  readonly deliveries: JsonDeliveries
  readonly #client: Client
  readonly #write: (event: JsonObject) => Promise<void>
  /** What happens from the client's opening on in the groups that were there then. */
  readonly #opened: ReadonlyMap<Group, AsyncIterable<GroupEvent>>

  /** To be made as soon as the client is open, so that nothing is missed. */
  constructor(client: Client, write: (event: JsonObject) => Promise<void>) {
    this.#client = client
    this.#write = write
    this.deliveries = new JsonDeliveries(write)
    this.#opened = new Map(client.groups.list().map((group) => [group, group.events()]))
    client.onWarning((error) => this.#warn(error))
  }

  /** Tells until the client closes. */
  start(): void {
    this.#run(this.#followGroups())
    this.#run(this.#followRequests())
    this.#run(this.#followContacts())
    for (const joining of this.#client.groups.joining) this.followJoining(joining)
  }

  /** Tells how a request by an invite link ends. */
  followJoining(joining: JoiningGroup): void {
    const { link } = joining
    const tell = async (): Promise<void> => {
      try {
        const { id, name } = await joining.joined()
        await this.#write({ event: 'joined', link, group: id, name })
      } catch (error) {
        // It goes on when the client is opened again.
        if (!CoterieError.is(error) || error.code === 'CLIENT_CLOSED') return
        await this.#write({ event: 'join-failed', link, code: error.code, message: error.message })
      }
    }
    this.#run(tell())
  }

  async #followGroups(): Promise<void> {
    for await (const group of this.#client.groups) {
      await this.#write({ event: 'group', group: group.id, name: group.name })
      this.#run(this.#follow(group, this.#opened.get(group) ?? group.events({ after: -1 })))
      this.#run(this.#followApplicants(group))
    }
  }

  async #followApplicants(group: Group): Promise<void> {
    for await (const applicant of group.applicants) {
      await this.#write({ event: 'applicant', group: group.id, ...describeApplicant(applicant) })
    }
  }

  async #followRequests(): Promise<void> {
    for await (const request of this.#client.requests) {
      await this.#write({ event: 'request', ...describeRequest(request) })
    }
  }

  async #followContacts(): Promise<void> {
    for await (const contact of this.#client.contacts) {
      await this.#write({ event: 'contact', ...describeContact(contact) })
    }
  }

  async #follow(group: Group, events: AsyncIterable<GroupEvent>): Promise<void> {
    for await (const event of events) {
      if (event.type === 'delivery') await this.deliveries.tell(group, event.message, event.delivery)
      const told = describe(group, event)
      if (told !== undefined) await this.#write(told)
    }
  }

  /** A stream that fails ends with a warning. */
  #run(stream: Promise<void>): void {
    stream.catch((error: unknown) => this.#warn(error))
  }

  #warn(error: unknown): void {
    const { code, message } = CoterieError.is(error)
      ? error
      : new CoterieError('INTERNAL_INVARIANT', String(error), { cause: error })
    void this.#write({ event: 'warning', code, message })
  }
}

function describe(group: Group, event: GroupEvent): JsonObject | undefined {
  const { id } = group
  switch (event.type) {
    case 'message':
      return { event: 'message', group: id, ...describeMessage(event.message, group) }
    case 'reaction': {
      const { message, identity, emoji, removed } = event
      return { event: 'reaction', group: id, id: message, sender: identity, emoji, removed }
    }
    case 'edited':
      return { event: 'edited', group: id, id: event.message, text: event.text }
    case 'epoch':
      return { event: 'members', group: id, members: describeMembers(group) }
    case 'renamed':
      return { event: 'group', group: id, name: event.name }
    case 'described':
      return { event: 'group', group: id, name: group.name, description: event.description }
    case 'permissions':
      return { event: 'permissions', group: id, ...event.permissions }
    case 'removed':
      return { event: 'removed', group: id }
    case 'wish-failed':
      return { event: 'warning', group: id, code: event.code, message: event.reason }
    case 'unreachable':
      return { event: 'unreachable', group: id, member: event.identity, since: new Date(event.sinceMs).toISOString() }
    case 'gap':
      return { event: 'gap', group: id, member: event.identity, missing: event.missing }
    case 'equivocation':
      return { event: 'equivocation', group: id, member: event.identity, device: event.device }
    case 'detached':
    case 'readded':
      return { event: event.type, group: id }
    case 'missed':
      return { event: 'missed', group: id, count: event.count }
    // Told elsewhere.
    case 'delivery':
    case 'fork-resolved':
      return undefined
  }
}
