// Somebody who is not a member floods a group's topic: what bears no signature of it, what bears another's, and what was there
// before.

import { MEMORY, OUTSIDERS_DISK } from '../bounds.ts'
import { inboxOf, keptBy } from '../kept.ts'
import { check, isInTime, type Outcome, type Row } from '../measures.ts'
import { before, CALM_MS, grown, pause, Stage, talkDuring } from '../stage.ts'

export function outsiders(frames: number): Promise<Outcome> {
  return Stage.during(async (stage) => {
    const [ann, bob] = [await stage.client('ann'), await stage.client('bob')]
    const group = await stage.group(ann, bob)
    const attacker = stage.attacker()
    const inbox = await inboxOf(ann.card)
    const topics = (await attacker.ask('tap', { address: ann.address })).filter((topic) => topic !== inbox)
    const calm = await talkDuring(bob, ann, group, pause(CALM_MS))
    const rows: Row[] = []
    const since = await before(ann)
    const [topic = ''] = topics
    for (const kind of ['unsigned', 'signedByStranger', 'replays'] as const) {
      const target = { address: ann.address, topic, frames: Math.ceil(frames / 3), names: NAMES }
      const flooding = attacker.ask(kind, target)
      const flooded = await talkDuring(bob, ann, group, Promise.all([flooding, pause(CALM_MS)]))
      const { thrown } = await flooding
      const latency = { calm, flooded }
      rows.push({ scenario: TITLES[kind], thrown, kept: 0, ...(await grown(ann, since)), latency })
    }
    const { messages } = await ann.actor.ask('heard')
    // Beside the messages there are commits, votes and acknowledgements.
    const kept = await keptBy(ann, topics)
    return {
      rows,
      checks: [
        check('outsiders on the topic of a group', {
          'everything was thrown': rows.every(({ thrown }) => thrown >= Math.ceil(frames / 3)),
          'memory is bounded': rows.every(({ memory }) => memory < MEMORY),
          'the disk is bounded': rows.every(({ disk }) => disk < OUTSIDERS_DISK),
          'nothing of it is kept': kept < 3 * messages + 100,
          'honest messages arrive in time': rows.every(({ latency }) => latency !== undefined && isInTime(latency)),
        }),
      ],
    }
  })
}

const NAMES = 8
const TITLES = {
  unsigned: 'topic of a group: not signed',
  signedByStranger: "topic of a group: another topic's signature",
  replays: 'topic of a group: replays',
} as const
