// Whether all see the same messages in the same order, and each after those that its sender had before it. A device sorts its log
// by what the messages say, so that it is enough that they say the same everywhere, and what is right.

import { equalBytes, toHex } from '../../bytes.ts'
import { compareMessages } from '../../content/message-content.ts'
import { decodeStoredMessage, type StoredMessage } from '../../session/message-record.ts'
import type { SimulatedDevice } from './device.ts'
import { short } from './trace.ts'

/** @param report - told what is wrong, in words */
export function checkOrder(honest: readonly SimulatedDevice[], report: (what: string) => void): void {
  checkContent(honest, report)
  const keys = new Set(honest.map(keyOf))
  for (const device of honest) {
    const messages = [...device.disk.log].map(([place, bytes]) => decodeStoredMessage(place, bytes))
    const { name } = device
    // Whoever cheats may give its messages what numbers it likes.
    checkSequences(
      name,
      messages.filter(({ deviceKey }) => keys.has(toHex(deviceKey))),
      report,
    )
    checkCauses(name, keyOf(device), messages, report)
  }
}

/** A message is the same, byte by byte, wherever it is. */
function checkContent(honest: readonly SimulatedDevice[], report: (what: string) => void): void {
  const first = new Map<string, { readonly name: string; readonly bytes: Uint8Array }>()
  for (const { name, disk } of honest) {
    for (const [place, bytes] of disk.log) {
      const id = toHex(decodeStoredMessage(place, bytes).id)
      const known = first.get(id)
      if (known === undefined) first.set(id, { name, bytes })
      else if (!equalBytes(known.bytes, bytes)) {
        report(`message ${short(id)} is another with ${name} than with ${known.name}`)
      }
    }
  }
}

/** What a device has sent is shown in the order in which it was sent. */
function checkSequences(name: string, messages: readonly StoredMessage[], report: (what: string) => void): void {
  const latest = new Map<string, StoredMessage>()
  for (const message of [...messages].sort(compareMessages)) {
    const sender = toHex(message.deviceKey)
    const before = latest.get(sender)
    if (before !== undefined && before.content.seq >= message.content.seq) {
      report(`${name} shows message ${shortOf(message)} of a member behind ${shortOf(before)}, which came after it`)
    }
    latest.set(sender, message)
  }
}

/** What a device sends is shown behind all that its log had when it sent it. */
function checkCauses(
  name: string,
  own: string,
  messages: readonly StoredMessage[],
  report: (what: string) => void,
): void {
  let last: StoredMessage | undefined
  for (const message of [...messages].sort((a, b) => a.place - b.place)) {
    const isLast = last === undefined || compareMessages(last, message) < 0
    if (!isLast && toHex(message.deviceKey) === own) {
      report(`${name} sent message ${shortOf(message)} when it had one that is shown behind it`)
    }
    if (isLast) last = message
  }
}

function keyOf({ own }: SimulatedDevice): string {
  return toHex(own.device.publicKey)
}

function shortOf({ id }: StoredMessage): string {
  return short(toHex(id))
}
