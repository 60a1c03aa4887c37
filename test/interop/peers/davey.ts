// The peer `@snazzah/davey` (OpenMLS, native), which speaks Discord's DAVE protocol: MLS for the keys of a call.
//
// Facts about it, seen with 0.1.12:
// - Cipher suite 2 only; identities are user numbers of 8 octets, the group id is a channel number of 8 octets.
// - Its groups have one external sender, which has to be known before the group is. It makes no proposals itself, and
//   commits only to those of the external sender and of other members; it makes that commit as soon as it gets them.
//   Others may commit to proposals by value, or to nothing.
// - Handshakes are PublicMessages, both ways. KeyPackages and Welcomes are bare structs here.
// - It joins only groups with exactly that external sender.
// - It shows the epoch authenticator and no exporter, and has no application messages: media keys come from elsewhere.
// - Its key packages last from 0 to 2^64 - 1, and support suite 2 and basic credentials only. Those of others have to
//   be valid now, with all their extensions listed in the capabilities of the leaf; it does not find those of GREASE types
//   (RFC 9420 §13.5) there, and refuses them.
// - It refuses an external commit that blanks the last leaf, so that the tree shrinks and grows again, where its sender then has
//   another leaf than before (`PathLengthMismatch`): of leaves 0, 1 and 3, 3 comes back as 2.
import { DAVESession, generateP256Keypair, type ProposalsResult } from '@snazzah/davey'
import { vector } from './external-sender.ts'
import { userNumber } from './identities.ts'
import { unwrap, wrap } from './mls-message.ts'
import type { Ability, CommitOutput, EpochEvidence, ExternalSender, MemberOptions, Peer, PeerMember } from './peer.ts'
import { PeerUnable } from './peer.ts'

const NAME = 'davey'
const SUITE = 2
const PROTOCOL_VERSION = 1
const APPEND_PROPOSALS = 0

const ABILITIES: readonly Ability[] = [
  'member-proposals',
  'create',
  'commit-add',
  'commit-remove',
  'new-signature-keys',
  'external-senders',
  'blank-left-half',
  'notices-replacement',
]

export const daveyPeer: Peer = {
  name: NAME,
  suites: [SUITE],
  abilities: new Set(ABILITIES),
  newMember: async (options) => new DaveyMember(options),
}

class DaveyMember implements PeerMember {
  readonly peer: Peer = daveyPeer
  readonly identity: Uint8Array
  readonly #groupId: Uint8Array
  readonly #externalSender: ExternalSender
  readonly #signatureKeys = generateP256Keypair()
  readonly #session: DAVESession
  /** Received in this epoch, and not given to the session yet. */
  #proposals: Uint8Array[] = []

  constructor(options: MemberOptions) {
    if (options.suite !== SUITE) throw new PeerUnable(NAME, `use cipher suite ${options.suite}`)
    if (options.externalSender === undefined) throw new PeerUnable(NAME, 'be in a group without external sender')
    this.identity = options.identity
    this.#groupId = options.groupId
    this.#externalSender = options.externalSender
    this.#session = new DAVESession(PROTOCOL_VERSION, userId(this.identity), userId(this.#groupId), this.#signatureKeys)
    this.#session.setExternalSender(Buffer.from(this.#externalSender.encoded))
  }

  keyPackage(): Promise<Uint8Array> {
    return attempt(() => {
      this.#startOver()
      return wrap('keyPackage', this.#session.getSerializedKeyPackage())
    })
  }

  /** Every session starts with a group of its own, which lasts until it joins another. */
  createGroup(): Promise<void> {
    return attempt(() => this.#startOver())
  }

  joinWelcome(welcome: Uint8Array): Promise<void> {
    return attempt(() => this.#session.processWelcome(Buffer.from(unwrap('welcome', welcome))))
  }

  externalJoin(): Promise<CommitOutput> {
    return Promise.reject(new PeerUnable(NAME, 'join by external commit'))
  }

  async commitAdd(keyPackages: readonly Uint8Array[]): Promise<CommitOutput> {
    const epoch = await this.epoch()
    const propose = (keyPackage: Uint8Array) => this.#externalSender.proposeAdd(this.#groupId, epoch, keyPackage)
    return this.#commit(await Promise.all(keyPackages.map(propose)))
  }

  async commitRemove(members: readonly PeerMember[]): Promise<CommitOutput> {
    const epoch = await this.epoch()
    const proposals: Uint8Array[] = []
    for (const member of members) {
      const leafIndex = await member.leafIndex()
      if (leafIndex === undefined)
        throw new PeerUnable(NAME, `remove a member of ${member.peer.name}, whose leaf is unknown`)
      proposals.push(await this.#externalSender.proposeRemove(this.#groupId, epoch, leafIndex))
    }
    return this.#commit(proposals)
  }

  commitUpdate(): Promise<CommitOutput> {
    return Promise.reject(new PeerUnable(NAME, 'commit without a proposal'))
  }

  commitProposals(): Promise<CommitOutput> {
    return this.#commit([])
  }

  proposeAdd(): Promise<Uint8Array> {
    return Promise.reject(new PeerUnable(NAME, 'propose'))
  }

  proposeRemove(): Promise<Uint8Array> {
    return Promise.reject(new PeerUnable(NAME, 'propose'))
  }

  proposeUpdate(): Promise<Uint8Array> {
    return Promise.reject(new PeerUnable(NAME, 'propose'))
  }

  /** Kept until a commit comes: it forgets the Welcome for an Add when it gets a Remove in a later call. */
  processProposal(message: Uint8Array): Promise<void> {
    this.#proposals.push(message)
    return Promise.resolve()
  }

  /**
   * When the commit removes it, it keeps the proposal to do so and fails at its own commit to that; then it processes
   * the commit, and fails at the media keys of the epoch that it is not in.
   */
  processCommit(message: Uint8Array): Promise<'member' | 'removed'> {
    return attempt(() => {
      if (this.#proposals.length > 0) unlessIncludes('CannotRemoveSelf', () => this.#giveProposals())
      const done = unlessIncludes('UseAfterEviction', () => this.#session.processCommit(Buffer.from(message)))
      return done ? 'member' : 'removed'
    })
  }

  encrypt(): Promise<Uint8Array> {
    return Promise.reject(new PeerUnable(NAME, 'send application messages'))
  }

  decrypt(): Promise<Uint8Array> {
    return Promise.reject(new PeerUnable(NAME, 'receive application messages'))
  }

  groupInfo(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  async epoch(): Promise<bigint> {
    if (this.#session.epoch === null) throw new Error('not in the group')
    return this.#session.epoch
  }

  async leafIndex(): Promise<number> {
    if (this.#session.ownLeafIndex === null) throw new Error('not in the group')
    return this.#session.ownLeafIndex
  }

  async members(): Promise<readonly Uint8Array[]> {
    return this.#session.getUserIds().map((id) => userNumber(Number(id)))
  }

  async evidence(): Promise<EpochEvidence> {
    const epochAuthenticator = this.#session.getEpochAuthenticator()
    if (epochAuthenticator === null) throw new Error('not in the group')
    return { epochAuthenticator }
  }

  async close(): Promise<void> {
    this.#session.reset()
  }

  #startOver(): void {
    this.#proposals = []
    this.#session.reinit(PROTOCOL_VERSION, userId(this.identity), userId(this.#groupId), this.#signatureKeys)
    this.#session.setExternalSender(Buffer.from(this.#externalSender.encoded))
  }

  #commit(proposals: readonly Uint8Array[]): Promise<CommitOutput> {
    return attempt(() => {
      this.#proposals.push(...proposals)
      const { commit, welcome } = this.#giveProposals()
      if (commit === undefined) throw new Error(`${NAME} made no commit`)
      this.#session.processCommit(commit)
      return {
        proposals,
        commit: new Uint8Array(commit),
        ...(welcome === undefined ? {} : { welcome: wrap('welcome', welcome) }),
      }
    })
  }

  #giveProposals(): ProposalsResult {
    const messages = Buffer.from(vector(Buffer.concat(this.#proposals)))
    this.#proposals = []
    return this.#session.processProposals(APPEND_PROPOSALS, messages)
  }
}

function userId(identity: Uint8Array): string {
  if (identity.length !== 8) throw new PeerUnable(NAME, `use an identity of ${identity.length} octets`)
  return new DataView(identity.buffer, identity.byteOffset, 8).getBigUint64(0).toString()
}

/** Whether the action was done without an error of this text. Throws all others. */
function unlessIncludes(text: string, action: () => unknown): boolean {
  try {
    action()
    return true
  } catch (error) {
    if (error instanceof Error && error.message.includes(text)) return false
    throw error
  }
}

/** Makes a promise of the outcome. */
async function attempt<Result>(action: () => Result): Promise<Result> {
  return action()
}
