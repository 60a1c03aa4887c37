// Whether actors are in the same epoch with the same secrets: RFC 9420 §8.7 (epoch authenticator), §8.5 (exporter), and
// a message from one of them that all others must read (§15).
import { randomBytes } from 'node:crypto'
import { equalBytes, utf8 } from '../../../src/bytes.ts'
import type { Run, Seat, SentMessage } from './run.ts'

/**
 * Compares what every seat says of its epoch: its epoch authenticator with the expected one, its exported secret with
 * that of the first seat; and sends a message from the first seat to all others.
 * @throws {StepError} at the first actor that differs.
 */
export async function verifyAgreement(run: Run, seats: readonly Seat[], epochAuthenticator: Uint8Array): Promise<void> {
  await Promise.all(
    seats.map(async ({ actor, stateId }) => {
      const { stateAuthSecret } = await run.call(actor, 'StateAuth', { stateId })
      requireSame(run, actor, 'epoch authenticator in StateAuth', stateAuthSecret, epochAuthenticator)
    }),
  )
  const [first, ...others] = seats
  if (first === undefined) return
  const expected = await exportSecret(run, first)
  await Promise.all(
    others.map(async (seat) => {
      requireSame(run, seat.actor, 'exported secret', await exportSecret(run, seat), expected)
    }),
  )
  if (others.length === 0) return
  const message = await protect(run, first, utf8(`agreed by ${seats.length}`), randomBytes(24))
  for (const seat of others) await unprotect(run, seat, message)
}

/** Compares values that actors must share; empty ones never agree. */
export function requireSame(run: Run, actor: string, what: string, own: Uint8Array, expected: Uint8Array): void {
  if (own.length === 0) run.fail(actor, `gave no ${what}`)
  if (!equalBytes(own, expected)) run.fail(actor, `disagrees on the ${what}: ${hex(own)} instead of ${hex(expected)}`)
}

/** Lets a seat encrypt application data. */
export async function protect(
  run: Run,
  { actor, stateId }: Seat,
  authenticatedData: Uint8Array,
  plaintext: Uint8Array,
): Promise<SentMessage> {
  const { ciphertext } = await run.call(actor, 'Protect', { stateId, authenticatedData, plaintext })
  return { ciphertext, authenticatedData, plaintext }
}

/** Lets a seat decrypt a message and compares what comes out with what was put in. */
export async function unprotect(run: Run, { actor, stateId }: Seat, sent: SentMessage): Promise<void> {
  const opened = await run.call(actor, 'Unprotect', { stateId, ciphertext: sent.ciphertext })
  if (!equalBytes(opened.authenticatedData, sent.authenticatedData)) {
    run.fail(actor, `got the authenticated data ${hex(opened.authenticatedData)} of ${hex(sent.authenticatedData)}`)
  }
  if (!equalBytes(opened.plaintext, sent.plaintext)) {
    run.fail(actor, `got the plaintext ${hex(opened.plaintext)} of ${hex(sent.plaintext)}`)
  }
}

async function exportSecret(run: Run, { actor, stateId }: Seat): Promise<Uint8Array> {
  const { exportedSecret } = await run.call(actor, 'Export', {
    stateId,
    label: 'interop agreement',
    context: utf8('epoch'),
    keyLength: EXPORT_BYTES,
  })
  if (exportedSecret.length !== EXPORT_BYTES) {
    run.fail(actor, `exported ${exportedSecret.length} bytes instead of ${EXPORT_BYTES}`)
  }
  return exportedSecret
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

const EXPORT_BYTES = 32
