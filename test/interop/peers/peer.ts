// What the interop tests need of any MLS stack (RFC 9420): members of one group that exchange encoded messages.

/** A thing that a stack may be unable to do; the methods of `PeerMember` that need it name it. */
export type Ability =
  /** Starts groups. */
  | 'create'
  /** Commits Adds, Removes, an empty commit with a path. */
  | 'commit-add'
  | 'commit-remove'
  | 'commit-update'
  /** Sends proposals without committing to them. */
  | 'propose-add'
  | 'propose-remove'
  | 'propose-update'
  /** Takes proposals from other members, and commits to them. */
  | 'member-proposals'
  /** Joins by external commit, and hands out the GroupInfo that others need for it. */
  | 'external-join'
  | 'group-info'
  /** Encrypts and decrypts application messages. */
  | 'messages'
  /** Decrypts messages of a past epoch even after their sender has left the group. */
  | 'past-senders'
  /** Handshakes may travel as PrivateMessage. Without it, PublicMessage only. */
  | 'private-handshakes'
  /** Verifies what a member signed by the signature key that its leaf had then (RFC 9420 §6.1), whatever it has now. */
  | 'new-signature-keys'
  /** Takes part in groups with an `external_senders` extension, proposals by the external sender included. */
  | 'external-senders'
  /** Works while the left half of the tree is blank, and the root off the filtered direct path (RFC 9420 §4.1.2). */
  | 'blank-left-half'
  /** Gets the tree right when an external commit blanks the last leaf, and the tree shrinks and grows again. */
  | 'shrink-and-grow'
  /** Notices its own removal by a commit that gives its leaf to somebody else at once. */
  | 'notices-replacement'

/** One MLS stack. */
export interface Peer {
  readonly name: string
  /** Cipher suites by number (RFC 9420 §17.1). */
  readonly suites: readonly number[]
  readonly abilities: ReadonlySet<Ability>
  newMember(options: MemberOptions): Promise<PeerMember>
}

export interface MemberOptions {
  /** The identity of the basic credential (RFC 9420 §5.3); see identities.ts for the forms that peers insist on. */
  readonly identity: Uint8Array
  readonly suite: number
  /** The only group that this member will ever be in. */
  readonly groupId: Uint8Array
  /** Sends handshakes as PrivateMessage (RFC 9420 §6.3); needs `private-handshakes`. */
  readonly privateHandshakes?: boolean
  /** Replaces its signature key in its updates; needs `new-signature-keys` of all members. */
  readonly newSignatureKeys?: boolean
  /** Who may send proposals from outside (RFC 9420 §12.1.8.1); needs `external-senders`. */
  readonly externalSender?: ExternalSender
}

/** A party outside of the group whose proposals the members accept. */
export interface ExternalSender {
  /** The encoded `ExternalSender` struct. */
  readonly encoded: Uint8Array
  /** An MLSMessage with an Add of this KeyPackage (an MLSMessage too). */
  proposeAdd(groupId: Uint8Array, epoch: bigint, keyPackage: Uint8Array): Promise<Uint8Array>
  /** An MLSMessage with a Remove of this leaf. */
  proposeRemove(groupId: Uint8Array, epoch: bigint, leafIndex: number): Promise<Uint8Array>
}

/** What a commit sends out. Everything is an encoded MLSMessage (RFC 9420 §6). */
export interface CommitOutput {
  /** Proposals that the commit refers to and that nobody has seen yet: every other member has to get them first. */
  readonly proposals: readonly Uint8Array[]
  readonly commit: Uint8Array
  /** One Welcome for all added members, with the ratchet tree inside (RFC 9420 §12.4.3.3). */
  readonly welcome?: Uint8Array
}

/** Values that all members of an epoch share and nobody else knows; a stack has at least one of the two. */
export interface EpochEvidence {
  /** MLS-Exporter("exporter", "", 32), RFC 9420 §8.5. */
  readonly exporter?: Uint8Array
  /** RFC 9420 §8.7. */
  readonly epochAuthenticator?: Uint8Array
}

/**
 * One client of a stack, in at most one group. What it commits takes effect for itself at once: its own commit is never
 * given back to it. A member that was removed, or was never in, joins by `keyPackage` and `joinWelcome` or `externalJoin`.
 */
export interface PeerMember {
  readonly peer: Peer
  readonly identity: Uint8Array
  /** A fresh KeyPackage, an encoded MLSMessage. */
  keyPackage(): Promise<Uint8Array>
  createGroup(): Promise<void>
  joinWelcome(welcome: Uint8Array): Promise<void>
  /** Joins by external commit; where its identity is in the group already, that leaf goes (RFC 9420 §12.4.3.2). */
  externalJoin(groupInfo: Uint8Array): Promise<CommitOutput>
  commitAdd(keyPackages: readonly Uint8Array[]): Promise<CommitOutput>
  commitRemove(members: readonly PeerMember[]): Promise<CommitOutput>
  commitUpdate(): Promise<CommitOutput>
  /** Commits to all proposals of this epoch that it has received or sent. */
  commitProposals(): Promise<CommitOutput>
  proposeAdd(keyPackage: Uint8Array): Promise<Uint8Array>
  proposeRemove(member: PeerMember): Promise<Uint8Array>
  proposeUpdate(): Promise<Uint8Array>
  processProposal(message: Uint8Array): Promise<void>
  processCommit(message: Uint8Array): Promise<'member' | 'removed'>
  encrypt(data: Uint8Array): Promise<Uint8Array>
  decrypt(message: Uint8Array): Promise<Uint8Array>
  /** A GroupInfo of the current epoch with tree and external_pub, where it has one. */
  groupInfo(): Promise<Uint8Array | undefined>
  epoch(): Promise<bigint>
  /** Its own leaf; undefined for stacks that do not tell. */
  leafIndex(): Promise<number | undefined>
  /** The identities of all members, in the order of their leaves. */
  members(): Promise<readonly Uint8Array[]>
  evidence(): Promise<EpochEvidence>
  close(): Promise<void>
}

/** The stack cannot do this at all: its abilities say so, and no test should have asked. */
export class PeerUnable extends Error {
  constructor(peer: string, what: string) {
    super(`${peer} cannot ${what}`)
    this.name = 'PeerUnable'
  }
}

/** The stack refused something that RFC 9420 allows, for a defect that the adapter recognised and verified. */
export class PeerDefect extends Error {
  constructor(peer: string, what: string, cause: unknown) {
    super(`${peer}: ${what}`, { cause })
    this.name = 'PeerDefect'
  }
}
