// Proposals that a script describes, as the interop interface has them.
import { EMPTY, utf8 } from '../../../src/bytes.ts'
import type { ProposalDescription } from './messages.ts'
import type { Run } from './run.ts'
import type { MemberProposalSpec, ProposalSpec, ReInitChanges } from './script.ts'

/** Describes a proposal that `actor` is to build. */
export function describeProposal(run: Run, actor: string, spec: MemberProposalSpec): ProposalDescription {
  switch (spec.type) {
    case 'add':
      return describeAdd(run.product(actor, run.keyPackages, spec.keyPackage))
    case 'remove':
      return describe('remove', { removedId: utf8(spec.removed) })
    case 'externalPSK':
      return describe('externalPSK', { pskId: run.product(actor, run.psks, spec.psk).pskId })
    case 'resumptionPSK':
      return describe('resumptionPSK', { epochId: spec.epoch })
    case 'groupContextExtensions':
      return describe('groupContextExtensions', { extensions: spec.extensions })
  }
}

export function describeAdd(keyPackage: Uint8Array): ProposalDescription {
  return describe('add', { keyPackage })
}

/** What a ReInit asks for. */
export interface ReInitTarget {
  readonly groupId: Uint8Array
  readonly cipherSuite: number
}

export function describeReInit(target: ReInitTarget, { extensions }: ReInitChanges): ProposalDescription {
  return describe('reinit', { ...target, extensions })
}

/** The new group of a ReInit of the group that `actor` is in: what does not change stays, the group ID too. */
export function reInitTarget(run: Run, actor: string, changes: ReInitChanges): ReInitTarget {
  const { groupId } = run.seat(actor)
  return {
    groupId: changes.changeGroupId ? Buffer.concat([groupId, utf8('-reinit')]) : groupId,
    cipherSuite: changes.changeCipherSuite ? (run.nextSuite() ?? run.fail(actor, 'has no other suite')) : run.suite,
  }
}

function describe(type: ProposalSpec['type'], fields: Partial<ProposalDescription>): ProposalDescription {
  return {
    keyPackage: EMPTY,
    removedId: EMPTY,
    pskId: EMPTY,
    epochId: '0',
    extensions: [],
    groupId: EMPTY,
    cipherSuite: 0,
    ...fields,
    proposalType: utf8(type),
  }
}
