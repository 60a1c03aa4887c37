// What a member who turns bad takes along: the keys of the topics of its group, from its own disk.

import { GroupDriver } from '../../../src/client/group-driver.ts'
import { leafOptions, ownIdentity } from '../../../src/client/own-identity.ts'
import { GroupSession } from '../../../src/session/group-session.ts'
import type { TopicKeys } from '../../../src/wire/topic.ts'
import { suite, wire, withStoreOf } from '../processes/closed-store.ts'

/** The keys of a group's topic. @param folder - of a client that is closed */
export function topicOfGroup(folder: string, group: string): Promise<TopicKeys> {
  return withStoreOf(folder, async (store) => {
    const { device, credential, inbox } = await ownIdentity(suite, wire, store, '', Date.now)
    const records = new Map<string, Uint8Array>()
    for await (const [name, value] of store.entries(GroupDriver.bucketOf(group))) records.set(name, value)
    const leaf = leafOptions(device, credential)
    const session = await GroupSession.restore({ wire, suite, device, leaf, inbox: inbox.address }, records)
    const [topic] = session.topics
    if (topic === undefined) throw new Error('a group without a topic')
    return topic
  })
}
