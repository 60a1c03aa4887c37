// Whoever was let in by an invite on a branch that has lost, and whom the branch that has won cannot let in any more, was let in
// in vain (spec/invite.md): it is told so, and asks for nothing any longer.

import type { Draft } from './draft.ts'
import type { NodeId } from './epoch-tree.ts'
import type { Context } from './session-state.ts'

/**
 * Whether the group has gone on without the epoch in which this device was let in: it is detached, and of those who say where
 * they stand no fewer are on another way than on this one, itself included. So no single member can make a device believe it.
 * @param entered - where its Welcome has led
 */
export function isInVain(context: Pick<Context, 'self'>, draft: Draft, entered: NodeId): boolean {
  const { tree, here, ledgers, watch, counters } = draft
  const joined = tree.get(entered)
  if (joined === undefined || !watch.detached || counters.gone || !tree.isOnPath(entered, here.id)) return false
  let without = 0
  let within = 1
  for (const { device, path, conflict } of ledgers.statements.values()) {
    if (conflict || device === context.self || !here.roster.devices.has(device)) continue
    const known = path.find(({ id }) => tree.get(id) !== undefined)
    const isElsewhere = path.some(({ id, height }) => {
      const own = height < joined.height ? undefined : tree.ancestorAt(here.id, height)
      return own !== undefined && own.id !== id
    })
    if (known !== undefined && tree.isOnPath(entered, known.id)) within++
    else if (isElsewhere) without++
  }
  return without >= within
}

/** The device is in the group no longer, and may be let in by other ways. Nothing happens where it is not in vain. */
export function leaveInVain(context: Context, draft: Draft, entered: NodeId): void {
  if (!isInVain(context, draft, entered)) return
  draft.counters = { ...draft.counters, gone: true }
  draft.events.push({ type: 'removed' })
}
