// Whoever has joined with a key package gives its leaf fresh keys: that of a card may have been used by others too.
import { expect, test } from 'vitest'
import { toHex } from '../../src/bytes.ts'
import { GroupSession } from '../../src/session/group-session.ts'
import type { Actor } from '../attacks/actor.ts'
import { agree, Stage } from '../attacks/stage.ts'

/** Longer than it takes to set up the stage. */
const CALM_MS = 10_000

/** Whether a device has made a commit, which has a path with new keys for its leaf. */
function isFresh({ here, own }: Actor): boolean {
  return here.inspect().epochs.some(({ committer }) => committer === toHex(own.device.publicKey))
}

test('when the group has been calm for a while', async () => {
  const stage = await open()
  const [bob, cid] = stage.cast('bob', 'cid')
  expect([isFresh(bob), isFresh(cid)]).toEqual([false, false])
  await stage.run(5 * CALM_MS)
  expect([isFresh(bob), isFresh(cid)]).toEqual([true, true])
  expect(agree(stage.members)).toBe(true)
})

test('and where it is never calm after ten times as long, over a restart too', async () => {
  const stage = await open()
  const [ann, bob] = stage.cast('ann', 'bob')
  const goOn = async (epochs: number): Promise<void> => {
    for (let i = 0; i < epochs; i++) {
      await stage.submit(ann, { kind: 'rename', name: `${i}` })
      await stage.run(CALM_MS * 0.9)
    }
  }
  await goOn(5)
  expect(isFresh(bob)).toBe(false)
  bob.session = await GroupSession.restore(bob.context({ refreshAfterMs: CALM_MS }), bob.records)
  await stage.perform(bob, (session) => session.poll(stage.nowMs))
  await goOn(12)
  expect(isFresh(bob)).toBe(true)
  expect(agree(stage.members)).toBe(true)
})

/** A group whose members have just joined. */
async function open(): Promise<Stage> {
  return Stage.open({ seed: 'refresh', members: ['ann', 'bob', 'cid'], settings: { refreshAfterMs: CALM_MS } })
}
