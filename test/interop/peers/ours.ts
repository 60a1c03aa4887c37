// The stack under test, as a peer among the others: coterie's core, with any of its providers, through its public entry.
//
// Its members wipe every state that they go on from (RFC 9420 §9.2, §14).
import {
  addProposal,
  type CipherSuite,
  type CommitOptions,
  commit,
  createGroup,
  createGroupInfo,
  createKeyPackage,
  encryptMessage,
  epoch,
  epochAuthenticator,
  exportSecret,
  type GroupPolicy,
  type GroupState,
  groupMembers,
  type Judgement,
  joinExternal,
  joinGroup,
  type LeafOptions,
  type OwnKeyPackage,
  processMessage,
  propose,
  proposeUpdate,
  readKeyPackage,
  removeProposal,
  restoreState,
  type SendOptions,
  stateRecords,
  wipeState,
} from '../../../src/mls.ts'
import { loadProvider, type ProviderName } from '../../conformance/providers.ts'
import { sameIdentity } from './identities.ts'
import { groupExtension, identityOf, membersIn, newLeaf, OUR_SUITES, UNKNOWN_EXTENSION } from './ours-leaf.ts'
import type { Ability, CommitOutput, EpochEvidence, MemberOptions, Peer, PeerMember } from './peer.ts'
import { PeerUnable } from './peer.ts'

/** What RFC 9420 leaves to the implementation, and where the state is. */
export interface OursSettings {
  readonly provider: ProviderName
  /** Whether commits that may be without a path have one (RFC 9420 §12.4). */
  readonly path: NonNullable<CommitOptions['path']>
  /** Whether every state is written to records, and the members go on with what these give back. */
  readonly stored: boolean
}

export function ours(settings: OursSettings): Peer {
  const peer: Peer = {
    name: `coterie/${settings.provider}${settings.stored ? ', stored' : ''}`,
    suites: OUR_SUITES,
    abilities: new Set(ABILITIES),
    newMember: (options) => OurMember.open(peer, settings, options),
  }
  return peer
}

const ABILITIES: readonly Ability[] = [
  'create',
  'commit-add',
  'commit-remove',
  'commit-update',
  'propose-add',
  'propose-remove',
  'propose-update',
  'member-proposals',
  'external-join',
  'group-info',
  'messages',
  'past-senders',
  'private-handshakes',
  'new-signature-keys',
  'external-senders',
  'blank-left-half',
  'shrink-and-grow',
  'notices-replacement',
]

const EXPORTER_BYTES = 32

/** Key packages of davey last forever. */
const POLICY: GroupPolicy = { maxLifetimeSeconds: 2n ** 64n }

class OurMember implements PeerMember {
  readonly peer: Peer
  readonly identity: Uint8Array
  readonly #settings: OursSettings
  readonly #options: MemberOptions
  readonly #suite: CipherSuite
  #keyPackages: OwnKeyPackage[] = []
  #state: GroupState | undefined

  private constructor(peer: Peer, settings: OursSettings, options: MemberOptions, suite: CipherSuite) {
    this.peer = peer
    this.identity = options.identity
    this.#settings = settings
    this.#options = options
    this.#suite = suite
  }

  static async open(peer: Peer, settings: OursSettings, options: MemberOptions): Promise<OurMember> {
    const suite = (await loadProvider(settings.provider)).suite(options.suite)
    if (suite === undefined) throw new PeerUnable(peer.name, `use cipher suite ${options.suite}`)
    return new OurMember(peer, settings, options, suite)
  }

  async keyPackage(): Promise<Uint8Array> {
    const own = await createKeyPackage(this.#suite, {
      ...(await this.#newLeaf()),
      keyPackageExtensions: [UNKNOWN_EXTENSION],
    })
    this.#keyPackages.push(own)
    return own.message
  }

  async createGroup(): Promise<void> {
    const { groupId, externalSender } = this.#options
    const groupExtensions = [groupExtension(externalSender)]
    const leaf = await this.#newLeaf()
    this.#adopt(await createGroup(this.#suite, { ...leaf, groupId, groupExtensions, policy: POLICY }))
  }

  async joinWelcome(welcome: Uint8Array): Promise<void> {
    this.#adopt(await joinGroup(this.#suite, welcome, this.#keyPackages, judgement()))
    for (const { secrets } of this.#keyPackages) secrets.initKeyPair.privateKey.wipe()
    this.#keyPackages = []
  }

  async externalJoin(groupInfo: Uint8Array): Promise<CommitOutput> {
    const replaces = membersIn(groupInfo).find((member) => sameIdentity(identityOf(member), this.identity))?.leafIndex
    const { lifetime: _, ...leaf } = await this.#newLeaf()
    const { state, message } = await joinExternal(this.#suite, groupInfo, {
      ...judgement(),
      ...leaf,
      ...(replaces === undefined ? {} : { replaces }),
    })
    this.#adopt(state)
    return { proposals: [], commit: message }
  }

  async commitAdd(keyPackages: readonly Uint8Array[]): Promise<CommitOutput> {
    const proposals = await Promise.all(keyPackages.map((message) => this.#addProposal(message)))
    return this.#commit({ proposals, path: this.#settings.path })
  }

  commitRemove(members: readonly PeerMember[]): Promise<CommitOutput> {
    return this.#commit({ proposals: members.map((member) => this.#removeProposal(member)) })
  }

  async commitUpdate(): Promise<CommitOutput> {
    return this.#commit({ leaf: await this.#leafChanges() })
  }

  commitProposals(): Promise<CommitOutput> {
    return this.#commit({ path: this.#settings.path })
  }

  async proposeAdd(keyPackage: Uint8Array): Promise<Uint8Array> {
    const proposal = await this.#addProposal(keyPackage)
    return this.#send(await propose(this.#current(), proposal, this.#sending()))
  }

  async proposeRemove(member: PeerMember): Promise<Uint8Array> {
    return this.#send(await propose(this.#current(), this.#removeProposal(member), this.#sending()))
  }

  async proposeUpdate(): Promise<Uint8Array> {
    return this.#send(await proposeUpdate(this.#current(), this.#sending(), await this.#leafChanges()))
  }

  async processProposal(message: Uint8Array): Promise<void> {
    const { kind, state } = await processMessage(this.#current(), message, judgement())
    if (kind !== 'proposal') throw new Error(`expected a proposal, got: ${kind}`)
    this.#adopt(state)
  }

  async processCommit(message: Uint8Array): Promise<'member' | 'removed'> {
    const { kind, state } = await processMessage(this.#current(), message, judgement())
    if (kind !== 'commit') throw new Error(`expected a commit, got: ${kind}`)
    this.#adopt(state)
    if (state.status === 'active') return 'member'
    this.#leave()
    return 'removed'
  }

  async encrypt(data: Uint8Array): Promise<Uint8Array> {
    return this.#send(await encryptMessage(this.#current(), data))
  }

  async decrypt(message: Uint8Array): Promise<Uint8Array> {
    const received = await processMessage(this.#current(), message, judgement())
    if (received.kind !== 'application') throw new Error(`expected an application message, got: ${received.kind}`)
    this.#adopt(received.state)
    return received.data
  }

  groupInfo(): Promise<Uint8Array> {
    return createGroupInfo(this.#current(), { ratchetTree: true, externalPub: true, extensions: [UNKNOWN_EXTENSION] })
  }

  async epoch(): Promise<bigint> {
    return epoch(this.#current())
  }

  async leafIndex(): Promise<number> {
    return this.#current().own.leafIndex
  }

  async members(): Promise<readonly Uint8Array[]> {
    return groupMembers(this.#current()).map(identityOf)
  }

  async evidence(): Promise<EpochEvidence> {
    const state = this.#current()
    return {
      exporter: exportSecret(state, 'exporter', new Uint8Array(), EXPORTER_BYTES).bytes,
      epochAuthenticator: epochAuthenticator(state),
    }
  }

  async close(): Promise<void> {
    if (this.#state !== undefined) this.#leave()
    this.#keyPackages = []
  }

  #newLeaf(): ReturnType<typeof newLeaf> {
    return newLeaf(this.#suite, this.identity)
  }

  async #leafChanges(): Promise<Partial<LeafOptions>> {
    if (this.#options.newSignatureKeys !== true) return {}
    return { signatureKeyPair: await this.#suite.signature.generateKeyPair() }
  }

  async #commit(options: Omit<CommitOptions, keyof Judgement>): Promise<CommitOutput> {
    const groupInfo = { ratchetTree: true, extensions: [UNKNOWN_EXTENSION] }
    const result = await commit(this.#current(), { ...this.#sending(), ...options, groupInfo })
    const { state, parent, message, welcome } = result
    wipeState(parent, [state])
    this.#adopt(state)
    return { proposals: [], commit: message, ...(welcome === undefined ? {} : { welcome }) }
  }

  #send({ state, message }: { readonly state: GroupState; readonly message: Uint8Array }): Uint8Array {
    this.#adopt(state)
    return message
  }

  #sending(): SendOptions & Judgement {
    return { ...judgement(), wireFormat: this.#options.privateHandshakes === true ? 'private' : 'public' }
  }

  async #addProposal(message: Uint8Array): Promise<ReturnType<typeof addProposal>> {
    return addProposal(await readKeyPackage(this.#suite, message, judgement()))
  }

  #removeProposal(member: PeerMember): ReturnType<typeof removeProposal> {
    const found = groupMembers(this.#current()).find((one) => sameIdentity(identityOf(one), member.identity))
    if (found === undefined) throw new Error('no such member')
    return removeProposal(found.leafIndex)
  }

  #current(): GroupState {
    if (this.#state === undefined) throw new Error('not in the group')
    return this.#state
  }

  #adopt(next: GroupState): void {
    const state = this.#settings.stored ? restoreState(this.#suite, stateRecords(next).put) : next
    for (const old of [this.#state, next]) if (old !== undefined && old !== state) wipeState(old, [state])
    this.#state = state
  }

  #leave(): void {
    wipeState(this.#current(), [])
    this.#state = undefined
  }
}

function judgement(): Judgement {
  return { nowMs: Date.now(), policy: POLICY }
}
