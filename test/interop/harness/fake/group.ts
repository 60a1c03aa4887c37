// The toy group of the runner's own tests: members, epochs and a chain of digests in place of MLS's key schedule. It has
// MLS's shape (what depends on what, what a member must be given), so that a runner that mixes things up breaks it.
import {
  decode,
  digest,
  encode,
  type ToyCommit,
  type ToyGroupContext,
  type ToyProposal,
  type ToyProposalMessage,
  type ToyWelcome,
} from './wire.ts'

/** A member's state; a value. `secrets` has the secret of every epoch that the member has been in. */
export interface ToyState {
  readonly identity: string
  readonly context: ToyGroupContext
  readonly members: readonly string[]
  readonly secrets: ReadonlyMap<number, string>
}

export type Psks = ReadonlyMap<string, string>

export function secretOf({ context, secrets }: ToyState): string {
  return secrets.get(context.epoch) ?? fail(`no secret of epoch ${context.epoch}`)
}

export function authenticatorOf(state: ToyState): Uint8Array {
  return Buffer.from(digest('authenticator', secretOf(state)), 'hex')
}

/** A commit's effect: the next state, and what a Welcome to it says. */
export interface Applied {
  readonly state: ToyState
  readonly welcome: Omit<ToyWelcome, 'members'>
  readonly proposals: readonly ToyProposal[]
}

/** Applies a commit whose referenced proposals are all among `messages`. */
export function applyCommit(
  state: ToyState,
  commitBytes: Uint8Array,
  messages: readonly Uint8Array[],
  psks: Psks,
): Applied {
  const { context } = state
  const commit = decode(commitBytes, 'commit')
  if (commit.groupId !== context.groupId) fail('a commit of another group')
  if (commit.epoch !== context.epoch) fail(`a commit of epoch ${commit.epoch} in epoch ${context.epoch}`)
  if (commit.external === state.members.includes(commit.from) && !removes(commit)) fail('a commit of a stranger')
  const proposals = [...resolve(state, commit, messages), ...commit.values]
  const members = membersAfter(state.members, commit, proposals)
  const added = proposals.flatMap((proposal) => (proposal.type === 'add' ? [proposal.keyPackage] : []))
  if (added.some(({ suite }) => suite !== context.suite)) fail('a key package of another suite')
  const extensions = proposals.find((proposal) => proposal.type === 'extensions')?.extensions ?? context.extensions
  const next: ToyGroupContext = { ...context, epoch: context.epoch + 1, extensions }
  const joinerSecret = digest('joiner', secretOf(state), Buffer.from(commitBytes).toString('hex'), members, next)
  const pskProposals = proposals.filter((proposal) => proposal.type === 'psk' || proposal.type === 'resumption')
  const secret = epochSecret(joinerSecret, pskProposals, psks, state.secrets)
  return {
    state: { ...state, context: next, members, secrets: new Map([...state.secrets, [next.epoch, secret]]) },
    welcome: {
      kind: 'welcome',
      context: next,
      joinerSecret,
      psks: pskProposals,
      keyPackages: added.map((keyPackage) => digest(keyPackage)),
    },
    proposals,
  }
}

/** Joins by a Welcome: `tree` is what came beside it, `resumption` the secret that links a subgroup to its old group. */
export function joinByWelcome(
  identity: string,
  welcome: ToyWelcome,
  tree: Uint8Array,
  psks: Psks,
  resumption: ReadonlyMap<number, string> = new Map(),
): ToyState {
  if ((welcome.members === null) === (tree.length === 0)) fail('the tree must come in the Welcome or beside it')
  const members = welcome.members ?? decode(tree, 'tree').members
  const secret = epochSecret(welcome.joinerSecret, welcome.psks, psks, resumption)
  const { context } = welcome
  return { identity, context, members, secrets: new Map([[context.epoch, secret]]) }
}

/** Mixes the PSKs of a commit into its epoch. */
export function epochSecret(
  joinerSecret: string,
  proposals: readonly ToyProposal[],
  psks: Psks,
  secrets: ReadonlyMap<number, string>,
): string {
  const mixed = proposals.map((proposal) => {
    if (proposal.type === 'psk') return psks.get(proposal.id) ?? fail(`no PSK ${proposal.id}`)
    if (proposal.type === 'resumption') return secrets.get(proposal.epoch) ?? fail(`no epoch ${proposal.epoch}`)
    return fail('not a PSK')
  })
  return digest('epoch', joinerSecret, mixed)
}

/** Makes a member's proposal message. */
export function propose({ identity, context }: ToyState, proposal: ToyProposal): Uint8Array {
  const { groupId, epoch } = context
  return encode({ kind: 'proposal', groupId, epoch, from: { member: identity }, proposal })
}

/** The external senders of a group: what its extension of type 5 holds, 32 bytes each. */
export function externalSenders({ extensions }: ToyGroupContext): readonly string[] {
  const data = extensions.find(({ type }) => type === EXTERNAL_SENDERS)?.data ?? ''
  return data.match(/.{64}/g) ?? []
}

export function withExternalSender(context: ToyGroupContext, sender: string): ToyProposal {
  const data = [...externalSenders(context), sender].join('')
  const others = context.extensions.filter(({ type }) => type !== EXTERNAL_SENDERS)
  return { type: 'extensions', extensions: [...others, { type: EXTERNAL_SENDERS, data }] }
}

export function fail(what: string): never {
  throw new Error(what)
}

function resolve(state: ToyState, commit: ToyCommit, messages: readonly Uint8Array[]): readonly ToyProposal[] {
  const given = messages.map((bytes) => decode(bytes, 'proposal'))
  return commit.references.map((reference) => {
    const message = given.find((candidate) => digest(candidate) === reference) ?? fail('a proposal is missing')
    checkSender(state, commit, message)
    return message.proposal
  })
}

function checkSender({ context, members }: ToyState, commit: ToyCommit, message: ToyProposalMessage): void {
  if (message.groupId !== context.groupId || message.epoch !== context.epoch) fail('a proposal of another epoch')
  const { from, proposal } = message
  if ('member' in from && !members.includes(from.member)) fail(`a proposal of ${from.member}, who is no member`)
  if ('external' in from && externalSenders(context)[from.external] === undefined) fail('no such external sender')
  if ('newMember' in from && proposal.type !== 'add') fail('a new member can only add itself')
  if (proposal.type === 'update' && 'member' in from && from.member === commit.from) fail('an update of the committer')
}

function membersAfter(members: readonly string[], commit: ToyCommit, proposals: readonly ToyProposal[]): string[] {
  const removed = proposals.flatMap((proposal) => (proposal.type === 'remove' ? [proposal.identity] : []))
  if (removed.some((identity) => !members.includes(identity))) fail('nobody to remove')
  const added = proposals.flatMap((proposal) => (proposal.type === 'add' ? [proposal.keyPackage.identity] : []))
  const left = members.filter((identity) => !removed.includes(identity))
  return [...left, ...added, ...(commit.external ? [commit.from] : [])]
}

/** Whether an external commit removes its sender's former leaf. */
function removes({ external, from, values }: ToyCommit): boolean {
  return external && values.some((proposal) => proposal.type === 'remove' && proposal.identity === from)
}

const EXTERNAL_SENDERS = 5
