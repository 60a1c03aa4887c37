// A simulated world: a clock, a network and devices, and a group that some of them are in.

import { GROUP_SUITE, suiteOf, WIRE_SUITE } from '../../client/suites.ts'
import type { CryptoProvider } from '../../crypto/contract.ts'
import type { CipherSuite } from '../../crypto/labels.ts'
import { Secret } from '../../crypto/secret.ts'
import { fail } from '../../errors.ts'
import { createGroup } from '../../group/create-group.ts'
import { lifetimeOfDays } from '../../group/key-packages.ts'
import { DEFAULT_PERMISSIONS, groupProfileExtension } from '../../session/group-profile.ts'
import { sessionPolicy } from '../../session/session-policy.ts'
import type { SessionSettings } from '../../session/settings.ts'
import { RENDEZVOUS_BYTES } from '../../wire/topic.ts'
import { CommonWork } from './common-work.ts'
import { SimulatedDevice } from './device.ts'
import { deviceIdentity } from './device-identity.ts'
import { FrameReader } from './frame-reader.ts'
import { Ledger } from './ledger.ts'
import { PERFECT_LINK, SimulatedNetwork } from './network.ts'
import { SeededRandom } from './seeded-random.ts'
import { simulatedSuite } from './simulated-suite.ts'
import { type Statement, statementIn } from './statement-watch.ts'
import type { Surroundings } from './surroundings.ts'
import { Trace } from './trace.ts'
import { VirtualClock } from './virtual-clock.ts'

export interface WorldOptions {
  readonly provider: CryptoProvider
  /** Decides everything that is random. */
  readonly seed: string
  /** How many devices there are. */
  readonly devices: number
  /** Their indices. */
  readonly byzantine?: ReadonlySet<number>
  /** How far the devices' clocks are from the world's, at most. Default 0. */
  readonly clockSkewMs?: number
  readonly settings: Partial<SessionSettings>
}

export interface World extends Surroundings {
  readonly random: SeededRandom
  readonly devices: readonly SimulatedDevice[]
}

/** A world in which nothing has happened yet, and the network is perfect. */
export async function createWorld(options: WorldOptions): Promise<World> {
  const random = new SeededRandom(options.seed)
  const clock = new VirtualClock(START_MS, random.for('clock'))
  const network = new SimulatedNetwork(clock, random.for('network'), PERFECT_LINK)
  const { hash } = suiteOf(options.provider, WIRE_SUITE)
  const surroundings = {
    clock,
    network,
    frames: new FrameReader(),
    ledger: new Ledger(),
    trace: new Trace(clock, hash),
    settings: options.settings,
  }
  const common = new CommonWork()
  const devices: SimulatedDevice[] = []
  for (let index = 0; index < options.devices; index++) {
    devices.push(await makeDevice(options, surroundings, common, index))
  }
  for (const device of devices) network.attach(device)
  return { ...surroundings, random, devices }
}

/** The first device founds a group and adds the next ones; half of them are admins. */
export async function foundGroup({ clock, devices }: World, members: number): Promise<void> {
  const [founder] = devices
  if (founder === undefined) return fail('ARGUMENT_INVALID', 'a simulation without devices')
  const admins = devices.slice(0, Math.ceil(members / 2)).map(({ own }) => own.identity)
  const profile = {
    name: 'simulated',
    description: '',
    admins,
    permissions: DEFAULT_PERMISSIONS,
    rendezvousSecret: new Secret(founder.wire.randomBytes(RENDEZVOUS_BYTES)),
    invites: [],
  }
  const group = await createGroup(founder.suite, {
    ...founder.own.leaf,
    lifetime: lifetimeOfDays(clock.nowMs, FOUNDER_LIFETIME_DAYS),
    groupExtensions: [groupProfileExtension(profile)],
    limits: { pastEpochs: 0 },
    policy: sessionPolicy(founder.wire),
  })
  await founder.begin(group)
  const newcomers = devices.slice(1, members).map(({ own }) => {
    return { keyPackage: own.keyPackage.keyPackage, inbox: own.inbox.address }
  })
  await founder.submit({ kind: 'add', newcomers })
  await clock.runUntil(clock.nowMs + FOUNDING_MS)
}

async function makeDevice(
  { provider, seed, byzantine, clockSkewMs = 0 }: WorldOptions,
  surroundings: Surroundings,
  common: CommonWork,
  index: number,
): Promise<SimulatedDevice> {
  const signed: Statement[] = []
  const onSign = (data: Uint8Array): void => {
    const statement = statementIn(data)
    if (statement !== undefined) signed.push(statement)
  }
  const suiteFor = (id: number): CipherSuite => {
    return simulatedSuite(suiteOf(provider, id), { seed: `${seed} ${index} ${id}`, common, onSign })
  }
  const [suite, wire] = [suiteFor(GROUP_SUITE), suiteFor(WIRE_SUITE)]
  return new SimulatedDevice(surroundings, {
    index,
    own: await deviceIdentity(suite, wire, `device ${index}`, surroundings.clock.nowMs),
    suite,
    wire,
    skewMs: new SeededRandom(`${seed} skew ${index}`).between(-clockSkewMs, clockSkewMs),
    byzantine: byzantine?.has(index) ?? false,
    takeStatements: () => signed.splice(0),
  })
}

/** 1 January 2027, 00:00 UTC. */
const START_MS = 1_798_761_600_000
const FOUNDING_MS = 5_000
const FOUNDER_LIFETIME_DAYS = 90
