// Doing what a script says, where it can be done when its time has come.

import { encodeBody } from '../../content/message-body.ts'
import { CoterieError } from '../../errors.ts'
import type { Intent } from '../../session/intents.ts'
import { misbehave } from './byzantine.ts'
import type { SimulatedDevice } from './device.ts'
import type { Action } from './script.ts'
import type { SeededRandom } from './seeded-random.ts'
import type { Surroundings } from './surroundings.ts'

export interface Stage extends Surroundings {
  readonly devices: readonly SimulatedDevice[]
  readonly random: SeededRandom
}

export async function act(action: Action, stage: Stage): Promise<void> {
  if (action.kind === 'partition') stage.network.partition(action.components)
  else if (action.kind === 'heal') stage.network.heal()
  else {
    const device = stage.devices[action.device]
    if (device !== undefined) await actOn(device, action, stage)
  }
}

type DeviceAction = Extract<Action, { readonly device: number }>

async function actOn(device: SimulatedDevice, action: DeviceAction, stage: Stage): Promise<void> {
  const { clock, network, ledger, devices, random } = stage
  switch (action.kind) {
    case 'offline':
    case 'online':
      device.online = action.kind === 'online'
      break
    case 'crash':
      device.dieAt(action.stage)
      clock.at(clock.nowMs + action.downMs, () => device.restart())
      break
    case 'misdeed':
      await misbehave(action.misdeed, { device, others: devices, network, clock, random, strength: action.strength })
      break
    case 'send':
      await attempt(stage, device, () => device.send(encodeBody({ kind: 'text', text: 'x'.repeat(action.bytes) })))
      break
    case 'rename':
      await attempt(stage, device, () => device.submit({ kind: 'rename', name: action.name }))
      break
    case 'leave':
      await attempt(stage, device, () => device.submit({ kind: 'leave' }))
      break
    case 'add':
    case 'remove':
    case 'promote': {
      const other = devices[action.kind === 'add' ? action.newcomer : action.other]
      if (other === undefined || other === device) break
      await attempt(stage, device, async () => {
        const resolved = await device.submit(intentTowards(action.kind, other))
        if (resolved && action.kind === 'add') ledger.invited.set(other.own.identity, device.own.identity)
      })
      break
    }
  }
}

function intentTowards(kind: 'add' | 'remove' | 'promote', { own }: SimulatedDevice): Intent {
  if (kind !== 'add') return { kind, identity: own.identity }
  return { kind, newcomers: [{ keyPackage: own.keyPackage.keyPackage, inbox: own.inbox.address }] }
}

/** What the library refuses is refused to the app: it is no failure of the run, unless the library fails itself. */
async function attempt({ ledger, trace }: Stage, device: SimulatedDevice, work: () => Promise<unknown>): Promise<void> {
  if (!device.isMember) return
  try {
    await work()
  } catch (error) {
    if (!CoterieError.is(error) || error.code === 'INTERNAL_INVARIANT') throw error
    ledger.counts.refused++
    trace.note(device.name, `may not: ${error.message}`)
  }
}
