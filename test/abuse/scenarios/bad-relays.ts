// Relays that withhold, reorder, replay and serve garbage, beside one that does its work: whoever was off has everything all the
// same.

import { until } from '../../../src/testing/until.ts'
import { KEPT_DISK, MEBIBYTE, MEMORY } from '../bounds.ts'
import { check, isInTime, latencyOf, type Outcome, type Row } from '../measures.ts'
import { before, grown, type Person, pause, Stage } from '../stage.ts'

export function badRelays(frames: number): Promise<Outcome> {
  const count = Math.max(20, Math.ceil(frames / 100))
  return Stage.during(async (stage) => {
    const good = await stage.relay('relay')
    const calm = await offAndOn(stage, 'calm', count, [good.address])
    const attacker = stage.attacker()
    const bad = await attacker.ask('badRelays')
    const among = await offAndOn(stage, 'among', count, [...bad, good.address])
    const misdeeds = await attacker.ask('stopBadRelays')
    const row: Row = {
      scenario: 'four bad relays and a good one',
      thrown: Object.values(misdeeds).reduce((sum, one) => sum + one, 0),
      kept: among.heard,
      ...among.grown,
      latency: { calm: latencyOf([calm.ms]), flooded: latencyOf([among.ms]) },
    }
    return {
      rows: [row],
      checks: [
        check('bad relays beside a good one', {
          'each has done what it is there for': Object.values(misdeeds).every((times) => times > 0),
          'everything arrives, once': among.heard === count && calm.heard === count,
          'memory is bounded': row.memory < MEMORY,
          'the disk is bounded': row.disk < count * KEPT_DISK + 16 * MEBIBYTE,
          'it does not take much longer': row.latency !== undefined && isInTime(row.latency),
        }),
      ],
    }
  })
}

interface CaughtUp {
  /** How long it took to have everything that was written meanwhile. */
  readonly ms: number
  readonly heard: number
  readonly grown: Pick<Row, 'memory' | 'disk'>
}

/** One goes off, the other writes and goes off, the first comes back. */
async function offAndOn(stage: Stage, name: string, count: number, relays: readonly string[]): Promise<CaughtUp> {
  const reader = await stage.client(`${name} reader`, relays, false)
  const writer = await stage.client(`${name} writer`, relays, false)
  const group = await stage.group(writer, reader)
  await pause(SETTLE_MS)
  await reader.actor.ask('close')
  await writer.actor.ask('sendMany', { group, count, bytes: 200 })
  await writer.actor.ask('close')
  const startedMs = performance.now()
  const back: Person = await stage.client(`${name} reader`, relays, false)
  const since = await before(back)
  const heard = async (): Promise<number> => (await back.actor.ask('heard')).messages
  await until('everything has come', async () => (await heard()) >= count, CATCH_UP_MS).catch(() => undefined)
  const ms = performance.now() - startedMs
  // Long enough for what was replayed to show twice.
  await pause(SETTLE_MS)
  const result = { ms, heard: await heard(), grown: await grown(back, since) }
  await back.actor.ask('close')
  return result
}

const SETTLE_MS = 3_000
const CATCH_UP_MS = 120_000
