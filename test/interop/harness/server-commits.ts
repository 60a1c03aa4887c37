// The commits of the interop interface (RFC 9420 §12.4): creating one leaves the state where it is until it is handled.
import { EMPTY, toHex } from '../../../src/bytes.ts'
import { fail } from '../../../src/errors.ts'
import { commit, epochAuthenticator, exportRatchetTree, type GroupState, processMessage } from '../../../src/mls.ts'
import type { CommitRequest, CommitResponse, HandleCommitRequest, StateResponse } from './messages.ts'
import type { MlsClient } from './mls-client.ts'
import { forget, judgement, type ServerContext, wireFormatOf } from './server-clients.ts'
import { describedProposal, sceneOf } from './server-proposals.ts'
import type { Change, Member } from './server-registry.ts'

type CommitRpcs = Pick<MlsClient, 'Commit' | 'HandlePendingCommit' | 'HandleCommit'>

/** The RPCs that commit and follow commits within a group. */
export function commitRpcs({ registry: { states } }: ServerContext): CommitRpcs {
  return {
    Commit: (request) => states.change(request.stateId, (member) => createCommit(member, request, 'active')),
    HandlePendingCommit: ({ stateId }) =>
      states.change(stateId, async (member) => advance(stateId, member, pendingOf(member, 'active'))),
    HandleCommit: (request) =>
      states.change(request.stateId, async (member) =>
        advance(request.stateId, member, await followCommit(member, request, 'active')),
      ),
  }
}

/** What a commit leads to: a further epoch, or with a ReInit the group's last. */
export type Destination = 'active' | 'frozen'

/** Creates a commit and keeps it pending, in the place of an earlier one. */
export async function createCommit(
  member: Member,
  { byReference, byValue, forcePath, externalTree }: Omit<CommitRequest, 'stateId'>,
  destination: Destination,
): Promise<Change<Member, CommitResponse>> {
  const taken = await takeIn(member, byReference)
  const { state, parent, message, welcome } = await commit(taken.group, {
    ...judgement(member.psks),
    wireFormat: wireFormatOf(member),
    references: taken.chosen,
    proposals: byValue.map((description) => describedProposal(sceneOf(taken.group), description)),
    path: forcePath ? 'always' : 'whenRequired',
    groupInfo: { ratchetTree: !externalTree },
  })
  requireDestination(state, destination)
  forget(member, [parent, state])
  const ratchetTree = externalTree ? exportRatchetTree(state) : EMPTY
  const next = { ...member, group: parent, references: taken.references, pending: state }
  return [next, { commit: message, welcome: welcome ?? EMPTY, ratchetTree }]
}

/** The state that the pending commit leads to. */
export function pendingOf({ pending }: Member, destination: Destination): GroupState {
  if (pending === undefined) return fail('ARGUMENT_INVALID', 'this state has no pending commit')
  requireDestination(pending, destination)
  return pending
}

/** The state that another member's commit leads to. */
export async function followCommit(
  member: Member,
  { proposal, commit: message }: Omit<HandleCommitRequest, 'stateId'>,
  destination: Destination,
): Promise<GroupState> {
  const { group } = await takeIn(member, proposal)
  const processed = await processMessage(group, message, judgement(member.psks))
  if (processed.kind !== 'commit')
    return fail('ARGUMENT_INVALID', `a message that should be a commit: ${processed.kind}`)
  requireDestination(processed.state, destination)
  return processed.state
}

function advance(stateId: number, member: Member, group: GroupState): Change<Member, StateResponse> {
  forget(member, [group])
  const next = { ...member, group, references: new Map(), pending: undefined }
  return [next, { stateId, epochAuthenticator: epochAuthenticator(group) }]
}

interface TakenIn {
  readonly group: GroupState
  readonly references: Member['references']
  /** The references of the messages, in their order. */
  readonly chosen: readonly Uint8Array[]
}

/** Receives proposals, save those that are known: a member's own cannot be decrypted by it, nor any a second time. */
async function takeIn(member: Member, messages: readonly Uint8Array[]): Promise<TakenIn> {
  let { group } = member
  const references = new Map(member.references)
  const chosen: Uint8Array[] = []
  for (const message of messages) {
    const key = toHex(message)
    const known = references.get(key)
    if (known !== undefined) {
      chosen.push(known)
      continue
    }
    const processed = await processMessage(group, message, judgement(member.psks))
    if (processed.kind !== 'proposal') {
      return fail('ARGUMENT_INVALID', `a message that should be a proposal: ${processed.kind}`)
    }
    group = processed.state
    references.set(key, processed.reference)
    chosen.push(processed.reference)
  }
  return { group, references, chosen }
}

function requireDestination({ status }: GroupState, destination: Destination): void {
  if (status === destination) return
  if (status === 'removed') fail('GROUP_REMOVED', 'this commit removes the member')
  const what = status === 'frozen' ? 'is the commit of a ReInit, which has RPCs of its own' : 'is no commit of a ReInit'
  fail('ARGUMENT_INVALID', `this ${what}`)
}
