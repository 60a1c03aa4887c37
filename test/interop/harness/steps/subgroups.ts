// The actions that lead to a group linked to an old one: ReInit (RFC 9420 §11.2) and branching (§11.3).
import { randomUUID } from 'node:crypto'
import { utf8 } from '../../../../src/bytes.ts'
import { requireSame, verifyAgreement } from '../agreement.ts'
import type { HandleReInitCommitResponse } from '../messages.ts'
import { createKeyPackage, requireTree } from '../moves.ts'
import { reInitTarget } from '../proposals.ts'
import type { ReInitProduct, Run } from '../run.ts'
import { type BranchStep, participants, type ReInitStep } from '../script.ts'

export async function reinit(run: Run, step: ReInitStep): Promise<void> {
  const { welcomer, forcePath, externalTree } = step
  const proposed = await proposeReInit(run, step)
  const ended = await endGroup(run, step, proposed.proposal)
  const joiners = participants(step).filter((name) => name !== welcomer)
  const request = { keyPackage: joiners.map((name) => of(ended, name).keyPackage), forcePath, externalTree }
  const created = await run.call(welcomer, 'ReInitWelcome', { reinitId: of(ended, welcomer).reinitId, ...request })
  requireTree(run, welcomer, externalTree, created.ratchetTree)
  run.move(welcomer, created.stateId, proposed.groupId)
  for (const joiner of joiners) {
    const { welcome, ratchetTree } = created
    const { reinitId } = of(ended, joiner)
    const joined = await run.call(joiner, 'HandleReInitWelcome', { reinitId, welcome, ratchetTree })
    run.move(joiner, joined.stateId, proposed.groupId)
    requireSame(run, joiner, 'epoch authenticator', joined.epochAuthenticator, created.epochAuthenticator)
  }
  run.suite = proposed.cipherSuite
  const everyone = [welcomer, ...joiners].map((name) => run.seat(name))
  await verifyAgreement(run, everyone, created.epochAuthenticator)
}

export async function branch(run: Run, step: BranchStep): Promise<void> {
  const { actor, members, extensions, forcePath, externalTree } = step
  const oldSeats = [actor, ...members].map((name) => run.seat(name))
  const { stateId } = run.seat(actor)
  const { stateAuthSecret: oldAuthenticator } = await run.call(actor, 'StateAuth', { stateId })
  const keyPackages = []
  for (const member of members) keyPackages.push(await createKeyPackage(run, member))

  const groupId = utf8(randomUUID())
  const request = { stateId, groupId, extensions, keyPackages, forcePath, externalTree }
  const created = await run.call(actor, 'CreateBranch', request)
  requireTree(run, actor, externalTree, created.ratchetTree)
  run.sit(actor, created.stateId, groupId)
  for (const member of members) {
    const { welcome, ratchetTree } = created
    const transactionId = run.transactions.get(member) ?? run.fail(member, 'has no key package for the branch')
    const old = { stateId: run.seat(member).stateId, transactionId }
    const joined = await run.call(member, 'HandleBranch', { ...old, welcome, ratchetTree })
    run.transactions.delete(member)
    run.sit(member, joined.stateId, groupId)
    requireSame(run, member, 'epoch authenticator', joined.epochAuthenticator, created.epochAuthenticator)
  }
  const newSeats = [actor, ...members].map((name) => run.seat(name))
  await verifyAgreement(run, newSeats, created.epochAuthenticator)
  // A branch leaves the group that it comes from as it is.
  await verifyAgreement(run, oldSeats, oldAuthenticator)
}

async function proposeReInit(run: Run, { source, committer }: ReInitStep): Promise<ReInitProduct> {
  if (source.proposer === undefined) return run.product(committer, run.reinits, source.externalProposal)
  const target = reInitTarget(run, source.proposer, source)
  const { stateId } = run.seat(source.proposer)
  const request = { stateId, ...target, extensions: source.extensions }
  return { proposal: (await run.call(source.proposer, 'ReInitProposal', request)).proposal, ...target }
}

/** Everyone's part in the commit of the ReInit; all must reach the same last epoch. */
type Ended = ReadonlyMap<string, HandleReInitCommitResponse>

async function endGroup(run: Run, step: ReInitStep, proposal: Uint8Array): Promise<Ended> {
  const [committer, ...others] = participants(step)
  const ended = new Map<string, HandleReInitCommitResponse>()
  if (committer === undefined) return ended
  const { stateId } = run.seat(committer)
  const content = { byReference: [proposal], byValue: [], forcePath: false, externalTree: false }
  const { commit } = await run.call(committer, 'ReInitCommit', { stateId, ...content })
  if (commit.length === 0) run.fail(committer, 'gave no commit of the ReInit')
  const first = await run.call(committer, 'HandlePendingReInitCommit', { stateId })
  ended.set(committer, first)
  for (const name of others) {
    const request = { stateId: run.seat(name).stateId, proposal: [proposal], commit }
    const handled = await run.call(name, 'HandleReInitCommit', request)
    requireSame(run, name, 'epoch authenticator', handled.epochAuthenticator, first.epochAuthenticator)
    ended.set(name, handled)
  }
  return ended
}

function of(ended: Ended, name: string): HandleReInitCommitResponse {
  const part = ended.get(name)
  if (part === undefined) throw new Error(`${name} has not handled the commit of the ReInit`)
  return part
}
