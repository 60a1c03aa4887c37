// Handing out Welcomes: of commits that have settled, and again as long as nobody has heard those who were added, since what is
// left in an inbox is kept for some days only.

import type { Draft } from './draft.ts'
import type { DeviceId, EpochNode } from './epoch-tree.ts'
import type { OwnCommit } from './own-work.ts'
import type { Context } from './session-state.ts'

/** Leaves the Welcomes that are due: nobody is let into a branch that may be given up. */
export function handOutWelcomes({ settings }: Context, draft: Draft, nowMs: number): void {
  for (const [id, own] of [...draft.ledgers.commits.entries()]) {
    const { welcome, handedOutAtMs, settlesAtMs } = own
    if (welcome === undefined || !draft.tree.isOnPath(id, draft.counters.stand)) continue
    const isAgain = handedOutAtMs !== undefined
    if (isAgain && (draft.counters.gone || !isWaitedFor(draft, own, nowMs))) continue
    // While a fork is open, the session is polled when it can be decided.
    if (draft.watch.open) continue
    const dueMs = isAgain ? handedOutAtMs + settings.welcomeAgainMs : settlesAtMs
    if (dueMs > nowMs) {
      draft.wakeAt(dueMs)
      continue
    }
    for (const inbox of welcome.inboxes) draft.welcomes.push({ inbox, welcome: welcome.message, isAgain })
    draft.ledgers.commits.set(id, { ...own, handedOutAtMs: nowMs })
  }
}

/** Whether this device has added somebody whose Welcome has not been handed out. */
export function owesWelcomes({ tree, counters, ledgers }: Draft): boolean {
  return [...ledgers.commits.values()].some(
    ({ node, welcome, handedOutAtMs }) =>
      welcome !== undefined && handedOutAtMs === undefined && tree.isOnPath(node, counters.stand),
  )
}

/** Whether a commit has added somebody who is a member still, may yet join, and of whom nothing was heard since. */
export function isWaitedFor(draft: Draft, { node: id, settlesAtMs }: OwnCommit, nowMs: number): boolean {
  const node = draft.tree.get(id)
  if (node === undefined || nowMs > settlesAtMs + SERVES_MS) return false
  return newcomersOf(draft, node).some((device) => {
    const peer = draft.ledgers.peers.get(device)
    return peer !== undefined && peer.height < node.height && draft.here.roster.devices.has(device)
  })
}

function newcomersOf({ tree }: Draft, { parent, roster, readded }: EpochNode): DeviceId[] {
  const before = parent === undefined ? undefined : tree.get(parent)
  if (before === undefined || before.roster.name === roster.name) return [...readded]
  return [...readded, ...[...roster.devices].filter((device) => !before.roster.devices.has(device))]
}

/** No key package is good for longer. */
const SERVES_MS = 90 * 24 * 3_600_000
