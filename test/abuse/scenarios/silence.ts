// Peers that take up room and do nothing: they hear a topic and read nothing of what they are sent, hold streams open without a
// word, or have addresses at which nobody answers.

import { until } from '../../../src/testing/until.ts'
import { MEBIBYTE, MEMORY } from '../bounds.ts'
import { inboxOf } from '../kept.ts'
import { check, isInTime, type Outcome, type Row } from '../measures.ts'
import { before, CALM_MS, grown, pause, Stage, talkDuring } from '../stage.ts'

export function silence(frames: number): Promise<Outcome> {
  return Stage.during(async (stage) => {
    const attacker = stage.attacker()
    const dead = await attacker.ask('deadAddresses', { count: DEAD })
    // The victim's own relays and the addresses that it was told: nobody answers at any of them.
    const ann = await stage.client('ann', dead.slice(0, 2))
    const bob = await stage.client('bob')
    const group = await stage.group(ann, bob)
    // More than what may wait for one who does not read.
    const count = Math.max(20, Math.ceil(frames / 250))
    const sendMany = (): Promise<unknown> =>
      Promise.all([ann.actor.ask('sendMany', { group, count, bytes: LARGE }), pause(CALM_MS)])
    const calm = await talkDuring(ann, bob, group, sendMany())
    const since = await before(ann)
    const inbox = await inboxOf(ann.card)
    const topics = (await attacker.ask('tap', { address: ann.address })).filter((topic) => topic !== inbox)
    const [topic = ''] = topics
    await attacker.ask('deaf', { address: ann.address, topic, names: DEAF })
    for (const protocol of ['reconcile', 'frame']) {
      await attacker.ask('holdStreams', { address: ann.address, protocol, names: 8, ofName: 8 })
    }
    for (const address of dead) void ann.actor.ask('connect', { address }).catch(() => undefined)
    const { messages: heardBefore } = await bob.actor.ask('heard')
    const flooded = await talkDuring(ann, bob, group, sendMany())
    let heard = 0
    await until(
      'all of it has come',
      async () => {
        heard = (await bob.actor.ask('heard')).messages - heardBefore - flooded.count
        return heard >= count
      },
      120_000,
    ).catch(() => undefined)
    const { opened, refused } = await attacker.ask('letGo')
    const row: Row = {
      scenario: 'deaf, silent and dead peers',
      thrown: opened + refused + DEAF + DEAD,
      kept: 0,
      ...(await grown(ann, since)),
      latency: { calm, flooded },
    }
    return {
      rows: [row],
      checks: [
        check('deaf, silent and dead peers', {
          'memory is bounded': row.memory < MEMORY,
          // The messages themselves, the frames that they are in, and what the store has not tidied up yet.
          'the disk is bounded': row.disk < 4 * count * LARGE + 16 * MEBIBYTE,
          'everything arrives': heard === count,
          'honest messages arrive in time': isInTime(row.latency ?? { calm, flooded }),
        }),
      ],
    }
  })
}

const DEAD = 8
const DEAF = 4
/** In bytes: of a message. */
const LARGE = 60_000
