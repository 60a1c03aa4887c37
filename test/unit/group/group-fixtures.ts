// Clients and small groups that the tests of group operations start from.
import { utf8 } from '../../../src/bytes.ts'
import type { CipherSuite } from '../../../src/crypto/labels.ts'
import { suite1 } from '../../../src/crypto/providers/noble/suites.ts'
import * as mls from '../../../src/mls.ts'

export const suite: CipherSuite = suite1
/** What every test takes for now, in milliseconds since the Unix epoch. */
export const nowMs: number = Date.UTC(2027, 0, 1)

export type Client = mls.KeyPackageOptions

export async function client(name: string, changes: Partial<Client> = {}): Promise<Client> {
  return {
    credential: mls.basicCredential(utf8(name)),
    signatureKeyPair: await suite.signature.generateKeyPair(),
    lifetime: mls.lifetimeOfDays(nowMs, 30),
    ...changes,
  }
}

export async function keyPackageOf(name: string, changes: Partial<Client> = {}): Promise<mls.OwnKeyPackage> {
  return mls.createKeyPackage(suite, await client(name, changes))
}

export interface GroupSetup extends Omit<mls.CreateGroupOptions, keyof Client> {
  /** For each member by its name. */
  readonly clients?: Readonly<Record<string, Partial<Client>>>
}

/** A group in epoch 1 of members with these names, at leaves 0, 1, …; the first one created it. */
export async function groupOf(names: readonly string[], setup: GroupSetup = {}): Promise<mls.GroupState[]> {
  const { clients = {}, ...creation } = setup
  const [founder = 'founder', ...others] = names
  const created = await mls.createGroup(suite, { ...(await client(founder, clients[founder])), ...creation })
  const keyPackages = await Promise.all(others.map((name) => keyPackageOf(name, clients[name])))
  const proposals = keyPackages.map(({ keyPackage }) => mls.addProposal(keyPackage))
  const { state, welcome } = await mls.commit(created, {
    nowMs,
    proposals,
    ...(setup.policy && { policy: setup.policy }),
  })
  if (welcome === undefined) return [state]
  const joined = keyPackages.map((keyPackage) =>
    mls.joinGroup(suite, welcome, [keyPackage], {
      nowMs,
      ...(setup.limits && { limits: setup.limits }),
      ...(setup.policy && { policy: setup.policy }),
    }),
  )
  return [state, ...(await Promise.all(joined))]
}

/** The same for a test that names its members one by one. */
export async function trio(setup?: GroupSetup): Promise<[mls.GroupState, mls.GroupState, mls.GroupState]> {
  return (await groupOf(['alice', 'bob', 'carol'], setup)) as [mls.GroupState, mls.GroupState, mls.GroupState]
}

/** The same for two. */
export async function pair(setup?: GroupSetup): Promise<[mls.GroupState, mls.GroupState]> {
  return (await groupOf(['alice', 'bob'], setup)) as [mls.GroupState, mls.GroupState]
}

/** The state after a message. */
export async function followed(
  state: mls.GroupState,
  message: Uint8Array,
  judgement: Partial<mls.GroupPolicy> | undefined = undefined,
): Promise<mls.GroupState> {
  return (await mls.processMessage(state, message, { nowMs, ...(judgement && { policy: judgement }) })).state
}

/** All states after a message that reaches each of them. */
export function allFollowed(states: readonly mls.GroupState[], message: Uint8Array): Promise<mls.GroupState[]> {
  return Promise.all(states.map((state) => followed(state, message)))
}

/** One member commits, the others follow. */
export async function commitIn(
  states: readonly mls.GroupState[],
  committer: number,
  options: Omit<mls.CommitOptions, 'nowMs'> = {},
): Promise<{ states: mls.GroupState[]; result: mls.CommitResult }> {
  const result = await mls.commit(states[committer] as mls.GroupState, { nowMs, ...options })
  const next = await Promise.all(
    states.map((state, i) => (i === committer ? result.state : followed(state, result.message))),
  )
  return { states: next, result }
}

/** Members that agree have one and the same authenticator. */
export function agreement(states: readonly mls.GroupState[]): number {
  return new Set(states.map((state) => mls.epochAuthenticator(state).join())).size
}

/** The application data that a message brings. */
export async function readBy(state: mls.GroupState, message: Uint8Array): Promise<string> {
  const processed = await mls.processMessage(state, message, { nowMs })
  if (processed.kind !== 'application') throw new Error(`a message of kind ${processed.kind}`)
  return new TextDecoder().decode(processed.data)
}

export async function send(state: mls.GroupState, text: string): Promise<mls.SentMessage> {
  return mls.encryptMessage(state, utf8(text))
}
