// Whether this device is in the group. It is, too, where the group has just given it a new leaf whose keys it does not have
// yet, since the Welcome is on its way (spec/repair.md).

import { fail } from '../errors.ts'
import type { Draft } from './draft.ts'
import type { Context } from './session-state.ts'

type View = Pick<Draft, 'counters' | 'here'>

export function isMember({ self }: Pick<Context, 'self'>, { counters, here }: View): boolean {
  return !counters.gone && here.roster.devices.has(self)
}

/** @throws CoterieError `GROUP_REMOVED` (caller) */
export function requireMember(context: Pick<Context, 'self'>, view: View): void {
  if (!isMember(context, view)) fail('GROUP_REMOVED', 'this device is no longer a member of the group')
}
