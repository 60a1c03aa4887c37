// The kinds of life that a simulated group can have.

import type { LinkQuality } from './network.ts'
import { CRASH_STAGES } from './power-failure.ts'
import { type Action, MISDEEDS } from './script.ts'
import type { SeededRandom } from './seeded-random.ts'

/** What a simulated group can go through. */
export const PROFILE_NAMES = [
  'quiet',
  'lossy',
  'partitions',
  'deep-partitions',
  'churn',
  'crashes',
  'storms',
  'slow',
  'absences',
  'byzantine',
  'everything',
] as const
/** The name of a profile. */
export type ProfileName = (typeof PROFILE_NAMES)[number]

export interface Profile {
  readonly durationMs: number
  /** The fewest and the most members at the beginning. */
  readonly members: readonly [number, number]
  /** Devices that can be added. */
  readonly spares: number
  /** How many of the members are Byzantine, given their number. Never more than a third. */
  readonly byzantine: (members: number) => number
  readonly link: LinkQuality
  /** How far the devices' clocks are from each other, at most. */
  readonly clockSkewMs: number
  /** The mean time between two messages of the whole group, and so on; undefined where there are none. */
  readonly sendEveryMs: number
  readonly renameEveryMs?: number
  readonly addEveryMs?: number
  readonly removeEveryMs?: number
  readonly promoteEveryMs?: number
  readonly leaveEveryMs?: number
  /** Everybody commits within moments. */
  readonly stormEveryMs?: number
  readonly partitionEveryMs?: number
  readonly offlineEveryMs?: number
  readonly crashEveryMs?: number
  /** How long a device that died stays so, on average. */
  readonly downMs: number
  readonly misdeedEveryMs?: number
  /** How long frames are kept for others. */
  readonly retentionMs: number
  /** What comes behind the last action. */
  readonly rest: Rest
}

/** How a group comes to rest when everybody is there and can reach everybody. */
interface Rest {
  /** How often a device compares what it has with what another has, on average. */
  readonly reconcileEveryMs: number
  /** It is at rest when nothing has changed for this long, and not more frames than this were sent. */
  readonly calmMs: number
  readonly frames: number
  /** It has failed to come to rest when that takes longer. */
  readonly withinMs: number
}

const LINK: LinkQuality = {
  loss: 0.02,
  duplication: 0.05,
  delayMs: [5, 120],
  straggling: 0.03,
  cutOff: 0.1,
  reconcileEveryMs: 8_000,
}

const DAY_MS = 24 * 3_600_000

const LIFE: Profile = {
  durationMs: 40_000,
  members: [4, 7],
  spares: 2,
  byzantine: () => 0,
  link: LINK,
  clockSkewMs: 5_000,
  sendEveryMs: 1_500,
  renameEveryMs: 6_000,
  addEveryMs: 25_000,
  removeEveryMs: 60_000,
  promoteEveryMs: 40_000,
  leaveEveryMs: 80_000,
  downMs: 1_500,
  retentionMs: 7 * DAY_MS,
  rest: { reconcileEveryMs: 5_000, calmMs: 75_000, frames: 0, withinMs: 1_200_000 },
}

export const PROFILES: { readonly [name in ProfileName]: Profile } = {
  quiet: {
    ...LIFE,
    link: { ...LINK, loss: 0, duplication: 0, straggling: 0, cutOff: 0 },
  },
  lossy: {
    ...LIFE,
    link: { ...LINK, loss: 0.3, duplication: 0.3, delayMs: [5, 800], straggling: 0.2, cutOff: 0.5 },
  },
  partitions: { ...LIFE, durationMs: 60_000, partitionEveryMs: 8_000 },
  'deep-partitions': {
    ...LIFE,
    durationMs: 90_000,
    sendEveryMs: 2_500,
    renameEveryMs: 1_500,
    partitionEveryMs: 45_000,
  },
  churn: { ...LIFE, durationMs: 60_000, offlineEveryMs: 2_000 },
  crashes: { ...LIFE, renameEveryMs: 3_000, crashEveryMs: 1_000 },
  storms: { ...LIFE, durationMs: 30_000, stormEveryMs: 6_000, link: { ...LINK, delayMs: [5, 400] } },
  // Commits take longer to be heard than members wait for each other.
  slow: {
    ...LIFE,
    members: [5, 8],
    link: { ...LINK, delayMs: [500, 6_000] },
    stormEveryMs: 20_000,
  },
  // Two months in which devices are away for longer than frames are kept, and the group goes on meanwhile.
  absences: {
    ...LIFE,
    durationMs: 60 * DAY_MS,
    link: { ...LINK, reconcileEveryMs: DAY_MS / 6 },
    sendEveryMs: DAY_MS / 2,
    renameEveryMs: 2 * DAY_MS,
    addEveryMs: 20 * DAY_MS,
    removeEveryMs: 30 * DAY_MS,
    promoteEveryMs: 20 * DAY_MS,
    leaveEveryMs: 40 * DAY_MS,
    partitionEveryMs: 20 * DAY_MS,
    offlineEveryMs: 3 * DAY_MS,
    crashEveryMs: 3 * DAY_MS,
    downMs: 8 * DAY_MS,
    // Who hears nobody says so once a day.
    rest: { reconcileEveryMs: DAY_MS / 24, calmMs: 1.5 * DAY_MS, frames: 10, withinMs: 20 * DAY_MS },
  },
  byzantine: {
    ...LIFE,
    members: [4, 7],
    byzantine: (members) => Math.floor((members - 1) / 3),
    misdeedEveryMs: 4_000,
  },
  everything: {
    ...LIFE,
    durationMs: 80_000,
    spares: 3,
    byzantine: (members) => Math.floor((members - 1) / 4),
    link: { ...LINK, loss: 0.15, duplication: 0.15, delayMs: [5, 400], straggling: 0.1, cutOff: 0.3 },
    clockSkewMs: 600_000,
    sendEveryMs: 2_000,
    renameEveryMs: 4_000,
    partitionEveryMs: 15_000,
    offlineEveryMs: 8_000,
    crashEveryMs: 3_000,
    stormEveryMs: 30_000,
    misdeedEveryMs: 8_000,
  },
}

/** The devices of a script. */
export interface Cast {
  /** Indices 0 to `members` - 1 are members at the beginning. */
  readonly members: number
  readonly spares: number
  readonly byzantine: ReadonlySet<number>
}

/** What happens in one life of this kind. */
export function writeScript(profile: Profile, { members, spares, byzantine }: Cast, seed: SeededRandom): Action[] {
  const actions: Action[] = []
  const all = Array.from({ length: members + spares }, (_, i) => i)
  const honest = all.filter((i) => !byzantine.has(i))
  // The others stay, so that it can be told what they must have received.
  const expendable = all.filter((i) => i >= members * 0.6)
  const every = (what: string, meanMs: number | undefined, act: (atMs: number, random: SeededRandom) => Action[]) => {
    if (meanMs === undefined) return
    const random = seed.for(what)
    for (let at = random.waitMs(meanMs); at < profile.durationMs; at += random.waitMs(meanMs)) {
      actions.push(...act(at, random))
    }
  }
  const one = (random: SeededRandom, from: readonly number[] = honest): number => random.pick(from) ?? 0
  every('send', profile.sendEveryMs, (atMs, random) => {
    return [
      {
        atMs,
        kind: 'send',
        device: one(random, all),
        bytes: random.chance(0.01) ? LARGE_BYTES : random.between(1, 300),
      },
    ]
  })
  every('rename', profile.renameEveryMs, (atMs, random) => {
    return [{ atMs, kind: 'rename', device: one(random), name: `group ${atMs}` }]
  })
  every('add', profile.addEveryMs, (atMs, random) => {
    // Some who were there come back.
    const newcomer = random.chance(0.2) ? one(random, all) : members + random.below(spares)
    return [{ atMs, kind: 'add', device: one(random), newcomer }]
  })
  every('remove', profile.removeEveryMs, (atMs, random) => {
    return [{ atMs, kind: 'remove', device: one(random), other: one(random, expendable) }]
  })
  every('promote', profile.promoteEveryMs, (atMs, random) => {
    return [{ atMs, kind: 'promote', device: one(random), other: one(random, all) }]
  })
  every('leave', profile.leaveEveryMs, (atMs, random) => {
    return [{ atMs, kind: 'leave', device: one(random, expendable) }]
  })
  every('storm', profile.stormEveryMs, (atMs, random) =>
    honest.map((device) => ({
      atMs: atMs + random.below(200),
      kind: 'rename',
      device,
      name: `storm ${atMs} ${device}`,
    })),
  )
  every('partition', profile.partitionEveryMs, (atMs, random) => partitioned(atMs, random, all, profile))
  every('offline', profile.offlineEveryMs, (atMs, random) => {
    const device = one(random)
    const back = atMs + random.waitMs(profile.durationMs / 6)
    return [
      { atMs, kind: 'offline', device },
      { atMs: back, kind: 'online', device },
    ]
  })
  every('crash', profile.crashEveryMs, (atMs, random) => {
    const stage = random.pick(CRASH_STAGES) ?? 'before-write'
    return [{ atMs, kind: 'crash', device: one(random), stage, downMs: random.waitMs(profile.downMs) }]
  })
  every('misdeed', byzantine.size === 0 ? undefined : profile.misdeedEveryMs, (atMs, random) => {
    const misdeed = random.pick(MISDEEDS) ?? 'junk'
    return [{ atMs, kind: 'misdeed', device: one(random, [...byzantine]), misdeed, strength: random.between(1, 12) }]
  })
  return actions.sort((a, b) => a.atMs - b.atMs)
}

/** Two parts, one of which may fall apart again before both heal. */
function partitioned(atMs: number, random: SeededRandom, all: readonly number[], profile: Profile): Action[] {
  const lasts = random.waitMs((profile.partitionEveryMs ?? 0) * 0.8)
  const halves = all.map(() => random.below(2))
  const quarters = halves.map((half) => (half === 1 && random.chance(0.5) ? 2 : half))
  const actions: Action[] = [
    { atMs, kind: 'partition', components: halves },
    { atMs: atMs + lasts, kind: 'heal' },
  ]
  if (random.chance(0.4)) {
    actions.push(
      { atMs: atMs + Math.round(lasts / 3), kind: 'partition', components: quarters },
      { atMs: atMs + Math.round((2 * lasts) / 3), kind: 'partition', components: halves },
    )
  }
  return actions
}

/** More than fits in a frame that topics carry. */
const LARGE_BYTES = 270_000
