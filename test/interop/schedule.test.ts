// The driver of random schedules, with peers alone: their quirks show here, before anything else meets them.
import { expect, test } from 'vitest'
import { coreCrypto } from './peers/core-crypto.ts'
import { daveyPeer } from './peers/davey.ts'
import { newExternalSender } from './peers/external-sender.ts'
import { qualifiedClientId, userNumber } from './peers/identities.ts'
import type { MemberOptions, Peer, PeerMember } from './peers/peer.ts'
import { tsMls } from './peers/ts-mls.ts'
import { runSchedule, type ScheduleOptions } from './schedule.ts'

const MIXED: Omit<ScheduleOptions, 'seed'> = {
  steps: 30,
  suite: 1,
  peers: [coreCrypto, tsMls],
  identityOf: qualifiedClientId,
  groupId: new TextEncoder().encode('schedule'),
  maxMembers: 8,
}

test.each([1, 2, 3])('core-crypto and ts-mls agree all along, seed %i', async (seed) => {
  const { log, counts } = await runSchedule({ ...MIXED, seed })
  const steps = Object.values(counts).reduce((sum, count) => sum + count, 0)
  expect(steps).toBe(MIXED.steps)
  expect(log.length).toBeGreaterThan(steps)
})

test('every operation runs', async () => {
  const { counts } = await runSchedule({ ...MIXED, seed: 7, steps: 60 })
  expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([])
})

test('davey agrees with itself', async () => {
  const { counts } = await runSchedule({
    seed: 1,
    steps: 12,
    suite: 2,
    peers: [daveyPeer],
    identityOf: userNumber,
    groupId: userNumber(0x4321),
    externalSender: await newExternalSender('gateway'),
    maxMembers: 6,
  })
  expect(counts.add + counts.remove).toBe(12)
})

test('a seed decides the schedule', async () => {
  const [first, second] = [await runSchedule({ ...MIXED, seed: 11 }), await runSchedule({ ...MIXED, seed: 11 })]
  expect(second.log).toEqual(first.log)
  expect((await runSchedule({ ...MIXED, seed: 12 })).log).not.toEqual(first.log)
})

test('a member with other secrets is found out, and the message has seed and steps', async () => {
  await expect(runSchedule({ ...MIXED, seed: 5, peers: [tsMls, withOtherSecretsAfter(tsMls, 3n)] })).rejects.toThrow(
    /^seed 5: ts-mls .* disagree on exporter:(.|\n)*create: by ts-mls#1/,
  )
})

test('a member that misreads a message is found out', async () => {
  await expect(runSchedule({ ...MIXED, seed: 5, peers: [tsMls, misreading(tsMls)] })).rejects.toThrow(
    /read something else/,
  )
})

function withOtherSecretsAfter(peer: Peer, epoch: bigint): Peer {
  return altered(peer, (member) => ({
    evidence: async () => {
      const evidence = await member.evidence()
      return (await member.epoch()) > epoch ? { ...evidence, exporter: new Uint8Array(32) } : evidence
    },
  }))
}

function misreading(peer: Peer): Peer {
  return altered(peer, (member) => ({
    decrypt: async (message) => (await member.decrypt(message)).slice(1),
  }))
}

/** A peer whose members behave differently in some methods. */
function altered(peer: Peer, change: (member: PeerMember) => Partial<PeerMember>): Peer {
  return {
    ...peer,
    newMember: async (options: MemberOptions): Promise<PeerMember> => {
      const member = await peer.newMember(options)
      const changes = change(member)
      return new Proxy(member, {
        get: (target, name) => {
          const value = Reflect.get(name in changes ? changes : target, name)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
    },
  }
}
