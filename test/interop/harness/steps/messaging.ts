// The actions that send and read application data, and the one that asks for a GroupInfo.
import { utf8 } from '../../../../src/bytes.ts'
import { protect, unprotect } from '../agreement.ts'
import { requireTree } from '../moves.ts'
import type { Run } from '../run.ts'
import type { GroupInfoStep, ProtectStep, UnprotectStep } from '../script.ts'

export async function send(run: Run, step: ProtectStep, index: number): Promise<void> {
  const { actor, authenticatedData, plaintext } = step
  run.messages.set(index, await protect(run, run.seat(actor), utf8(authenticatedData), utf8(plaintext)))
}

export async function read(run: Run, { actor, ciphertext }: UnprotectStep): Promise<void> {
  await unprotect(run, run.seat(actor), run.product(actor, run.messages, ciphertext))
}

export async function groupInfo(run: Run, { actor, externalTree }: GroupInfoStep): Promise<void> {
  const { stateId } = run.seat(actor)
  const given = await run.call(actor, 'GroupInfo', { stateId, externalTree })
  if (given.groupInfo.length === 0) run.fail(actor, 'gave no GroupInfo')
  requireTree(run, actor, externalTree, given.ratchetTree)
}
