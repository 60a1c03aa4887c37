// Members who try to decide alone where the group goes, by how and when they commit.
import { expect, test } from 'vitest'
import type { Actor } from './actor.ts'
import { Hand, type MadeCommit } from './hand.ts'
import { byRank } from './ranks.ts'
import { agree, Stage } from './stage.ts'

const NAMES = ['ann', 'bob', 'cid', 'dee']

test('grinding a commit', async () => {
  const stage = await Stage.open({ seed: 'grinding', members: NAMES })
  const [honest, ...others] = byRank(stage.members) as [Actor, ...Actor[]]
  const [deceived, undeceived, grinder] = others as [Actor, Actor, Actor]
  grinder.online = false
  stage.reaches = () => false
  const hand = Hand.of(grinder, stage.nowMs)
  await stage.submit(honest, { kind: 'rename', name: 'honest' })
  const honestEpoch = honest.head
  // As many tries as it takes for a name that comes first, and forty more.
  const tries: MadeCommit[] = []
  while (tries.length < 40 || !tries.some(({ id }) => id < honestEpoch)) {
    tries.push(await hand.commit({ intents: [{ kind: 'rename', name: `ground ${tries.length}` }] }))
  }
  const best = tries.reduce((a, b) => (a.id < b.id ? a : b))
  expect(best.id < honestEpoch).toBe(true)
  // Two stand on either side, one of them the grinder itself: a tie, which the name does not decide.
  await stage.show([best.frame, await best.next.vote(best.next.statement + 1n)], [deceived])
  await stage.show(honest.published.slice(-1), [undeceived])
  expect(deceived.head).toBe(best.id)
  stage.heal()
  await stage.show([best.frame, await best.next.vote(best.next.statement + 1n)], stage.members)
  await stage.run(10_000)
  for (const one of [honest, deceived, undeceived]) {
    expect(one.head).toBe(honestEpoch)
    expect(one.here.profile.name).toBe('honest')
    expect(one.knows(best.id)).toBe(true)
  }
  expect(deceived.told('fork-resolved')).toEqual([{ type: 'fork-resolved', from: 2n, to: 2n, moved: true }])
})

test('always committing first', async () => {
  const stage = await Stage.open({ seed: 'first', members: NAMES })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  const honest = [ann, bob, cid]
  const carriedOut = (): boolean => honest.every(({ here }) => here.profile.name === 'what bob wants')
  // Dee commits again before anybody's turn comes, and everybody gets its commits before those of others.
  dee.online = false
  let { next: hand, frame } = await Hand.of(dee, stage.nowMs).commit()
  await stage.show([frame], [ann, cid])
  await stage.submit(bob, { kind: 'rename', name: 'what bob wants' })
  await stage.show([frame], [bob])
  const attempts = new Set<string>()
  for (let round = 0; round < 40 && !carriedOut(); round++) {
    await stage.run(250)
    if (honest.some(({ head }) => head !== hand.id)) continue
    const made = await hand.commit()
    attempts.add(made.id)
    await stage.show([made.frame], honest)
    hand = made.next
  }
  expect(carriedOut()).toBe(true)
  expect(attempts.size).toBeGreaterThan(5)
  await stage.run(5_000)
  expect(bob.here.inspect().intents).toEqual([])
  expect(bob.told('intent-failed')).toEqual([])
  expect(agree(honest)).toBe(true)
})

test('two commits by one device on one parent, each to half of the group', async () => {
  const stage = await Stage.open({ seed: 'two commits', members: [...NAMES, 'eve'] })
  const [ann, bob, cid, dee, eve] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve')
  eve.online = false
  const hand = Hand.of(eve, stage.nowMs)
  const one = await hand.commit({ intents: [{ kind: 'rename', name: 'one' }] })
  const other = await hand.commit({ intents: [{ kind: 'rename', name: 'other' }] })
  stage.reaches = () => false
  await stage.show([one.frame], [ann, bob])
  await stage.show([other.frame], [cid, dee])
  expect([ann, bob].map(({ head }) => head)).toEqual([one.id, one.id])
  expect([cid, dee].map(({ head }) => head)).toEqual([other.id, other.id])
  await stage.say(ann, 'from one side')
  await stage.say(dee, 'from the other')
  stage.heal()
  await stage.run(15_000)
  expect(agree([ann, bob, cid, dee])).toBe(true)
  for (const victim of [ann, bob, cid, dee]) {
    const equivocations = victim.told('equivocation')
    expect(equivocations).toEqual([{ type: 'equivocation', identity: eve.own.identity, device: eve.device }])
    expect(victim.here.inspect().votes.find(({ device }) => device === eve.device)?.conflict).toBe(true)
  }
  // What was said on the side that lost is read all the same.
  expect(bob.texts.toSorted()).toEqual(['from one side', 'from the other'])
  expect(cid.texts.toSorted()).toEqual(['from one side', 'from the other'])
  expect(ann.texts).toEqual(['from the other'])
  expect(dee.texts).toEqual(['from one side'])
})

test('two commits in each epoch, without end', async () => {
  const stage = await Stage.open({ seed: 'without end', members: [...NAMES, 'eve'] })
  const [ann, bob, cid, dee, eve] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve')
  const honest = [ann, bob, cid, dee]
  eve.online = false
  let statement = 100n
  const pairOn = async (hand: Hand): Promise<[MadeCommit, MadeCommit]> => [
    await hand.commit({ statement: statement++ }),
    await hand.commit({ statement: statement++ }),
  ]
  // The next two are known before it is decided between the last two: there is never a moment without a fork.
  const first = await Hand.of(eve, stage.nowMs).commit({ statement: statement++ })
  let pair = await pairOn(first.next)
  await stage.show([...pair.map(({ frame }) => frame), first.frame], honest)
  await stage.submit(bob, { kind: 'rename', name: 'what bob wants' })
  await stage.submit(ann, { kind: 'remove', identity: eve.own.identity })
  const isOut = (): boolean => honest.every(({ here }) => here.members.length === honest.length)
  for (let rounds = 0; rounds < 100 && !isOut(); rounds++) {
    await stage.run(400)
    pair = await pairOn(pair[1].next)
    await stage.show(
      pair.map(({ frame }) => frame),
      honest,
    )
  }
  expect(isOut()).toBe(true)
  await stage.run(10_000)
  expect(agree(honest)).toBe(true)
  expect(ann.here.profile.name).toBe('what bob wants')
  // And everybody is told who it is.
  for (const one of honest) {
    expect(one.told('equivocation')[0]).toEqual({
      type: 'equivocation',
      identity: eve.own.identity,
      device: eve.device,
    })
  }
})
