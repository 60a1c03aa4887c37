// The actions that commit proposals and process commits.
import { verifyAgreement } from '../agreement.ts'
import type { CommitRequest } from '../messages.ts'
import { applyPending, createCommit, handleCommit, join } from '../moves.ts'
import { describeProposal } from '../proposals.ts'
import type { Run } from '../run.ts'
import type { CommitContent, CommitStep, FullCommitStep, HandleCommitStep, HandlePendingCommitStep } from '../script.ts'

export async function fullCommit(run: Run, step: FullCommitStep, index: number): Promise<void> {
  const { actor, members, joiners } = step
  const content = commitContent(run, actor, step)
  const product = await createCommit(run, actor, content)
  run.commits.set(index, product)
  const epochAuthenticator = await applyPending(run, actor)
  for (const member of members) await handleCommit(run, member, product, content.byReference)
  for (const joiner of joiners) await join(run, joiner, product)
  const everyone = [actor, ...members, ...joiners].map((name) => run.seat(name))
  await verifyAgreement(run, everyone, epochAuthenticator)
}

export async function commit(run: Run, step: CommitStep, index: number): Promise<void> {
  run.commits.set(index, await createCommit(run, step.actor, commitContent(run, step.actor, step)))
}

export async function handlePendingCommit(run: Run, { actor }: HandlePendingCommitStep): Promise<void> {
  const epochAuthenticator = await applyPending(run, actor)
  await verifyAgreement(run, [run.seat(actor)], epochAuthenticator)
}

export async function handleOneCommit(run: Run, step: HandleCommitStep): Promise<void> {
  const product = run.product(step.actor, run.commits, step.commit)
  const proposals = proposalsOf(run, step.actor, step.byReference)
  const epochAuthenticator = await handleCommit(run, step.actor, product, proposals)
  await verifyAgreement(run, [run.seat(step.actor)], epochAuthenticator)
}

type Content = Omit<CommitRequest, 'stateId'>

function commitContent(run: Run, actor: string, step: CommitContent): Content {
  const { forcePath, externalTree } = step
  return {
    byReference: proposalsOf(run, actor, step.byReference),
    byValue: step.byValue.map((spec) => describeProposal(run, actor, spec)),
    forcePath,
    externalTree,
  }
}

function proposalsOf(run: Run, actor: string, steps: readonly number[]): readonly Uint8Array[] {
  return steps.map((step) => run.product(actor, run.proposals, step))
}
