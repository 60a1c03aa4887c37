// The peer `ts-mls`, an independent MLS stack in TypeScript.
//
// Left out, since its released versions encode two extensions in their own way and cannot work with others there:
// - external joins and GroupInfos for them: it puts the bare HPKE public key into `external_pub`, where RFC 9420
//   §12.4.3.2 has a struct whose only field is a vector, that is, one length prefix more. (It does process external
//   commits of others, which carry no such extension.)
// - groups with external senders: it reads one ExternalSender from `external_senders`, where RFC 9420 §12.1.8.1 has a
//   vector of them.
// Other facts about it, seen with 1.6.4:
// - Commits that only add have no path; it commits to every proposal that it knows of.
// - It makes no Update proposals.
// - It refuses a Remove and an Add with the same signature key in one commit.
// - It refuses to join some valid trees: see ts-mls-unmerged-leaves.ts.
// - When the root is off the filtered direct path, it derives one path secret too many and misses the commit secret.
// - When a commit removes it and adds another client, which gets its leaf, it does not notice and fails.
import {
  type CiphersuiteImpl,
  type ClientState,
  createApplicationMessage,
  createCommit,
  createGroup,
  createProposal,
  emptyPskIndex,
  encodeMlsMessage,
  joinGroup,
  mlsExporter,
  type ProcessMessageResult,
  type Proposal,
  processPrivateMessage,
  processPublicMessage,
} from 'ts-mls'
import { makeKeyPackageRef } from 'ts-mls/keyPackage.js'
import { sameIdentity } from './identities.ts'
import type { Ability, CommitOutput, EpochEvidence, MemberOptions, Peer, PeerMember } from './peer.ts'
import { PeerDefect, PeerUnable } from './peer.ts'
import {
  addProposal,
  commitOutput,
  decode,
  keyPackageMessage,
  newKeyPackage,
  type OwnKeyPackage,
  welcomeIn,
} from './ts-mls-messages.ts'
import { type SignatureKeyPair, signatureKeyPair, tsMlsSuite } from './ts-mls-suite.ts'
import { hasOnlyTheUnmergedLeavesDefect } from './ts-mls-unmerged-leaves.ts'

const NAME = 'ts-mls'
const EXPORTER_BYTES = 32

const ABILITIES: readonly Ability[] = [
  'create',
  'commit-add',
  'commit-remove',
  'commit-update',
  'propose-add',
  'propose-remove',
  'member-proposals',
  'messages',
  'past-senders',
  'private-handshakes',
  'new-signature-keys',
  'shrink-and-grow',
]

export const tsMls: Peer = {
  name: NAME,
  suites: [1, 2, 3, 4, 5, 6, 7],
  abilities: new Set(ABILITIES),
  newMember: (options) => TsMlsMember.open(options),
}

class TsMlsMember implements PeerMember {
  readonly peer: Peer = tsMls
  readonly identity: Uint8Array
  readonly #options: MemberOptions
  readonly #suite: CiphersuiteImpl
  readonly #signatureKeys: SignatureKeyPair
  #keyPackages: OwnKeyPackage[] = []
  #state: ClientState | undefined

  private constructor(options: MemberOptions, suite: CiphersuiteImpl, signatureKeys: SignatureKeyPair) {
    this.identity = options.identity
    this.#options = options
    this.#suite = suite
    this.#signatureKeys = signatureKeys
  }

  static async open(options: MemberOptions): Promise<TsMlsMember> {
    if (options.externalSender !== undefined) throw new PeerUnable(NAME, 'read external_senders')
    const suite = await tsMlsSuite(options.suite)
    return new TsMlsMember(options, suite, await signatureKeyPair(options.suite, suite))
  }

  async keyPackage(): Promise<Uint8Array> {
    const own = await this.#newKeyPackage()
    this.#keyPackages.push(own)
    return keyPackageMessage(own)
  }

  async createGroup(): Promise<void> {
    const own = await this.#newKeyPackage()
    this.#state = await createGroup(this.#options.groupId, own.publicPackage, own.privatePackage, [], this.#suite)
  }

  async joinWelcome(message: Uint8Array): Promise<void> {
    const welcome = welcomeIn(message)
    const invited = new Set(welcome.secrets.map(({ newMember }) => hex(newMember)))
    for (const own of this.#keyPackages) {
      if (!invited.has(hex(await makeKeyPackageRef(own.publicPackage, this.#suite.hash)))) continue
      this.#keyPackages = this.#keyPackages.filter((other) => other !== own)
      try {
        this.#state = await joinGroup(welcome, own.publicPackage, own.privatePackage, emptyPskIndex, this.#suite)
      } catch (cause) {
        if (await hasOnlyTheUnmergedLeavesDefect(cause, welcome, own, this.#suite)) {
          throw new PeerDefect(NAME, 'wants equal unmerged_leaves along a direct path', cause)
        }
        throw cause
      }
      return
    }
    throw new Error('the Welcome is for none of the key packages')
  }

  externalJoin(): Promise<CommitOutput> {
    return Promise.reject(new PeerUnable(NAME, 'read external_pub'))
  }

  commitAdd(keyPackages: readonly Uint8Array[]): Promise<CommitOutput> {
    return this.#commit(keyPackages.map(addProposal))
  }

  commitRemove(members: readonly PeerMember[]): Promise<CommitOutput> {
    return this.#commit(members.map((member) => this.#removeProposal(member)))
  }

  commitUpdate(): Promise<CommitOutput> {
    return this.#commit([])
  }

  commitProposals(): Promise<CommitOutput> {
    return this.#commit([])
  }

  proposeAdd(keyPackage: Uint8Array): Promise<Uint8Array> {
    return this.#propose(addProposal(keyPackage))
  }

  proposeRemove(member: PeerMember): Promise<Uint8Array> {
    return this.#propose(this.#removeProposal(member))
  }

  proposeUpdate(): Promise<Uint8Array> {
    return Promise.reject(new PeerUnable(NAME, 'propose an Update'))
  }

  async processProposal(message: Uint8Array): Promise<void> {
    await this.#process(message)
  }

  async processCommit(message: Uint8Array): Promise<'member' | 'removed'> {
    await this.#process(message)
    if (this.#current().groupActiveState.kind === 'active') return 'member'
    this.#state = undefined
    return 'removed'
  }

  async encrypt(data: Uint8Array): Promise<Uint8Array> {
    const { newState, privateMessage } = await createApplicationMessage(this.#current(), data, this.#suite)
    this.#state = newState
    return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_private_message', privateMessage })
  }

  async decrypt(message: Uint8Array): Promise<Uint8Array> {
    const result = await this.#process(message)
    if (result === undefined || result.kind !== 'applicationMessage') throw new Error('not an application message')
    return result.message
  }

  groupInfo(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  epoch(): Promise<bigint> {
    return Promise.resolve(this.#current().groupContext.epoch)
  }

  leafIndex(): Promise<number> {
    return Promise.resolve(this.#current().privatePath.leafIndex)
  }

  members(): Promise<readonly Uint8Array[]> {
    return Promise.resolve([...this.#leaves().values()])
  }

  async evidence(): Promise<EpochEvidence> {
    const { exporterSecret, epochAuthenticator } = this.#current().keySchedule
    const exporter = await mlsExporter(exporterSecret, 'exporter', new Uint8Array(), EXPORTER_BYTES, this.#suite)
    return { exporter, epochAuthenticator }
  }

  close(): Promise<void> {
    this.#state = undefined
    this.#keyPackages = []
    return Promise.resolve()
  }

  #newKeyPackage(): Promise<OwnKeyPackage> {
    return newKeyPackage(this.#suite, this.identity, this.#signatureKeys)
  }

  async #commit(extraProposals: Proposal[]): Promise<CommitOutput> {
    const { newState, commit, welcome } = await createCommit(
      { state: this.#current(), cipherSuite: this.#suite },
      { extraProposals, ratchetTreeExtension: true, wireAsPublicMessage: this.#options.privateHandshakes !== true },
    )
    this.#state = newState
    return commitOutput(commit, welcome)
  }

  async #propose(proposal: Proposal): Promise<Uint8Array> {
    const asPublic = this.#options.privateHandshakes !== true
    const { newState, message } = await createProposal(this.#current(), asPublic, proposal, this.#suite)
    this.#state = newState
    return encodeMlsMessage(message)
  }

  async #process(message: Uint8Array): Promise<ProcessMessageResult | undefined> {
    const decoded = decode(message)
    if (decoded.wireformat === 'mls_private_message') {
      const result = await processPrivateMessage(this.#current(), decoded.privateMessage, emptyPskIndex, this.#suite)
      this.#state = result.newState
      return result
    }
    if (decoded.wireformat !== 'mls_public_message') throw new Error(`unexpected ${decoded.wireformat}`)
    const { newState } = await processPublicMessage(this.#current(), decoded.publicMessage, emptyPskIndex, this.#suite)
    this.#state = newState
    return undefined
  }

  #removeProposal(member: PeerMember): Proposal {
    for (const [removed, identity] of this.#leaves()) {
      if (sameIdentity(identity, member.identity)) return { proposalType: 'remove', remove: { removed } }
    }
    throw new Error('no such member')
  }

  #leaves(): ReadonlyMap<number, Uint8Array> {
    const leaves = new Map<number, Uint8Array>()
    for (const [nodeIndex, node] of this.#current().ratchetTree.entries()) {
      if (node?.nodeType !== 'leaf' || node.leaf.credential.credentialType !== 'basic') continue
      leaves.set(nodeIndex / 2, node.leaf.credential.identity)
    }
    return leaves
  }

  #current(): ClientState {
    if (this.#state === undefined) throw new Error('not in the group')
    return this.#state
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
