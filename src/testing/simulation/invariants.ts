// What must hold when a simulated group has come to rest, whatever happened before.

import { toHex } from '../../bytes.ts'
import { CoterieError } from '../../errors.ts'
import type { GroupSession } from '../../session/group-session.ts'
import { type Extremes, KEPT } from './bounds.ts'
import type { SimulatedDevice } from './device.ts'
import type { Failure, Invariant, Ledger } from './ledger.ts'
import { checkOrder } from './message-order.ts'
import { short } from './trace.ts'

export interface Verdict {
  readonly failures: readonly Failure[]
  /** Pairs of a message and a member that was to get it. */
  readonly delivered: number
  readonly lost: number
  readonly duplicated: number
}

export function judge(devices: readonly SimulatedDevice[], ledger: Ledger, bounds: Readonly<Extremes>): Verdict {
  const failures: Failure[] = [...ledger.violations]
  const report = (invariant: Invariant, what: string): void => {
    failures.push({ invariant, what })
  }
  const honest = devices.filter(({ byzantine }) => !byzantine)
  const group = findGroup(honest)
  if (group === undefined) report('converged', 'no honest device is in the group any more')
  const agreeing = group === undefined ? [] : checkAgreement(honest, group, report)
  checkOrder(honest, (what) => report('same-order', what))
  for (const { name, own, watch } of honest) {
    if (ledger.accused.has(own.identity)) report('no-equivocation', `${name} is accused of what it did not do`)
    for (const contradiction of watch.contradictions) report('no-equivocation', `${name} made ${contradiction}`)
  }
  const { extremes } = ledger
  for (const what of Object.keys(KEPT) as (keyof Extremes)[]) {
    if (extremes[what] > bounds[what]) {
      report('bounded', `${extremes[what]} ${KEPT[what]} were kept; at most ${bounds[what]} may be`)
    }
  }
  const duplicated = honest.reduce((sum, { received }) => sum + [...received.values()].filter((n) => n > 1).length, 0)
  if (duplicated > 0) report('delivered-once', `${duplicated} messages were entered in a log more than once`)
  if (group !== undefined) {
    checkNobodyLost(devices, group, ledger, report)
    checkWishes(devices, group, ledger, report)
  }
  const { delivered, lost } = group === undefined ? NONE : checkDelivery(agreeing, honest, group, ledger, report)
  return { failures, delivered, lost, duplicated }
}

/** The session in whose epoch most honest members are. */
function findGroup(honest: readonly SimulatedDevice[]): GroupSession | undefined {
  const heads = new Map<string, { readonly session: GroupSession; count: number }>()
  for (const { session } of honest) {
    if (session === undefined || !session.isMember) continue
    const { head } = session.inspect()
    const known = heads.get(head)
    if (known === undefined) heads.set(head, { session, count: 1 })
    else known.count++
  }
  return [...heads.values()].reduce<{ session: GroupSession; count: number } | undefined>(
    (best, other) => (best === undefined || other.count > best.count ? other : best),
    undefined,
  )?.session
}

type Report = (invariant: Invariant, what: string) => void

/** @returns the devices that are members and agree */
function checkAgreement(honest: readonly SimulatedDevice[], group: GroupSession, report: Report): SimulatedDevice[] {
  const roster = new Set(group.members.map(({ identity }) => identity))
  const expected = fingerprint(group)
  const agreeing: SimulatedDevice[] = []
  for (const device of honest) {
    if (!roster.has(device.own.identity)) continue
    const { name, session } = device
    if (session === undefined) report('converged', `${name} is a member and never got in`)
    else if (!session.isMember) report('converged', `${name} is a member and believes that it was removed`)
    else if (fingerprint(session) !== expected) {
      report('converged', `${name} is in ${placeOf(session)}, others are in ${placeOf(group)}`)
    } else agreeing.push(device)
  }
  return agreeing
}

function placeOf(session: GroupSession): string {
  return `epoch ${session.epoch} ${short(session.inspect().head)}`
}

/** The epoch, its tree and its secrets. */
function fingerprint(session: GroupSession): string {
  const { head } = session.inspect()
  try {
    return `${head} ${session.epoch} ${toHex(session.export('coterie simulation', 32).bytes)}`
  } catch (error) {
    if (!CoterieError.is(error)) throw error
    return `${head} ${session.epoch} ${error.code}`
  }
}

function checkDelivery(
  agreeing: readonly SimulatedDevice[],
  honest: readonly SimulatedDevice[],
  group: GroupSession,
  ledger: Ledger,
  report: Report,
): Pick<Verdict, 'delivered' | 'lost'> {
  const history = ledger.history(group.inspect().head)
  const roster = new Set(group.members.map(({ identity }) => identity))
  const senders = new Set(honest.map(({ own }) => own.identity).filter((identity) => roster.has(identity)))
  let delivered = 0
  let lost = 0
  for (const { id, sender, audience, epoch } of ledger.sent) {
    // What a removed member had under way may be lost with it.
    if (ledger.isUnwanted(sender) || !senders.has(sender)) continue
    const atFork = ledger.rosterAt(epoch, history)
    for (const { own, name, received } of agreeing) {
      if (ledger.isUnwanted(own.identity) || !audience.has(own.identity) || !atFork.has(own.identity)) continue
      if (received.has(id)) delivered++
      else {
        lost++
        report('nothing-lost', `${name} lacks message ${short(id)}`)
      }
    }
  }
  return { delivered, lost }
}

/**
 * Whoever was in on the way that the group went is in still, if nobody wants it out. Excused is what an admin who cheats has
 * done, since policy lets it: where nobody was in the epochs between, if one of the commits there may be its.
 */
function checkNobodyLost(
  devices: readonly SimulatedDevice[],
  group: GroupSession,
  ledger: Ledger,
  report: Report,
): void {
  const roster = new Set(group.members.map(({ identity }) => identity))
  for (const { name, own, byzantine } of devices) {
    if (byzantine || roster.has(own.identity) || ledger.isUnwanted(own.identity)) continue
    const departure = ledger.departure(own.identity, group.inspect().head)
    if (departure === undefined) continue
    const { committers, admins } = departure
    const isAttack = devices.some((other) => {
      const key = toHex(other.own.device.publicKey)
      return other.byzantine && admins.has(other.own.identity) && committers.includes(key)
    })
    if (!isAttack) report('nobody-lost', `${name} was thrown out, and nobody wanted that`)
  }
}

/** Whoever was added is in, if the one who did it still is and nobody wants either out. */
function checkWishes(devices: readonly SimulatedDevice[], group: GroupSession, ledger: Ledger, report: Report): void {
  const roster = new Set(group.members.map(({ identity }) => identity))
  for (const { name, own } of devices) {
    const inviter = ledger.invited.get(own.identity)
    if (inviter === undefined || roster.has(own.identity)) continue
    const stays = [inviter, own.identity].every((identity) => !ledger.isUnwanted(identity))
    if (stays && roster.has(inviter)) report('wishes-kept', `${name} was added and is not in`)
  }
}

const NONE = { delivered: 0, lost: 0 }
