// What quiet and forked groups cost, in frames, bytes and virtual time: the figures of docs/convergence.md.
import { encodeBody } from '../../src/content/message-body.ts'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import type { SimulatedDevice } from '../../src/testing/simulation/device.ts'
import { createWorld, foundGroup, type World } from '../../src/testing/simulation/world.ts'

/** Prints the figures as they come. */
export async function printCosts(print: (line: string) => void): Promise<void> {
  print('A quiet group, each time after it came to rest; a message of 40 characters, a commit that renames the group:')
  for (const { members, times, talk } of SIZES) {
    const world = await quietWorld(`costs ${members}`, members)
    const alone = await perTime(world, times, (device) => send(device), APART_MS)
    const busy = await perTime(world, talk, (device) => send(device), TALKING_MS)
    const commit = await perTime(world, times, (device, i) => rename(device, `name ${i}`), APART_MS)
    print(`  ${members} members: per message ${alone}; in a conversation ${busy}; per commit ${commit}`)
  }
  const forks: number[] = []
  for (const seed of SEEDS) forks.push(await framesPerFork(seed))
  print(
    `Frames of a race of two commits in a group of 10, more than of two commits one after the other: ${spread(forks)}`,
  )
  for (const { commits, name } of PARTITIONS) {
    const times: number[] = []
    for (const seed of SEEDS) times.push(await secondsToAgree(seed, commits))
    print(`Virtual seconds to agree after a partition of a group of 10 heals, ${name}: ${spread(times)}`)
  }
}

async function quietWorld(seed: string, members: number): Promise<World> {
  const settings = { refreshAfterMs: 365 * 86_400_000 }
  const world = await createWorld({ provider: nodeProvider, seed, devices: members, settings })
  await foundGroup(world, members)
  await rest(world)
  return world
}

/** What something adds to what is published, on average. @param apartMs - between two times */
async function perTime(
  world: World,
  times: number,
  act: (device: SimulatedDevice, i: number) => Promise<unknown>,
  apartMs: number,
): Promise<string> {
  const { clock, network, random, devices } = world
  const before = { ...network.traffic }
  for (let i = 0; i < times; i++) {
    const device = random.pick(devices)
    if (device !== undefined) await act(device, i)
    await clock.runUntil(clock.nowMs + apartMs)
  }
  await rest(world)
  const { traffic } = network
  const frames = (traffic.published - before.published) / times
  const bytes = (traffic.publishedBytes - before.publishedBytes) / times
  return `${frames.toFixed(1)} frames, ${Math.round(bytes)} bytes`
}

async function framesPerFork(seed: number): Promise<number> {
  const world = await quietWorld(`fork ${seed}`, 10)
  const { network, devices, clock } = world
  const [a, b] = world.random.shuffled(devices)
  if (a === undefined || b === undefined) return 0
  let before = network.traffic.published
  await rename(a, 'one')
  await clock.runUntil(clock.nowMs + APART_MS)
  await rename(b, 'another')
  await rest(world)
  const inTurn = network.traffic.published - before
  before = network.traffic.published
  await Promise.all([rename(a, 'a third'), rename(b, 'a fourth')])
  await rest(world)
  return network.traffic.published - before - inTurn
}

async function secondsToAgree(seed: number, commits: number): Promise<number> {
  const world = await quietWorld(`partition ${seed} ${commits}`, 10)
  const { network, devices, clock } = world
  const component = devices.map(({ index }) => index % 2)
  network.partition(component)
  for (let i = 0; i < commits; i++) {
    for (const half of [0, 1]) {
      const device = world.random.pick(devices.filter(({ index }) => component[index] === half))
      if (device !== undefined) await rename(device, `name ${i} of ${half}`)
    }
    await clock.runUntil(clock.nowMs + APART_MS)
  }
  const healedMs = clock.nowMs
  network.heal()
  let agreedMs = healedMs
  // They may agree for a moment, and then again not.
  for (let agreedFor = 0; agreedFor < AGREED_MS; ) {
    await clock.runUntil(clock.nowMs + STEP_MS)
    const agree = new Set(devices.map(({ head }) => head)).size === 1
    if (agree && agreedFor === 0) agreedMs = clock.nowMs
    agreedFor = agree ? agreedFor + STEP_MS : 0
    if (clock.nowMs - healedMs > GIVE_UP_MS) return Number.NaN
  }
  return (agreedMs - healedMs) / 1_000
}

async function rest({ clock }: World): Promise<void> {
  await clock.runUntil(clock.nowMs + REST_MS)
}

async function send(device: SimulatedDevice): Promise<void> {
  await device.send(encodeBody({ kind: 'text', text: 'x'.repeat(40) }))
}

function rename(device: SimulatedDevice, name: string): Promise<boolean> {
  return device.submit({ kind: 'rename', name })
}

function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)]
  return `median ${middle}, from ${sorted[0]} to ${sorted.at(-1)} in ${sorted.length} runs`
}

const SIZES = [
  { members: 10, times: 10, talk: 40 },
  { members: 50, times: 4, talk: 20 },
  { members: 250, times: 1, talk: 4 },
]
const PARTITIONS = [
  { commits: 1, name: 'with one commit on either side' },
  { commits: 4, name: 'with four commits on either side' },
  { commits: 12, name: 'with twelve, deeper than keys are kept' },
]
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9]
const APART_MS = 5_000
const TALKING_MS = 1_000
/** Longer than anything waits in a quiet group, whatever its size. */
const REST_MS = 120_000
const STEP_MS = 10
const AGREED_MS = 20_000
const GIVE_UP_MS = 600_000
