// Commits that are sound as far as everybody can see, with path secrets that only some can decrypt (RFC 9420 §16.12).
import { expect, test } from 'vitest'
import type { Actor } from './actor.ts'
import { Hand } from './hand.ts'
import { byRank, leafKey } from './ranks.ts'
import { agree, Stage } from './stage.ts'

const NAMES = ['ann', 'bob', 'cid', 'dee', 'eve', 'fay']

test('a commit malformed for one subtree', async () => {
  const stage = await Stage.open({ seed: 'subtree', members: NAMES })
  const [ann, bob, cid, dee, eve, fay] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve', 'fay')
  // Cid's commit gives the node above cid and dee a key, which the malformed commit is encrypted to.
  await stage.submit(cid, { kind: 'rename', name: 'cid' })
  await stage.run(1_000)
  const made = await malformed(stage, ann, [bob, eve, fay])
  await stage.run(60_000)
  const able = [bob, eve, fay]
  const victims = [cid, dee]
  for (const victim of victims) {
    expect(victim.rejected.length).toBeGreaterThan(0)
    expect(victim.told('detached')).toHaveLength(1)
    expect(victim.told('readded')).toHaveLength(1)
  }
  for (const one of able) expect([...one.told('detached'), ...one.told('rejected')]).toEqual([])
  await goesOn(stage, [...able, ...victims])
  expect(bob.knows(made)).toBe(true)
})

test('a commit malformed for exactly half', async () => {
  for (const wins of [true, false]) {
    const stage = await where(wins, 'half')
    const [ann, ...others] = stage.members as [Actor, ...Actor[]]
    const able = others.slice(0, 2)
    await malformed(stage, ann, able)
    await stage.run(60_000)
    for (const one of able) expect(one.told('detached')).toEqual([])
    await goesOn(stage, others)
  }
})

test('a commit malformed for more than half', async () => {
  for (const wins of [true, false]) {
    const stage = await where(wins, 'more than half')
    const [ann, able, ...victims] = stage.members as [Actor, Actor, ...Actor[]]
    const made = await malformed(stage, ann, [able])
    await stage.run(60_000)
    for (const one of [able, ...victims]) {
      expect(one.told('detached')).toEqual([])
      // The group has gone on from the epoch before.
      const { head, epochs } = one.here.inspect()
      expect(epochs.find(({ id }) => id === head)?.parent).not.toBe(made)
      expect(head).not.toBe(made)
    }
    expect(able.told('fork-resolved').at(-1)?.moved).toBe(true)
    for (const victim of victims) {
      expect(victim.here.inspect().epochs.find(({ id }) => id === made)).toMatchObject({ broken: true, hasKeys: false })
    }
    await goesOn(stage, [able, ...victims])
  }
})

test('a commit malformed for nearly all, while they talk', async () => {
  const stage = await where(true, 'while they talk')
  const [ann, able, ...victims] = stage.members as [Actor, Actor, ...Actor[]]
  await malformed(stage, ann, [able])
  // They wait for their turns to go on without it, and forget nothing of that over what they have to do in between.
  await stage.run(510)
  for (const one of victims) await stage.perform(one, (session) => session.markPublished([], stage.nowMs))
  await stage.run(5_000)
  await goesOn(stage, [able, ...victims])
})

test('malformed commits without end', async () => {
  const stage = await Stage.open({ seed: 'malformed without end', members: NAMES })
  const [ann, bob, cid, dee, eve, fay] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve', 'fay')
  const victims = [ann, bob, cid, dee, eve]
  for (let i = 0n; i < 120n; i++) {
    const { frame } = await Hand.of(fay, stage.nowMs).commit({ statement: 1_000n + i, readableFor: [] })
    await stage.show([frame], victims)
    if (i % 20n === 0n) await stage.submit(victims[Number(i / 20n) % 5] as Actor, { kind: 'rename', name: `wish ${i}` })
    // What they want does not have to wait until it is plain who can process what.
    await stage.run(250)
  }
  expect(victims.map(({ here }) => here.inspect().intents.filter(({ kind }) => kind === 'rename'))).toEqual(
    victims.map(() => []),
  )
  fay.online = false
  await stage.run(10_000)
  await goesOn(stage, victims)
})

/** A group whose founder, who has the keys to encrypt to each member by itself, wins all ties or none. */
async function where(founderWins: boolean, seed: string): Promise<Stage> {
  for (let tries = 0; ; tries++) {
    const stage = await Stage.open({ seed: `${seed} ${tries}`, members: NAMES })
    if (byRank(stage.members).at(founderWins ? 0 : -1) === stage.actor('ann')) return stage
  }
}

/** Shows everybody a commit that only some can process. @returns the epoch that it begins for them */
async function malformed(stage: Stage, ann: Actor, able: readonly Actor[]): Promise<string> {
  const readableFor = able.map((one) => leafKey(ann, one))
  const made = await Hand.of(ann, stage.nowMs).commit({ readableFor })
  ann.online = false
  await stage.show(
    [made.frame],
    stage.members.filter((one) => one !== ann),
  )
  for (const one of able) expect(one.head).toBe(made.id)
  return made.id
}

/** All of them are in one epoch, and whatever anybody wants happens. */
async function goesOn(stage: Stage, actors: readonly Actor[]): Promise<void> {
  expect(agree(actors)).toBe(true)
  const [first, ...others] = actors as [Actor, ...Actor[]]
  await stage.submit(first, { kind: 'rename', name: 'afterwards' })
  await stage.say(first, 'and on it goes')
  await stage.run(5_000)
  expect(agree(actors)).toBe(true)
  for (const one of others) {
    expect(one.here.profile.name).toBe('afterwards')
    expect(one.texts).toEqual(['and on it goes'])
  }
}
