// What a member has left in somebody's inbox, told to the others of the group so that they hold it as well: it gets there
// through any of them, when the one who left it is off (spec/inbox.md).

import { type Decoder, decode } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import { CoterieError, fail } from '../errors.ts'
import type { Draft } from './draft.ts'
import type { Mail } from './effects.ts'
import { PayloadKind } from './payload.ts'
import { publish } from './publishing.ts'
import type { Context } from './session-state.ts'

/** How large the frames for one inbox may be together, in bytes: all members get them. */
const MAX_MAIL_BYTES = 65_536

/** Tells the members of the epoch where this device stands. What is too large is left out. */
export async function tellOfMail(context: Context, draft: Draft, mail: readonly Mail[], nowMs: number): Promise<void> {
  if (draft.here.state.status !== 'active' || draft.here.roster.devices.size === 1) return
  for (const one of mail) {
    if (bytesOf(one) > MAX_MAIL_BYTES) continue
    await publish(context, draft, draft.here, PayloadKind.mail, encodeMail(one), nowMs)
  }
}

/** @throws CoterieError `FRAME_MALFORMED` (peer) */
export function takeMail(draft: Draft, body: Uint8Array): void {
  draft.mail.push(decodeMail(body))
}

export function encodeMail(mail: Mail): Uint8Array {
  return encode(writeMail, mail)
}

/** @throws CoterieError `FRAME_MALFORMED` (peer): not to be parsed, or too much */
export function decodeMail(body: Uint8Array): Mail {
  const mail = parse(body)
  if (bytesOf(mail) > MAX_MAIL_BYTES) fail('FRAME_MALFORMED', 'more for an inbox than members hold')
  return mail
}

function parse(body: Uint8Array): Mail {
  try {
    return decode(readMail, body)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('FRAME_MALFORMED', 'what was left in an inbox, and cannot be parsed', { cause })
  }
}

function bytesOf({ frames }: Mail): number {
  return frames.reduce((sum, { length }) => sum + length, 0)
}

const writeMail: Encoder<Mail> = (writer, { topicSeed, frames }) => {
  writer.fixed(topicSeed)
  writer.vector(frames, (inner, frame) => inner.opaque(frame))
}

const readMail: Decoder<Mail> = (reader) => ({
  topicSeed: reader.fixed(SEED_BYTES),
  frames: reader.vector((inner) => inner.opaque()),
})

const SEED_BYTES = 32
