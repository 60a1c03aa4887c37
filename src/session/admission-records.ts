// Requests by an invite as a session keeps them, until the invite has expired.

import { utf8 } from '../bytes.ts'
import { encode } from '../codec/writer.ts'
import { fail } from '../errors.ts'
import { decodeKeyPackage, encodeKeyPackage, type KeyPackage } from '../messages/key-package.ts'
import type { InboxAddress } from '../wire/inbox.ts'
import { stored, storedText } from './stored.ts'

/** What this device makes of a request. */
type AdmissionState = 'waiting' | 'approved' | 'refused' | 'answered'

/** Where somebody for whom something is left says that they can be reached, and by which relays. */
export interface Whereabouts {
  readonly addresses: readonly string[]
  readonly relays: readonly string[]
}

export interface Admission extends Whereabouts {
  /** See `inviteKey`. */
  readonly invite: string
  readonly keyPackage: KeyPackage
  /** See `admissionMark`. */
  readonly mark: string
  /** Where the Welcome, or the answer, is to be left. */
  readonly inbox: InboxAddress
  readonly answerKey: Uint8Array
  readonly note: string
  readonly receivedAtMs: number
  /** The peer that passed it on. */
  readonly from: string
  /** `approved` by this device, which commits it; `refused`: the joiner is to be told; `answered`: has been told. */
  readonly state: AdmissionState
}

export function encodeAdmission(admission: Admission): Uint8Array {
  return encode((writer) => {
    writer.opaque(utf8(admission.invite))
    encodeKeyPackage(writer, admission.keyPackage)
    writer.opaque(utf8(admission.mark))
    writer.opaque(admission.inbox.seed)
    writer.opaque(admission.inbox.publicKey)
    for (const list of [admission.addresses, admission.relays]) {
      writer.vector(list, (inner, address) => inner.opaque(utf8(address)))
    }
    writer.opaque(admission.answerKey)
    writer.opaque(utf8(admission.note))
    writer.uint64(BigInt(admission.receivedAtMs))
    writer.uint8(STATES.indexOf(admission.state))
    writer.opaque(utf8(admission.from))
  }, undefined)
}

/** @throws CoterieError `STORE_CORRUPT` (environment) */
export function decodeAdmission(bytes: Uint8Array): Admission {
  return stored(
    (reader) => ({
      invite: storedText(reader),
      keyPackage: decodeKeyPackage(reader),
      mark: storedText(reader),
      inbox: { seed: reader.opaque(), publicKey: reader.opaque() },
      addresses: reader.vector(storedText),
      relays: reader.vector(storedText),
      answerKey: reader.opaque(),
      note: storedText(reader),
      receivedAtMs: Number(reader.uint64()),
      state: STATES[reader.uint8()] ?? fail('STORE_CORRUPT', 'a request by an invite in an unknown state'),
      // Records of before did not say.
      from: reader.remaining > 0 ? storedText(reader) : '',
    }),
    bytes,
  )
}

/** In the order in which they are numbered in records. */
const STATES: readonly AdmissionState[] = ['waiting', 'approved', 'refused', 'answered']
