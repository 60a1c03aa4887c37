// What a session tells its app, as the trace and the ledger take it.

import { toHex } from '../../bytes.ts'
import type { SessionEvent } from '../../session/effects.ts'
import type { DeviceIdentity } from './device-identity.ts'
import type { Surroundings } from './surroundings.ts'
import { short } from './trace.ts'

/** @param place - where the session is, in words */
export function noteEvent(
  { ledger, trace }: Pick<Surroundings, 'ledger' | 'trace'>,
  { name: who, own }: { readonly name: string; readonly own: DeviceIdentity },
  event: SessionEvent,
  place: () => string,
): void {
  const { counts } = ledger
  switch (event.type) {
    case 'message':
      trace.detail(who, `receives message ${short(toHex(event.message.id))}`)
      return
    case 'delivery': {
      const { state, by, of } = event.delivery
      trace.detail(who, `knows that message ${short(toHex(event.messageId))} is ${state}, by ${by} of ${of}`)
      return
    }
    case 'rejected':
      counts.refused++
      trace.detail(who, `refuses: ${event.error.code} ${event.error.message}`)
      if (event.error.code === 'INTERNAL_INVARIANT') {
        ledger.violations.push({ invariant: 'no-internal-error', what: String(event.error.stack) })
      }
      return
    case 'intent-failed':
      ledger.gaveUp(own.identity, toHex(own.device.publicKey), event.intent)
      trace.note(who, `gives up to ${event.intent.kind}: ${event.error.message}`)
      return
    case 'equivocation':
      ledger.accused.add(event.identity)
      break
    case 'fork-resolved':
      counts.forks++
      break
    case 'detached':
      counts.detached++
      break
    case 'readded':
      counts.readds++
      break
    case 'epoch':
    case 'renamed':
    case 'described':
    case 'permissions':
    case 'removed':
    case 'unreachable':
    case 'gap':
      break
  }
  trace.note(who, `${event.type}, ${place()}`)
}
