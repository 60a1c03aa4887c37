// A member floods its group: with messages that are all valid, and with frames that bear the topic's signature and that nobody
// can read.

import { until } from '../../../src/testing/until.ts'
import { KEPT_DISK, MEBIBYTE, MEMORY } from '../bounds.ts'
import { keptBy } from '../kept.ts'
import { check, isInTime, type Outcome, type Row } from '../measures.ts'
import { before, CALM_MS, grown, pause, Stage, talkDuring } from '../stage.ts'

export function members(frames: number): Promise<Outcome> {
  return Stage.during(async (stage) => {
    const [ann, bob, mallory] = [await stage.client('ann'), await stage.client('bob'), await stage.client('mallory')]
    const group = await stage.group(ann, bob, mallory)
    await mallory.actor.ask('connect', { address: bob.address })
    const calm = await talkDuring(bob, ann, group, pause(CALM_MS))
    const since = await before(ann)
    const { messages: heardBefore } = await ann.actor.ask('heard')
    const flooding = mallory.actor.ask('sendMany', { group, count: frames, bytes: 64 })
    const flooded = await talkDuring(bob, ann, group, flooding)
    const latency = { calm, flooded }
    let kept = 0
    await until(
      'all of it has come',
      async () => {
        kept = (await ann.actor.ask('heard')).messages - heardBefore - flooded.count
        return kept >= frames
      },
      CATCH_UP_MS,
    ).catch(() => undefined)
    const rows: Row[] = [
      { scenario: 'member: valid messages', thrown: frames, kept, ...(await grown(ann, since)), latency },
    ]
    return {
      rows,
      checks: [
        check('a member with valid messages', {
          'memory is bounded': rows.every(({ memory }) => memory < MEMORY),
          'the disk holds the messages and little else': rows.every(
            ({ disk }) => disk < frames * KEPT_DISK + 16 * MEBIBYTE,
          ),
          'what is valid arrives': kept === frames,
          'honest messages arrive in time': isInTime(latency),
        }),
      ],
    }
  })
}

export function membersJunk(frames: number): Promise<Outcome> {
  return Stage.during(async (stage) => {
    const [ann, bob, mallory] = [await stage.client('ann'), await stage.client('bob'), await stage.client('mallory')]
    const group = await stage.group(ann, bob, mallory)
    await mallory.actor.ask('close')
    const calm = await talkDuring(bob, ann, group, pause(CALM_MS))
    const since = await before(ann)
    const target = { address: ann.address, group, folder: mallory.folder }
    const flooding = stage.attacker().ask('membersJunk', { ...target, frames, names: 4 })
    const flooded = await talkDuring(bob, ann, group, Promise.all([flooding, pause(CALM_MS)]))
    const { thrown, topic } = await flooding
    const latency = { calm, flooded }
    const taken = await grown(ann, since)
    const kept = await keptBy(ann, [topic])
    const row: Row = {
      scenario: 'member: unreadable frames',
      thrown,
      kept,
      ...taken,
      latency,
    }
    return {
      rows: [row],
      checks: [
        check('a member with unreadable frames', {
          'everything was thrown': thrown >= frames,
          'memory is bounded': row.memory < MEMORY,
          'the disk is bounded': row.disk < frames * KEPT_DISK + 16 * MEBIBYTE,
          'honest messages arrive in time': isInTime(latency),
        }),
      ],
    }
  })
}

const CATCH_UP_MS = 900_000
