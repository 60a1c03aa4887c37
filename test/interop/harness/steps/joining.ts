// The actions by which actors come into a group: create, key package, Welcome, external commit.
import { randomUUID } from 'node:crypto'
import { EMPTY, utf8 } from '../../../../src/bytes.ts'
import { verifyAgreement } from '../agreement.ts'
import { applyPending, createCommit, createKeyPackage, handleCommit, join, reach } from '../moves.ts'
import { describeAdd } from '../proposals.ts'
import type { CommitProduct, Run } from '../run.ts'
import type { CreateGroupStep, CreateKeyPackageStep, ExternalJoinStep, JoinGroupStep } from '../script.ts'

export async function createGroup(run: Run, { actor, members }: CreateGroupStep): Promise<void> {
  const groupId = utf8(randomUUID())
  const { stateId } = await run.call(actor, 'CreateGroup', {
    groupId,
    cipherSuite: run.suite,
    encryptHandshake: run.encryptHandshake,
    identity: utf8(actor),
  })
  run.sit(actor, stateId, groupId)
  if (members.length === 0) {
    const { stateAuthSecret } = await run.call(actor, 'StateAuth', { stateId })
    return verifyAgreement(run, [run.seat(actor)], stateAuthSecret)
  }
  const keyPackages = []
  for (const member of members) keyPackages.push(await createKeyPackage(run, member))
  const request = { byReference: [], byValue: keyPackages.map(describeAdd), forcePath: false, externalTree: false }
  const product = await createCommit(run, actor, request)
  const epochAuthenticator = await applyPending(run, actor)
  for (const member of members) await join(run, member, product)
  const everyone = [actor, ...members].map((name) => run.seat(name))
  await verifyAgreement(run, everyone, epochAuthenticator)
}

export async function offerKeyPackage(run: Run, { actor }: CreateKeyPackageStep, index: number): Promise<void> {
  run.keyPackages.set(index, await createKeyPackage(run, actor))
}

export async function joinGroup(run: Run, { actor, welcome }: JoinGroupStep): Promise<void> {
  const epochAuthenticator = await join(run, actor, run.product(actor, run.commits, welcome))
  await verifyAgreement(run, [run.seat(actor)], epochAuthenticator)
}

export async function externalJoin(run: Run, step: ExternalJoinStep, index: number): Promise<void> {
  const { actor, joiner, members, externalTree, removePrior, psks } = step
  const { stateId, groupId } = run.seat(actor)
  const { groupInfo, ratchetTree } = await run.call(actor, 'GroupInfo', { stateId, externalTree })
  if (externalTree && ratchetTree.length === 0) run.fail(actor, 'gave no ratchet tree beside the GroupInfo')
  const joined = await run.call(joiner, 'ExternalJoin', {
    groupInfo,
    ratchetTree,
    encryptHandshake: run.encryptHandshake,
    identity: utf8(joiner),
    removePrior,
    psks: psks.map((psk) => run.product(joiner, run.psks, psk)),
  })
  const product: CommitProduct = { commit: joined.commit, welcome: EMPTY, ratchetTree: EMPTY, groupId }
  run.commits.set(index, product)
  run.sit(joiner, joined.stateId, groupId)
  reach(run, joiner, product, joined.epochAuthenticator)
  for (const member of [actor, ...members]) await handleCommit(run, member, product, [])
  const everyone = [joiner, actor, ...members].map((name) => run.seat(name))
  await verifyAgreement(run, everyone, joined.epochAuthenticator)
}
