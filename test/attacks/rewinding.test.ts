// Members who try to carry the group back to where it was, or off to where it never went.
import { expect, test } from 'vitest'
import { DEFAULT_SETTINGS } from '../../src/session/settings.ts'
import type { Actor } from './actor.ts'
import { Hand, type MadeCommit } from './hand.ts'
import { byRank } from './ranks.ts'
import { agree, Stage } from './stage.ts'

const NAMES = ['ann', 'bob', 'cid', 'dee']

test('a late commit on an old epoch', async () => {
  const stage = await Stage.open({ seed: 'late', members: NAMES })
  // The attacker would win every tie there, and nobody but one member commits: one against one.
  const [late, busy, ...others] = byRank(stage.members) as [Actor, Actor, ...Actor[]]
  const hand = Hand.of(late, stage.nowMs)
  for (const name of ['1', '2', '3']) {
    await stage.submit(busy, { kind: 'rename', name })
    await stage.run(1_000)
  }
  const head = busy.head
  late.online = false
  const made = await hand.commit({ statement: 1_000n, intents: [{ kind: 'rename', name: 'late' }] })
  await stage.show([made.frame], [busy, ...others])
  await stage.run(10_000)
  for (const victim of [busy, ...others]) {
    expect(victim.head).toBe(head)
    expect(victim.here.profile.name).toBe('3')
    expect(victim.told('epoch').at(-1)?.epoch).toBe(5n - 1n)
    // It is known, as a branch on which nobody is but its maker.
    expect(victim.knows(made.id)).toBe(true)
    expect(victim.told('fork-resolved')).toEqual([])
  }
})

test('a removed member rewinding its removal', async () => {
  const stage = await Stage.open({ seed: 'rewinding', members: NAMES, admins: 4 })
  const [removed, remover, ...others] = byRank(stage.members) as [Actor, Actor, ...Actor[]]
  const hand = Hand.of(removed, stage.nowMs)
  await stage.submit(remover, { kind: 'remove', identity: removed.own.identity })
  await stage.run(1_000)
  expect(removed.told('removed')).toHaveLength(1)
  removed.online = false
  // Where it still is a member it removes its remover, says that it stands there, and keeps on saying it.
  const made = await hand.commit({ statement: 50n, intents: [{ kind: 'remove', identity: remover.own.identity }] })
  await stage.show([made.frame], [remover, ...others])
  for (let number = 51n; number < 56n; number++) {
    await stage.show([await hand.vote(number, made.next.path)], [remover, ...others])
    await stage.run(1_000)
  }
  await stage.run(10_000)
  for (const victim of [remover, ...others]) {
    expect(victim.here.members.map(({ identity }) => identity)).not.toContain(removed.own.identity)
    expect(victim.here.isMember).toBe(true)
    expect(victim.told('removed')).toEqual([])
  }
  expect(agree([remover, ...others])).toBe(true)
  await stage.say(remover, 'without you')
  await stage.run(5_000)
  for (const one of others) expect(one.texts).toEqual(['without you'])
  expect(removed.texts).toEqual([])
})

test('a long private chain of self-updates', async () => {
  const stage = await Stage.open({ seed: 'chain', members: NAMES })
  const [loner, busy, ...others] = byRank(stage.members) as [Actor, Actor, ...Actor[]]
  const chain = await chainOf(Hand.of(loner, stage.nowMs), 30)
  loner.online = false
  await stage.submit(busy, { kind: 'rename', name: 'together' })
  await stage.run(1_000)
  const head = busy.head
  await stage.show(
    chain.map(({ frame }) => frame),
    [busy, ...others],
  )
  const last = chain.at(-1) as MadeCommit
  await stage.show([await last.next.vote(last.next.statement + 1n)], [busy, ...others])
  await stage.run(40_000)
  for (const victim of [busy, ...others]) {
    expect(victim.head).toBe(head)
    expect(victim.here.inspect().detached).toBe(false)
    expect(victim.knows(chain[0]?.id ?? '')).toBe(true)
  }
})

test('a withheld branch released at the pruning edge', async () => {
  const stage = await Stage.open({ seed: 'edge', members: NAMES })
  const [loner, busy, near, far] = byRank(stage.members) as [Actor, Actor, Actor, Actor]
  const chain = await chainOf(Hand.of(loner, stage.nowMs), 12)
  loner.online = false
  const edge = DEFAULT_SETTINGS.retainedEpochs
  const epochs: string[] = [busy.head]
  for (let i = 0; i < edge; i++) {
    await stage.submit(busy, { kind: 'rename', name: `${i}` })
    await stage.run(1_000)
    epochs.push(busy.head)
  }
  // One still has the keys of the epoch on which the branch was made; the other has just given them up.
  stage.reaches = (from, to) => from !== near && to !== near
  await stage.submit(busy, { kind: 'rename', name: 'beyond' })
  await stage.run(1_000)
  const hasKeys = (one: Actor): boolean =>
    one.here.inspect().epochs.some((epoch) => epoch.id === epochs[0] && epoch.hasKeys)
  expect([near, far].map(hasKeys)).toEqual([true, false])
  const frames = chain.map(({ frame }) => frame)
  const last = chain.at(-1) as MadeCommit
  const votes = [await last.next.vote(last.next.statement + 1n)]
  await stage.show([...frames, ...votes], [near, far])
  stage.heal()
  await stage.run(5_000)
  await stage.show([...frames, ...votes], [busy, near, far])
  await stage.run(60_000)
  const head = busy.head
  for (const victim of [busy, near, far]) {
    expect(victim.head).toBe(head)
    expect(victim.here.profile.name).toBe('beyond')
    expect(victim.here.inspect().detached).toBe(false)
    expect(victim.told('detached')).toEqual([])
  }
  expect(agree([busy, near, far])).toBe(true)
})

async function chainOf(hand: Hand, length: number): Promise<MadeCommit[]> {
  const chain: MadeCommit[] = []
  for (let at = hand; chain.length < length; ) {
    const made = await at.commit()
    chain.push(made)
    at = made.next
  }
  return chain
}
