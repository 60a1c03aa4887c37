// The RPCs that lead to a group linked to an old one: ReInit (RFC 9420 §11.2) and branching (§11.3).
import { EMPTY, equalBytes, toHex } from '../../../src/bytes.ts'
import { encode } from '../../../src/codec/writer.ts'
import { fail } from '../../../src/errors.ts'
import { encodeCredential } from '../../../src/messages/credential.ts'
import {
  branchGroup,
  type CommitResult,
  createKeyPackage,
  epochAuthenticator,
  exportRatchetTree,
  type GroupState,
  groupMembers,
  joinGroup,
  ownLeafNode,
  reinitGroup,
  wipeState,
} from '../../../src/mls.ts'
import type { CreateSubgroupResponse, HandleReInitCommitResponse } from './messages.ts'
import type { MlsClient } from './mls-client.ts'
import {
  decodeKeyPackageMessage,
  enter,
  forget,
  judgement,
  LIMITS,
  leafWith,
  newLeaf,
  type ServerContext,
  suiteOf,
  treeBeside,
} from './server-clients.ts'
import { createCommit, followCommit, pendingOf } from './server-commits.ts'
import { mlsExtension } from './server-proposals.ts'
import type { Change, Member } from './server-registry.ts'

type SubgroupRpcs = Pick<
  MlsClient,
  | 'ReInitCommit'
  | 'HandlePendingReInitCommit'
  | 'HandleReInitCommit'
  | 'ReInitWelcome'
  | 'HandleReInitWelcome'
  | 'CreateBranch'
  | 'HandleBranch'
>

/** The RPCs that end a group, and those that make groups out of others. */
export function subgroupRpcs(context: ServerContext): SubgroupRpcs {
  const { states, transactions, ended } = context.registry
  return {
    ReInitCommit: (request) => states.change(request.stateId, (member) => createCommit(member, request, 'frozen')),
    HandlePendingReInitCommit: ({ stateId }) =>
      states.change(stateId, (member) => end(context, member, pendingOf(member, 'frozen'))),
    HandleReInitCommit: (request) =>
      states.change(request.stateId, async (member) =>
        end(context, member, await followCommit(member, request, 'frozen')),
      ),
    ReInitWelcome: ({ reinitId, keyPackage: others, forcePath, externalTree }) =>
      ended.change(reinitId, async ({ old, suite, keyPackage, psks, encryptHandshake }) => {
        const { initKeyPair, encryptionKeyPair, signatureKeyPair } = keyPackage.secrets
        const created = await reinitGroup(suite, old, {
          ...leafWith(context, ownLeafNode(old).credential, signatureKeyPair),
          ...foundingOptions({ keyPackages: others, forcePath, externalTree }),
        })
        requireSameMembers(old, created.state)
        for (const { privateKey } of [initKeyPair, encryptionKeyPair]) privateKey.wipe()
        wipeState(old, [])
        return [undefined, subgroup(context, created, { encryptHandshake, psks }, externalTree)]
      }),
    HandleReInitWelcome: ({ reinitId, welcome, ratchetTree }) =>
      ended.change(reinitId, async ({ old, suite, keyPackage, psks, encryptHandshake }) => {
        const group = await joinGroup(suite, welcome, [keyPackage], {
          ...judgement(psks),
          ...treeBeside(ratchetTree),
          limits: LIMITS,
          predecessor: old,
          succession: 'reinit',
        })
        requireSameMembers(old, group)
        keyPackage.secrets.initKeyPair.privateKey.wipe()
        wipeState(old, [])
        return [undefined, enter(context, { group, encryptHandshake, psks })]
      }),
    CreateBranch: ({ stateId, groupId, extensions, keyPackages, forcePath, externalTree }) =>
      states.use(stateId, async ({ group: old, encryptHandshake, psks }) => {
        requireOtherGroup(old, groupId)
        const created = await branchGroup(old, {
          ...(await newLeaf(context, old.suite, ownLeafNode(old).credential)),
          ...foundingOptions({ keyPackages, forcePath, externalTree }),
          groupId,
          groupExtensions: extensions.map(mlsExtension),
        })
        return subgroup(context, created, { encryptHandshake, psks }, externalTree)
      }),
    HandleBranch: ({ stateId, transactionId, welcome, ratchetTree }) =>
      states.use(stateId, ({ group: old, encryptHandshake, psks: oldPsks }) =>
        transactions.change(transactionId, async ({ suite, keyPackage, psks: newPsks }) => {
          const psks = [...newPsks, ...oldPsks]
          const group = await joinGroup(suite, welcome, [keyPackage], {
            ...judgement(psks),
            ...treeBeside(ratchetTree),
            limits: LIMITS,
            predecessor: old,
            succession: 'branch',
            isOwnGroup: (groupId) => equalBytes(groupId, old.groupContext.groupId),
          })
          keyPackage.secrets.initKeyPair.privateKey.wipe()
          return [undefined, enter(context, { group, encryptHandshake, psks })]
        }),
      ),
  }
}

/** Puts an ended group, and a key package of the member for its successor, in the place of a state. */
async function end(
  context: ServerContext,
  member: Member,
  old: GroupState,
): Promise<Change<Member, HandleReInitCommitResponse>> {
  const { encryptHandshake, psks } = member
  if (old.reinit === undefined) return fail('INTERNAL_INVARIANT', 'a frozen group has no ReInit')
  const suite = suiteOf(context, old.reinit.cipherSuite)
  const keyPackage = await createKeyPackage(suite, await newLeaf(context, suite, ownLeafNode(old).credential))
  forget(member, [old])
  const reinitId = context.registry.ended.put({ old, suite, keyPackage, psks, encryptHandshake })
  return [undefined, { reinitId, keyPackage: keyPackage.message, epochAuthenticator: epochAuthenticator(old) }]
}

interface Founding {
  readonly keyPackages: readonly Uint8Array[]
  readonly forcePath: boolean
  readonly externalTree: boolean
}

function foundingOptions({ keyPackages, forcePath, externalTree }: Founding) {
  const { nowMs, policy } = judgement([])
  return {
    nowMs,
    policy,
    limits: LIMITS,
    keyPackages: keyPackages.map(decodeKeyPackageMessage),
    path: forcePath ? 'always' : 'whenRequired',
    groupInfo: { ratchetTree: !externalTree },
  } as const
}

function subgroup(
  context: ServerContext,
  { state: group, welcome }: CommitResult,
  kept: Pick<Member, 'encryptHandshake' | 'psks'>,
  externalTree: boolean,
): CreateSubgroupResponse {
  const ratchetTree = externalTree ? exportRatchetTree(group) : EMPTY
  return { ...enter(context, { ...kept, group }), welcome: welcome ?? EMPTY, ratchetTree }
}

/** RFC 9420 §11.2: a group is reinitialized with the same membership; whoever is new there has not been in the old one. */
function requireSameMembers(old: GroupState, successor: GroupState): void {
  if (clientsOf(old).join() === clientsOf(successor).join()) return
  fail('JOIN_REINIT_MISMATCH', 'the members of the new group are not those of the old one')
}

/** The members' credentials, each as often as it occurs. */
function clientsOf(group: GroupState): readonly string[] {
  return groupMembers(group)
    .map(({ leafNode }) => toHex(encode(encodeCredential, leafNode.credential)))
    .sort()
}

function requireOtherGroup({ groupContext }: GroupState, groupId: Uint8Array): void {
  if (equalBytes(groupId, groupContext.groupId)) fail('GROUP_ID_TAKEN', 'a branch needs an ID of its own')
}
