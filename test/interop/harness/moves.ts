// What actors do around commits and Welcomes, from which the actions of a script are put together.
import { utf8 } from '../../../src/bytes.ts'
import { requireSame } from './agreement.ts'
import type { CommitRequest } from './messages.ts'
import type { CommitProduct, Run } from './run.ts'

/** Has `actor` make a key package with which it can join later. */
export async function createKeyPackage(run: Run, actor: string): Promise<Uint8Array> {
  const { transactionId, keyPackage } = await run.call(actor, 'CreateKeyPackage', {
    cipherSuite: run.suite,
    identity: utf8(actor),
  })
  run.transactions.set(actor, transactionId)
  return keyPackage
}

/** Has `actor` join by a commit's Welcome, with the tree that came beside it, if one did; gives the epoch authenticator. */
export async function join(run: Run, actor: string, product: CommitProduct): Promise<Uint8Array> {
  const transactionId = run.transactions.get(actor) ?? run.fail(actor, 'has no unused key package at this step')
  if (product.welcome.length === 0) run.fail(actor, 'is to join by a commit that came without Welcome')
  const joined = await run.call(actor, 'JoinGroup', {
    transactionId,
    welcome: product.welcome,
    encryptHandshake: run.encryptHandshake,
    identity: utf8(actor),
    ratchetTree: product.ratchetTree,
  })
  run.transactions.delete(actor)
  run.sit(actor, joined.stateId, product.groupId)
  return reach(run, actor, product, joined.epochAuthenticator)
}

/** Has `actor` create a commit, and keep it pending. */
export async function createCommit(
  run: Run,
  actor: string,
  content: Omit<CommitRequest, 'stateId'>,
): Promise<CommitProduct> {
  const { stateId, groupId } = run.seat(actor)
  const { commit, welcome, ratchetTree } = await run.call(actor, 'Commit', { stateId, ...content })
  if (commit.length === 0) run.fail(actor, 'gave no commit')
  requireTree(run, actor, content.externalTree, ratchetTree)
  const product: CommitProduct = { commit, welcome, ratchetTree, groupId }
  run.pendingCommits.set(actor, product)
  return product
}

/** Has `actor` move to the epoch of its pending commit; gives the epoch authenticator. */
export async function applyPending(run: Run, actor: string): Promise<Uint8Array> {
  const product = run.pendingCommits.get(actor) ?? run.fail(actor, 'has no pending commit at this step')
  const applied = await run.call(actor, 'HandlePendingCommit', { stateId: run.seat(actor).stateId })
  run.pendingCommits.delete(actor)
  run.move(actor, applied.stateId)
  return reach(run, actor, product, applied.epochAuthenticator)
}

/** Has `actor` process another's commit, given the proposals that it refers to; gives the epoch authenticator. */
export async function handleCommit(
  run: Run,
  actor: string,
  product: CommitProduct,
  proposal: readonly Uint8Array[],
): Promise<Uint8Array> {
  const { stateId } = run.seat(actor)
  const handled = await run.call(actor, 'HandleCommit', { stateId, proposal, commit: product.commit })
  run.pendingCommits.delete(actor)
  run.move(actor, handled.stateId)
  return reach(run, actor, product, handled.epochAuthenticator)
}

/** A tree comes beside a Welcome exactly when that is asked for. */
export function requireTree(run: Run, actor: string, externalTree: boolean, ratchetTree: Uint8Array): void {
  if (externalTree && ratchetTree.length === 0) run.fail(actor, 'gave no ratchet tree')
  if (!externalTree && ratchetTree.length > 0) run.fail(actor, 'gave a ratchet tree that was not asked for')
}

/** Compares the epoch authenticator that `actor` reached by a commit with that of whoever reached it first. */
export function reach(run: Run, actor: string, product: CommitProduct, epochAuthenticator: Uint8Array): Uint8Array {
  product.epochAuthenticator ??= epochAuthenticator
  requireSame(run, actor, 'epoch authenticator', epochAuthenticator, product.epochAuthenticator)
  return epochAuthenticator
}
