// What members have asked the group to do for them, and any member can commit: to let them go, or to add them again.

import { toHex } from '../bytes.ts'
import { leafAt, members } from '../tree/ratchet-tree.ts'
import type { Draft } from './draft.ts'
import { leafOf, type Planner } from './intents.ts'
import type { StoredRequest } from './peers.ts'
import { decodeLeaveRequest, decodeReentryRequest, generationOf, leafHash } from './requests.ts'
import type { Context } from './session-state.ts'

export interface Chore {
  /** The request's. */
  readonly key: string
  /** Who asks. */
  readonly device: string
  readonly receivedAtMs: number
  plan(planner: Planner): void
}

/** Requests that can be fulfilled where this device stands; those that have been are forgotten. */
export function dueChores(context: Context, draft: Draft): Chore[] {
  const { requests } = draft.ledgers
  const chores: Chore[] = []
  for (const [key, request] of [...requests.entries()]) {
    const device = key.slice(key.indexOf('/') + 1)
    const chore = request.kind === 'leave' ? leaving(context, draft, device, request) : entering(draft, device, request)
    if (chore === undefined) requests.delete(key)
    else chores.push({ ...chore, key })
  }
  return chores
}

function leaving(
  context: Context,
  draft: Draft,
  device: string,
  { body, receivedAtMs }: StoredRequest,
): Omit<Chore, 'key'> | undefined {
  const { tree } = draft.here.state
  const request = decodeLeaveRequest(body)
  const wanted = toHex(request.leaf)
  for (const { leafIndex, leafNode } of members(tree)) {
    if (toHex(leafNode.signatureKey) !== device || toHex(leafHash(context.wire, leafNode)) !== wanted) continue
    return { device, receivedAtMs, plan: (planner) => planner.letGo(leafIndex, request) }
  }
  return undefined
}

function entering(draft: Draft, device: string, { body, receivedAtMs }: StoredRequest): Omit<Chore, 'key'> | undefined {
  const { state } = draft.here
  const request = decodeReentryRequest(body)
  const leafIndex = leafOf(state, device)
  const leafNode = leafIndex === undefined ? undefined : leafAt(state.tree, leafIndex)
  if (leafIndex === undefined || leafNode === undefined) return undefined
  if (generationOf(leafNode) >= generationOf(request.keyPackage.leafNode)) return undefined
  return { device, receivedAtMs, plan: (planner) => planner.replace(leafIndex, request) }
}
