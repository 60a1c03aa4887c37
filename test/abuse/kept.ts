// What a client keeps of topics, as its disk says when it is closed.

import { FrameArchive } from '../../src/topics/frame-archive.ts'
import { readContactCard } from '../../src/wire/contact-card.ts'
import { inboxChannel } from '../../src/wire/inbox.ts'
import { wire, withStoreOf } from './processes/closed-store.ts'
import type { Person } from './stage.ts'

/** Closes somebody, and counts the frames that it kept, or remembers, of topics. */
export async function keptBy({ actor, folder }: Person, topics: readonly string[]): Promise<number> {
  await actor.ask('close')
  return withStoreOf(folder, async (store) => {
    const archive = new FrameArchive(store, Date.now)
    let sum = 0
    for (const topic of topics) sum += await archive.count(topic)
    return sum
  })
}

/** The name of the topic of the inbox that a card is of. */
export async function inboxOf(card: string): Promise<string> {
  const { inbox } = await readContactCard(wire, card)
  return (await inboxChannel(wire, inbox)).topic.name
}
