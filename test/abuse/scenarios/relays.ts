// A client floods a relay with frames on topics of its own and holds as many streams open as it gets, while two people who
// reach each other through that relay alone talk.

import { KEPT_DISK, MEBIBYTE, MEMORY } from '../bounds.ts'
import { check, isInTime, type Outcome, type Row } from '../measures.ts'
import { before, CALM_MS, grown, joined, pause, Stage, talkDuring } from '../stage.ts'

export function relays(frames: number): Promise<Outcome> {
  return Stage.during(async (stage) => {
    const relay = await stage.relay('relay')
    const ann = await stage.client('ann', [relay.address], false)
    const bob = await stage.client('bob', [relay.address], false)
    const group = await stage.group(ann, bob)
    const calm = await talkDuring(bob, ann, group, pause(CALM_MS))
    const since = await before(relay)
    const { frames: keptBefore } = await relay.actor.ask('relayStatus')
    const rows: Row[] = []
    const attacker = stage.attacker()
    const flooding = attacker.ask('ownTopics', { address: relay.address, frames, names: 2, topics: 2 })
    const flooded = await talkDuring(bob, ann, group, Promise.all([flooding, pause(CALM_MS)]))
    const { thrown } = await flooding
    const status = await relay.actor.ask('relayStatus')
    const kept = status.frames - keptBefore
    rows.push({
      scenario: 'relay: topics of its own',
      thrown,
      kept,
      ...(await grown(relay, since)),
      latency: { calm, flooded },
    })
    for (const protocol of ['relay', 'reconcile']) {
      await attacker.ask('holdStreams', { address: relay.address, protocol, names: NAMES, ofName: OF_NAME })
    }
    const held = await talkDuring(bob, ann, group, pause(CALM_MS))
    // Whoever comes now wants to pin, to leave a Welcome, and to fetch one.
    const carol = await stage.client('carol', [relay.address], false)
    const second = await bob.actor.ask('create', { name: 'Late' })
    await bob.actor.ask('add', { group: second, card: carol.card })
    const joinedAt = await joined(carol.actor, second, JOINING_MS).catch(() => Number.NaN)
    const { opened, refused } = await attacker.ask('letGo')
    rows.push({
      scenario: 'relay: silent streams',
      thrown: opened + refused,
      kept: 0,
      ...(await grown(relay, since)),
      latency: { calm, flooded: held },
    })
    return {
      rows,
      checks: [
        check('a relay', {
          'everything was thrown': thrown >= frames,
          'memory is bounded': rows.every(({ memory }) => memory < MEMORY),
          'what is kept is bounded': kept <= thrown && kept < 2 * 2 * 65_536,
          'the disk is bounded': rows.every(({ disk }) => disk < kept * KEPT_DISK + 16 * MEBIBYTE),
          'honest messages arrive in time': rows.every(({ latency }) => latency !== undefined && isInTime(latency)),
          'somebody new gets in while streams are held': Number.isFinite(joinedAt),
        }),
      ],
    }
  })
}

const NAMES = 20
const OF_NAME = 8
const JOINING_MS = 90_000
