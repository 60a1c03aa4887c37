// All scenarios, one after the other.

import type { Check, Outcome, Row } from './measures.ts'
import { badRelays } from './scenarios/bad-relays.ts'
import { inboxOffline, inboxOnline } from './scenarios/inboxes.ts'
import { members, membersJunk } from './scenarios/members.ts'
import { outsiders } from './scenarios/outsiders.ts'
import { relays } from './scenarios/relays.ts'
import { silence } from './scenarios/silence.ts'

/** By name. @param frames - how many are thrown, more or less */
export const SCENARIOS: Readonly<Record<string, (frames: number) => Promise<Outcome>>> = {
  outsiders,
  'inbox-online': inboxOnline,
  'inbox-offline': inboxOffline,
  relays,
  members,
  'members-junk': membersJunk,
  silence,
  'bad-relays': badRelays,
}

/** Plays scenarios. @param tell - hears what is going on */
export async function abuse(
  names: readonly string[],
  frames: number,
  tell: (line: string) => void,
): Promise<{ readonly rows: readonly Row[]; readonly checks: readonly Check[] }> {
  const rows: Row[] = []
  const checks: Check[] = []
  for (const name of names) {
    const startedMs = performance.now()
    try {
      const outcome = await SCENARIOS[name]?.(frames)
      rows.push(...(outcome?.rows ?? []))
      checks.push(...(outcome?.checks ?? []))
    } catch (error) {
      checks.push({ name, failures: [error instanceof Error ? String(error.stack) : String(error)] })
    }
    tell(`${name}: ${Math.round((performance.now() - startedMs) / 1_000)} s`)
  }
  return { rows, checks }
}
