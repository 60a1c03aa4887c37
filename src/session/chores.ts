// What the group has been asked to do, and any member can commit: to let members go, to add them again, and to let in those
// who came by an invite.

import { toHex } from '../bytes.ts'
import { leafAt, members } from '../tree/ratchet-tree.ts'
import { dueAdmissions, giveUpAdmission } from './admissions.ts'
import type { Draft } from './draft.ts'
import { leafOf, type Planner } from './intents.ts'
import type { StoredRequest } from './peers.ts'
import { decodeLeaveRequest, decodeReentryRequest, generationOf, leafHash } from './requests.ts'
import type { Context } from './session-state.ts'

export interface Chore {
  /** Who asks. */
  readonly device: string
  readonly receivedAtMs: number
  /** Whether this device alone commits it, since it has decided so. */
  readonly mine: boolean
  plan(planner: Planner): void
  /** It cannot be committed. */
  giveUp(): void
}

/** Requests that can be fulfilled where this device stands; those that have been are forgotten. */
export function dueChores(context: Context, draft: Draft, nowMs: number): Chore[] {
  const { requests } = draft.ledgers
  const chores: Chore[] = []
  for (const [key, request] of [...requests.entries()]) {
    const device = key.slice(key.indexOf('/') + 1)
    const chore = request.kind === 'leave' ? leaving(context, draft, device, request) : entering(draft, device, request)
    if (chore === undefined) requests.delete(key)
    else chores.push({ ...chore, mine: false, giveUp: () => requests.delete(key) })
  }
  for (const [key, admission] of dueAdmissions(draft, nowMs)) {
    const { invite, keyPackage, inbox, receivedAtMs, state } = admission
    chores.push({
      device: toHex(keyPackage.leafNode.signatureKey),
      receivedAtMs,
      mine: state === 'approved',
      plan: (planner) => planner.admit(invite, { keyPackage, inbox }, admission),
      giveUp: () => giveUpAdmission(draft, key),
    })
  }
  return chores
}

type Carrying = Pick<Chore, 'device' | 'receivedAtMs' | 'plan'>

function leaving(
  context: Context,
  draft: Draft,
  device: string,
  { body, receivedAtMs }: StoredRequest,
): Carrying | undefined {
  const { tree } = draft.here.state
  const request = decodeLeaveRequest(body)
  const wanted = toHex(request.leaf)
  for (const { leafIndex, leafNode } of members(tree)) {
    if (toHex(leafNode.signatureKey) !== device || toHex(leafHash(context.wire, leafNode)) !== wanted) continue
    return { device, receivedAtMs, plan: (planner) => planner.letGo(leafIndex, request) }
  }
  return undefined
}

function entering(draft: Draft, device: string, { body, receivedAtMs }: StoredRequest): Carrying | undefined {
  const { state } = draft.here
  const request = decodeReentryRequest(body)
  const leafIndex = leafOf(state, device)
  const leafNode = leafIndex === undefined ? undefined : leafAt(state.tree, leafIndex)
  if (leafIndex === undefined || leafNode === undefined) return undefined
  if (generationOf(leafNode) >= generationOf(request.keyPackage.leafNode)) return undefined
  return { device, receivedAtMs, plan: (planner) => planner.replace(leafIndex, request) }
}
