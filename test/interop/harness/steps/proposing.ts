// The actions by which members propose changes.
import { randomBytes } from 'node:crypto'
import { utf8 } from '../../../../src/bytes.ts'
import type { RequestOf } from '../mls-client.ts'
import type { Run } from '../run.ts'
import type {
  AddProposalStep,
  ExternalPskProposalStep,
  GroupContextExtensionsProposalStep,
  InstallExternalPskStep,
  RemoveProposalStep,
  ResumptionPskProposalStep,
  UpdateProposalStep,
} from '../script.ts'

/** Gives a fresh PSK to each client: for its group, for the group that it is about to join, or for both. */
export async function installExternalPsk(run: Run, { clients }: InstallExternalPskStep, index: number): Promise<void> {
  const psk = { pskId: randomBytes(32), pskSecret: randomBytes(32) }
  run.psks.set(index, psk)
  for (const client of clients) {
    const holders = [run.findSeat(client)?.stateId, run.transactions.get(client)].filter((id) => id !== undefined)
    if (holders.length === 0) run.fail(client, 'has neither a group nor a key package that could hold a PSK')
    for (const stateOrTransactionId of holders) await run.call(client, 'StorePSK', { stateOrTransactionId, ...psk })
  }
}

export function addProposal(run: Run, { actor, keyPackage }: AddProposalStep, index: number): Promise<void> {
  const added = run.product(actor, run.keyPackages, keyPackage)
  return propose(run, actor, index, 'AddProposal', { ...seated(run, actor), keyPackage: added })
}

export function updateProposal(run: Run, { actor }: UpdateProposalStep, index: number): Promise<void> {
  return propose(run, actor, index, 'UpdateProposal', seated(run, actor))
}

export function removeProposal(run: Run, { actor, removed }: RemoveProposalStep, index: number): Promise<void> {
  return propose(run, actor, index, 'RemoveProposal', { ...seated(run, actor), removedId: utf8(removed) })
}

export function externalPskProposal(run: Run, { actor, psk }: ExternalPskProposalStep, index: number): Promise<void> {
  const { pskId } = run.product(actor, run.psks, psk)
  return propose(run, actor, index, 'ExternalPSKProposal', { ...seated(run, actor), pskId })
}

export function resumptionPskProposal(
  run: Run,
  { actor, epoch }: ResumptionPskProposalStep,
  index: number,
): Promise<void> {
  return propose(run, actor, index, 'ResumptionPSKProposal', { ...seated(run, actor), epochId: epoch })
}

export function groupContextExtensionsProposal(
  run: Run,
  { actor, extensions }: GroupContextExtensionsProposalStep,
  index: number,
): Promise<void> {
  return propose(run, actor, index, 'GroupContextExtensionsProposal', { ...seated(run, actor), extensions })
}

type ProposalRpc =
  | 'AddProposal'
  | 'UpdateProposal'
  | 'RemoveProposal'
  | 'ExternalPSKProposal'
  | 'ResumptionPSKProposal'
  | 'GroupContextExtensionsProposal'

async function propose<N extends ProposalRpc>(
  run: Run,
  actor: string,
  index: number,
  rpc: N,
  request: RequestOf<N>,
): Promise<void> {
  run.proposals.set(index, (await run.call(actor, rpc, request)).proposal)
}

function seated(run: Run, actor: string): { stateId: number } {
  return { stateId: run.seat(actor).stateId }
}
