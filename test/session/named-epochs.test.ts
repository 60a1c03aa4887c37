// Epochs that nobody shows and somebody names: how long they have been waited for is remembered while they are named.
import { expect, test } from 'vitest'
import { Draft } from '../../src/session/draft.ts'
import { follow } from '../../src/session/following.ts'
import { Overlay } from '../../src/session/overlay.ts'
import { restoreSession } from '../../src/session/restoring.ts'
import { contextOf, newWatch, openTopics } from '../../src/session/session-state.ts'
import { Stage } from '../attacks/stage.ts'

test('of epochs that are named, those are remembered that somebody names still', async () => {
  const stage = await Stage.open({ seed: 'names', members: ['ann', 'bob', 'cid'] })
  const [ann, bob, cid] = stage.cast('ann', 'bob', 'cid')
  const { tree, counters, ledgers } = restoreSession(ann.suite, ann.records)
  const context = contextOf(ann.context({}), ann.here.groupId)
  const rendezvous = await openTopics(context.wire, ledgers.topics)
  const watch = newWatch(stage.nowMs)
  const draft = new Draft({ tree, counters, ledgers, rendezvous, watch, told: new Overlay() }, false)
  const { id, height, committer, removed } = tree.at(counters.stand)
  const here = { id, height, committer, removed }
  const name = async (device: string, number: bigint, epoch: string): Promise<void> => {
    const path = [{ id: epoch, height: height + 1n, committer: 1, removed: [] }, here]
    ledgers.statements.set(device, { device, number, path, stuck: false, conflict: false })
    await follow(context, draft, stage.nowMs + 1_000 * Number(number))
  }
  const firstMs = stage.nowMs + 1_000
  await name(bob.device, 1n, 'ab')
  expect(draft.watch.forks.get('ab')?.sinceMs).toBe(firstMs)
  // Before the other one in the order of names, and so waited for in its place.
  for (let i = 2n; i < 200n; i++) await name(cid.device, i, `${i}`)
  expect(draft.watch.forks.has('199')).toBe(true)
  // These two, and the fork itself.
  expect(draft.watch.forks.size).toBe(3)
  expect(draft.watch.forks.get('ab')?.sinceMs).toBe(firstMs)
})
