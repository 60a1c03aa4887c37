// A group for random schedules: who is in it, what is on its way, and whether everybody agrees.
import { toHex, utf8 } from '../../src/bytes.ts'
import type { KeyPair } from '../../src/crypto/contract.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { Secret } from '../../src/crypto/secret.ts'
import {
  basicCredential,
  type CommitResult,
  createKeyPackage,
  type Extension,
  epoch,
  epochAuthenticator,
  exportSecret,
  externalSendersExtension,
  type GroupState,
  groupMembers,
  type Judgement,
  joinGroup,
  type KeyPackageOptions,
  knownPsks,
  lifetimeOfDays,
  type OwnKeyPackage,
  processMessage,
  requiredCapabilitiesExtension,
} from '../../src/mls.ts'
import { treeHash } from '../../src/tree/hash.ts'
import { seededRandom } from '../support/random.ts'

const NOW_MS = 1_772_366_400_000
const PSK_ID = utf8('psk')

export const EXTRA = { extension: 0xf001, proposal: 0xf0f1 }

const external = [{ pskId: PSK_ID, secret: Secret.copyOf(utf8('an external pre-shared key')) }]

/** What everybody judges by. */
export const judgement: Judgement = { nowMs: NOW_MS, psks: knownPsks({ external }) }

/** Application data that some members have still to read. */
export interface InFlight {
  readonly message: Uint8Array
  readonly data: string
  readonly epoch: bigint
  readonly leafIndex: number
  readonly readers: Set<string>
}

export interface World {
  readonly suite: CipherSuite
  readonly externalSender: KeyPair
  /** By name: those who are in the group. */
  members: Map<string, GroupState>
  readonly clients: Map<string, KeyPackageOptions>
  /** Proposals of this epoch that not everybody has seen, and by whom: nobody where from outside. */
  proposals: { readonly message: Uint8Array; readonly from: string | undefined }[]
  /** Key packages of those whom pending proposals would add. */
  readonly proposed: Map<string, OwnKeyPackage>
  inFlight: InFlight[]
  nextName: number
  /** What happened, for the message of a failure. */
  readonly log: string[]
  readonly done: Map<string, number>
}

export function pskId(suite: CipherSuite): { pskType: 1; pskId: Uint8Array; pskNonce: Uint8Array } {
  return { pskType: 1, pskId: PSK_ID, pskNonce: suite.randomBytes(suite.hash.length) }
}

/** Extensions of the group, chosen by a number: none, or an external sender and maybe something that not all support. */
export function extensionsBy(world: World, number: number): Extension[] {
  const credential = basicCredential(utf8('external sender'))
  const senders = externalSendersExtension([{ signatureKey: world.externalSender.publicKey, credential }])
  const required = { extensionTypes: [], proposalTypes: [EXTRA.proposal], credentialTypes: [1] }
  const choices = [
    [],
    [senders],
    [senders, requiredCapabilitiesExtension(required)],
    [senders, { extensionType: EXTRA.extension, data: utf8('in use') }],
  ]
  return choices[number % choices.length] ?? []
}

/** Somebody new; every third client supports nothing beyond the RFC. */
export async function newClient(world: World): Promise<string> {
  const name = `member ${world.nextName++}`
  const capabilities = world.nextName % 3 === 0 ? {} : { extensions: [EXTRA.extension], proposals: [EXTRA.proposal] }
  world.clients.set(name, {
    credential: basicCredential(utf8(name)),
    signatureKeyPair: await world.suite.signature.generateKeyPair(),
    lifetime: lifetimeOfDays(NOW_MS, 30),
    capabilities,
  })
  return name
}

export async function keyPackageOf(world: World, name: string): Promise<OwnKeyPackage> {
  const client = world.clients.get(name)
  if (client === undefined) throw new Error(`${name} is nobody`)
  return createKeyPackage(world.suite, client)
}

export function stateOf(world: World, name: string): GroupState {
  const state = world.members.get(name)
  if (state === undefined) throw new Error(`${name} is not in the group`)
  return state
}

/** A member by a number, whatever it is. */
export function someone(world: World, number: number): string {
  const names = [...world.members.keys()]
  return names[number % names.length] as string
}

/** In an order that a number decides. */
export function shuffled<T>(values: readonly T[], number: number): T[] {
  const random = seededRandom(number)
  const rest = [...values]
  return values.map(() => rest.splice(random(rest.length), 1)[0] as T)
}

/** A member sees the proposals that are on their way, in an order of its own. */
export async function receiveProposals(world: World, name: string, number: number): Promise<GroupState> {
  let state = stateOf(world, name)
  for (const { message, from } of shuffled(world.proposals, number)) {
    if (from === name) continue
    const result = await processMessage(state, message, judgement)
    expectThat(result.kind === 'proposal', `a proposal is received as ${result.kind}`)
    state = result.state
  }
  return state
}

/** Everybody but the committer follows a commit, after the proposals, in whatever order they came. */
export async function follow(
  world: World,
  committer: string,
  result: Pick<CommitResult, 'state' | 'message'>,
  number: number,
): Promise<void> {
  const next = new Map<string, GroupState>([[committer, result.state]])
  for (const [i, name] of [...world.members.keys()].entries()) {
    if (name === committer) continue
    const before = await receiveProposals(world, name, number + i)
    const followed = await processMessage(before, result.message, judgement)
    expectThat(followed.kind === 'commit', `a commit is received as ${followed.kind}`)
    expectThat(followed.state.status === 'removed' || followed.state.status === result.state.status, 'another status')
    if (followed.state.status !== 'removed') next.set(name, followed.state)
    else {
      expectThat(!isMember(result.state, name), `${name} thinks that it was removed`)
      for (const { readers } of world.inFlight) readers.delete(name)
    }
  }
  // In the order of before, so that a number means the same member.
  world.members = new Map([...world.members.keys(), committer].flatMap((name) => entry(name, next)))
  world.proposals = []
}

/** The key packages of those whose proposed addition a commit covers; the others are forgotten. */
export function addedByProposal(world: World, { state }: CommitResult): Map<string, OwnKeyPackage> {
  const added = new Map([...world.proposed].filter(([name]) => isMember(state, name)))
  world.proposed.clear()
  return added
}

/** New members join with a Welcome. */
export async function welcome(
  world: World,
  { state: host, welcome: message }: CommitResult,
  newcomers: ReadonlyMap<string, OwnKeyPackage>,
  ratchetTree?: Uint8Array,
): Promise<void> {
  // Somebody told them the group's resumption PSKs.
  const psks = knownPsks({ external, groups: [host] })
  for (const [name, keyPackage] of newcomers) {
    expectThat(message !== undefined, 'there is no Welcome for new members')
    const state = await joinGroup(world.suite, message ?? new Uint8Array(0), [keyPackage], {
      ...judgement,
      psks,
      ...(ratchetTree && { ratchetTree }),
    })
    world.members.set(name, state)
  }
}

/** Everybody is in the same epoch of the same group, and everybody who should be in it is. */
export function checkAgreement(world: World, states: ReadonlyMap<string, GroupState> = world.members): void {
  const [first] = states.values()
  if (first === undefined) throw new Error('the group is empty')
  const expected = outlook(first)
  for (const [name, state] of states) {
    expectThat(outlook(state) === expected, `${name} sees another group:\n${outlook(state)}\n${expected}`)
  }
  const listed = groupMembers(first).map(({ leafNode }) => identity(leafNode.credential))
  const names = [...states.keys()]
  expectThat(
    listed.length === names.length && names.every((name) => listed.includes(name)),
    `${listed} are not ${names}`,
  )
}

function outlook(state: GroupState): string {
  return [
    epoch(state),
    toHex(epochAuthenticator(state)),
    toHex(treeHash(state.suite, state.tree.root)),
    toHex(exportSecret(state, 'property', utf8('context'), 40).bytes),
    toHex(state.groupContext.confirmedTranscriptHash),
    state.proposals.size,
  ].join(' ')
}

function isMember(state: GroupState, name: string): boolean {
  return groupMembers(state).some(({ leafNode }) => identity(leafNode.credential) === name)
}

export function leafOf(world: World, name: string): number {
  return stateOf(world, name).own.leafIndex
}

function identity(credential: object): string {
  return 'identity' in credential && credential.identity instanceof Uint8Array
    ? new TextDecoder().decode(credential.identity)
    : '?'
}

function entry(name: string, states: ReadonlyMap<string, GroupState>): [string, GroupState][] {
  const state = states.get(name)
  return state === undefined ? [] : [[name, state]]
}

export function expectThat(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise)
}
