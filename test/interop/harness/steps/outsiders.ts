// The actions by which parties outside the group propose changes (RFC 9420 §12.1.8).
import { utf8 } from '../../../../src/bytes.ts'
import { describeProposal, describeReInit, reInitTarget } from '../proposals.ts'
import type { Run } from '../run.ts'
import type { AddExternalSignerStep, ExternalSignerProposalStep, NewMemberAddProposalStep } from '../script.ts'

export async function newMemberAddProposal(
  run: Run,
  { actor, joiner }: NewMemberAddProposalStep,
  index: number,
): Promise<void> {
  const { stateId } = run.seat(actor)
  const { groupInfo } = await run.call(actor, 'GroupInfo', { stateId, externalTree: false })
  const proposed = await run.call(joiner, 'NewMemberAddProposal', { groupInfo, identity: utf8(joiner) })
  run.transactions.set(joiner, proposed.transactionId)
  run.proposals.set(index, proposed.proposal)
}

export async function addExternalSigner(
  run: Run,
  { actor, signer }: AddExternalSignerStep,
  index: number,
): Promise<void> {
  const created = await run.call(signer, 'CreateExternalSigner', { cipherSuite: run.suite, identity: utf8(signer) })
  // The response has no index: new senders go to the end of the list, so the order of these steps tells it.
  run.signers.set(signer, { signerId: created.signerId, index: run.externalSenders })
  run.externalSenders += 1
  const { stateId } = run.seat(actor)
  const request = { stateId, externalSender: created.externalSender }
  run.proposals.set(index, (await run.call(actor, 'AddExternalSigner', request)).proposal)
}

export async function externalSignerProposal(
  run: Run,
  { actor, member, description: spec }: ExternalSignerProposalStep,
  index: number,
): Promise<void> {
  const signer = run.signers.get(actor) ?? run.fail(actor, 'is no external signer at this step')
  const { stateId } = run.seat(member)
  const { groupInfo, ratchetTree } = await run.call(member, 'GroupInfo', { stateId, externalTree: true })
  const sender = { signerId: signer.signerId, signerIndex: signer.index, groupInfo, ratchetTree }
  if (spec.type !== 'reinit') {
    const description = describeProposal(run, actor, spec)
    run.proposals.set(index, (await run.call(actor, 'ExternalSignerProposal', { ...sender, description })).proposal)
    return
  }
  const target = reInitTarget(run, member, spec)
  const description = describeReInit(target, spec)
  const { proposal } = await run.call(actor, 'ExternalSignerProposal', { ...sender, description })
  run.reinits.set(index, { proposal, ...target })
}
