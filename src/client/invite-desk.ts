// All that a client does with invites: hears those who come by the ones of its groups, and asks by those of others.

import type { Group } from './group.ts'
import type { GroupDriver } from './group-driver.ts'
import { InviteTopics, type InviteTopicsHost } from './invite-topics.ts'
import { Joining, type JoiningHost } from './joining.ts'
import type { Relays } from './relays.ts'
import type { TopicSync } from './sync/topic-sync.ts'

type Given = Omit<InviteTopicsHost, 'followed' | 'ask' | 'isRelay'> & Omit<JoiningHost, 'relays' | 'groupWith'>

export interface InviteDeskHost extends Given {
  readonly sync: () => Pick<TopicSync, 'follow' | 'ask'>
  readonly relays: () => Relays
  group(id: string): Group
}

export class InviteDesk {
  readonly topics: InviteTopics
  readonly joining: Joining
  readonly #host: InviteDeskHost

  constructor(host: InviteDeskHost) {
    this.#host = host
    this.topics = new InviteTopics({
      ...host,
      isRelay: (peer, topic) => host.relays().isRelay(peer, topic),
      followed: (topic) => {
        host.sync().follow(topic)
        host.relays().noteTopics()
      },
      ask: (topic) => host.sync().ask(topic),
      warn: (error) => host.warn(error),
    })
    this.joining = new Joining({
      ...host,
      groupWith: (key) => {
        const id = this.topics.groupWith(key)
        return id === undefined ? undefined : host.group(id)
      },
      noteTopic: (topic) => host.noteTopic(topic),
      warn: (error) => host.warn(error),
    })
  }

  /** Something of a group may have changed. */
  noteChange(driver: GroupDriver): void {
    this.topics.follow(driver)
    this.joining.granted.noteChange(driver)
    this.#host.group(driver.id).noteChange()
  }
}
