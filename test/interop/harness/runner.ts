// Runs one script: casts its actors on stacks, performs step after step with all comparisons, and says how it ended.
import { type Casting, nextSuite, Run, StepError } from './run.ts'
import { type Action, changesSuite, type Script, type Step } from './script.ts'
import { commit, fullCommit, handleOneCommit, handlePendingCommit } from './steps/committing.ts'
import { createGroup, externalJoin, joinGroup, offerKeyPackage } from './steps/joining.ts'
import { groupInfo, read, send } from './steps/messaging.ts'
import { addExternalSigner, externalSignerProposal, newMemberAddProposal } from './steps/outsiders.ts'
import {
  addProposal,
  externalPskProposal,
  groupContextExtensionsProposal,
  installExternalPsk,
  removeProposal,
  resumptionPskProposal,
  updateProposal,
} from './steps/proposing.ts'
import { branch, reinit } from './steps/subgroups.ts'

export type Outcome =
  | { readonly result: 'passed' }
  | { readonly result: 'skipped'; readonly reason: string }
  | { readonly result: 'failed'; readonly failure: Failure }

export interface Failure {
  /** Position of the step, or the number of steps when the states could not be freed at the end. */
  readonly step: number
  readonly action: Action | 'release'
  /** Who failed, and who played it, where that is known. */
  readonly actor?: string
  readonly peer?: string
  readonly message: string
}

/** Runs a script in one casting. Never rejects: whatever goes wrong is a failure of the step at which it did. */
export async function runScript(script: Script, casting: Casting): Promise<Outcome> {
  const reason = reasonToSkip(script, casting)
  if (reason !== undefined) return { result: 'skipped', reason }
  const run = new Run(casting)
  const failure = await performAll(run, script)
  try {
    await run.release()
  } catch (error) {
    return { result: 'failed', failure: failure ?? failureOf(error, script.steps.length, 'release') }
  }
  return failure === undefined ? { result: 'passed' } : { result: 'failed', failure }
}

function reasonToSkip(script: Script, { suite, peers }: Casting): string | undefined {
  const lacking = [...peers.values()].find(({ suites }) => !suites.has(suite))
  if (lacking !== undefined) return `${lacking.name} at ${lacking.address} has no suite ${suite}`
  if (changesSuite(script) && nextSuite(peers.values(), suite) === undefined) return 'no second suite in common'
  return undefined
}

async function performAll(run: Run, { steps }: Script): Promise<Failure | undefined> {
  for (const [index, step] of steps.entries()) {
    try {
      await perform(run, step, index)
    } catch (error) {
      return failureOf(error, index, step.action)
    }
  }
  return undefined
}

function perform(run: Run, step: Step, index: number): Promise<void> {
  switch (step.action) {
    case 'createGroup':
      return createGroup(run, step)
    case 'createKeyPackage':
      return offerKeyPackage(run, step, index)
    case 'joinGroup':
      return joinGroup(run, step)
    case 'externalJoin':
      return externalJoin(run, step, index)
    case 'installExternalPSK':
      return installExternalPsk(run, step, index)
    case 'groupInfo':
      return groupInfo(run, step)
    case 'addProposal':
      return addProposal(run, step, index)
    case 'updateProposal':
      return updateProposal(run, step, index)
    case 'removeProposal':
      return removeProposal(run, step, index)
    case 'externalPSKProposal':
      return externalPskProposal(run, step, index)
    case 'resumptionPSKProposal':
      return resumptionPskProposal(run, step, index)
    case 'groupContextExtensionsProposal':
      return groupContextExtensionsProposal(run, step, index)
    case 'newMemberAddProposal':
      return newMemberAddProposal(run, step, index)
    case 'addExternalSigner':
      return addExternalSigner(run, step, index)
    case 'externalSignerProposal':
      return externalSignerProposal(run, step, index)
    case 'fullCommit':
      return fullCommit(run, step, index)
    case 'commit':
      return commit(run, step, index)
    case 'handlePendingCommit':
      return handlePendingCommit(run, step)
    case 'handleCommit':
      return handleOneCommit(run, step)
    case 'protect':
      return send(run, step, index)
    case 'unprotect':
      return read(run, step)
    case 'reinit':
      return reinit(run, step)
    case 'branch':
      return branch(run, step)
  }
}

function failureOf(error: unknown, step: number, action: Failure['action']): Failure {
  if (!(error instanceof StepError))
    return { step, action, message: error instanceof Error ? error.message : `${error}` }
  const { actor, peer, message } = error
  const played = peer === undefined ? {} : { peer: `${peer.name} at ${peer.address}` }
  return { step, action, actor, ...played, message }
}
