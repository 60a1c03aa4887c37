// One passive client: how it joins with its Welcome and follows the commits (RFC 9420 §12.4.2, §12.4.3.1).
import { equalBytes, toHex } from '../../src/bytes.ts'
import { CoterieError } from '../../src/errors.ts'
import {
  type CipherSuite,
  discardProposals,
  encryptMessage,
  epochAuthenticator,
  exportRatchetTree,
  exportSecret,
  type GroupState,
  joinGroup,
  type ProcessedMessage,
  processMessage,
} from '../../src/mls.ts'
import type { KnownStates } from './known-states.ts'
import { importKeys, type OwnKeys, type Scenario } from './scenario.ts'
import { type PskFinder, predecessorsOf, pskFinder } from './scenario-psks.ts'
import { bytes, expectBytes, expectTrue } from './vector-cases.ts'
import { atFittingTime } from './vector-policy.ts'

/**
 * Follows a scenario to its end, comparing the epoch authenticators. Every state that it passes through becomes known.
 * @param sample - the scenario's number, by which some Welcomes and commits are chosen to be processed twice
 * @throws CoterieError `PSK_UNKNOWN` where it builds on a group that is not known
 */
export async function runScenario(
  suite: CipherSuite,
  scenario: Scenario,
  known: KnownStates,
  sample: number,
): Promise<void> {
  const own = await importKeys(suite, scenario)
  const find = pskFinder(scenario, known)
  let state = await join(suite, scenario, own, known, find)
  expectBytes('the initial epoch authenticator', epochAuthenticator(state), scenario.initial_epoch_authenticator)
  known.add(state)
  if (sample % SAMPLE_EVERY === 0) {
    const again = await join(suite, scenario, own, known, find)
    expectBytes('joining again, the authenticator', epochAuthenticator(again), scenario.initial_epoch_authenticator)
  }
  for (const [index, { proposals, commit, epoch_authenticator }] of scenario.epochs.entries()) {
    try {
      if (state.status === 'frozen') state = await continueFrozen(state, commit, find)
      for (const proposal of proposals) state = (await process(state, proposal, find)).state
      const { kind, state: next } = await process(state, commit, find)
      expectTrue('the commit is a commit', kind === 'commit')
      if ((sample + index) % SAMPLE_EVERY === 0) await checkOldState(state, next, commit, find)
      state = next
      known.add(state)
    } catch (error) {
      if (CoterieError.is(error, 'PSK_UNKNOWN')) throw error
      throw new Error(`epoch ${index}: ${describe(error)}`)
    }
    if (state.status === 'removed') {
      expectTrue('nothing follows on the removal of the client', index === scenario.epochs.length - 1)
      return
    }
    expectBytes(`epoch ${index}: the epoch authenticator`, epochAuthenticator(state), epoch_authenticator ?? '')
  }
}

async function join(
  suite: CipherSuite,
  scenario: Scenario,
  own: OwnKeys,
  known: KnownStates,
  find: PskFinder,
): Promise<GroupState> {
  const message = bytes(scenario.welcome)
  const ratchetTree = scenario.ratchet_tree === undefined ? {} : { ratchetTree: bytes(scenario.ratchet_tree) }
  const predecessors = await predecessorsOf(suite, scenario, own, known, find)
  let failure: unknown
  for (const predecessor of predecessors) {
    try {
      return await atFittingTime((judgement) =>
        joinGroup(suite, message, [own], {
          ...judgement,
          ...ratchetTree,
          ...(predecessor && { predecessor }),
          psks: find,
          limits: { pastEpochs: 0, resumptionPsks: 0xffff_ffff },
        }),
      )
    } catch (error) {
      // What cannot be decrypted comes from another group of the same id: any other failure says more.
      if (failure === undefined || CoterieError.is(failure, 'JOIN_WELCOME_DECRYPT')) failure = error
    }
  }
  throw failure
}

function process(state: GroupState, message: string, find: PskFinder): Promise<ProcessedMessage> {
  return atFittingTime((judgement) => processMessage(state, bytes(message), { ...judgement, psks: find }))
}

/**
 * RFC 9420 §12.4.2: after a ReInit nothing more happens in a group, and the library refuses it. Where a file goes on
 * nevertheless, so does the scenario, once it has seen the refusal.
 */
async function continueFrozen(state: GroupState, commit: string, find: PskFinder): Promise<GroupState> {
  const refusal = await process(state, commit, find).catch((error: unknown) => error)
  expectTrue('a group takes no commit after a ReInit', CoterieError.is(refusal, 'GROUP_FROZEN'))
  return { ...state, status: 'active', reinit: undefined }
}

/** The state before a commit is still what it was: it processes the commit again, with the same outcome, and can send. */
async function checkOldState(before: GroupState, after: GroupState, commit: string, find: PskFinder): Promise<void> {
  const { state: again } = await process(before, commit, find)
  expectTrue('processing a commit again has the same outcome', again.status === after.status)
  expectBytes('the authenticator, again', epochAuthenticator(again), toHex(epochAuthenticator(after)))
  expectBytes('the transcript, again', again.interimTranscriptHash, toHex(after.interimTranscriptHash))
  expectBytes('the tree, again', exportRatchetTree(again), toHex(exportRatchetTree(after)))
  if (again.status !== 'removed') expectBytes('an exported secret, again', exported(again), toHex(exported(after)))
  const sent = await encryptMessage(discardProposals(before), bytes('c0ffee'))
  expectTrue('the old state stays in its epoch', sent.state.groupContext.epoch === before.groupContext.epoch)
  expectTrue('the old state keeps its secrets', equalBytes(epochAuthenticator(sent.state), epochAuthenticator(before)))
}

function exported(state: GroupState): Uint8Array {
  return exportSecret(state, 'conformance', bytes('00'), 32).bytes
}

function describe(error: unknown): string {
  if (CoterieError.is(error)) return `${error.code}: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}

const SAMPLE_EVERY = 5
