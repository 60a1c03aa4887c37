// The operations of a random schedule (RFC 9420 §12). Each says in the log what it is going to do and does it, or
// returns false if nothing of its kind is possible now.
import { blame, expectText } from './peers/exchange.ts'
import type { Ability, PeerMember } from './peers/peer.ts'
import type { Random } from './random.ts'
import type { Roster } from './roster.ts'

export type Operation = 'add' | 'remove' | 'update' | 'rejoin' | 'proposals' | 'messages'

export const OPERATIONS: Readonly<Record<Operation, (roster: Roster) => Promise<boolean>>> = {
  add,
  remove,
  update,
  rejoin,
  proposals,
  messages,
}

const MAX_ADDED = 3
const MAX_REMOVED = 2
const MAX_PROPOSALS = 3
const MAX_MESSAGES = 3
const MIN_MEMBERS = 2

async function add(roster: Roster): Promise<boolean> {
  const { random } = roster
  const committers = roster.able('commit-add')
  if (committers.length === 0 || roster.room === 0) return false
  const committer = random.pick(committers)
  const joining = await roster.newcomers(1 + random.below(Math.min(MAX_ADDED, roster.room)))
  roster.note(`add: ${roster.list(joining)} by ${roster.name(committer)}`)
  await roster.maybeHoldMessage()
  const keyPackages: Uint8Array[] = []
  for (const newcomer of joining) keyPackages.push(await blame(newcomer, 'key package', () => newcomer.keyPackage()))
  const output = await blame(committer, 'add', () => committer.commitAdd(keyPackages))
  await roster.settle(committer, output, { joining })
  return true
}

async function remove(roster: Roster): Promise<boolean> {
  const { random, members } = roster
  const committers = roster.able('commit-remove')
  const removable = Math.min(MAX_REMOVED, members.length - MIN_MEMBERS)
  if (committers.length === 0 || removable < 1) return false
  const committer = random.pick(committers)
  const others = members.filter((member) => member !== committer)
  const leaving = random.sample(others, 1 + random.below(removable))
  if (!roster.allows({ leaving })) return false
  roster.note(`remove: ${roster.list(leaving)} by ${roster.name(committer)}`)
  await roster.maybeHoldMessage()
  const output = await blame(committer, 'remove', () => committer.commitRemove(leaving))
  await roster.settle(committer, output, { leaving })
  return true
}

async function update(roster: Roster): Promise<boolean> {
  const committers = roster.able('commit-update')
  if (committers.length === 0) return false
  const committer = roster.random.pick(committers)
  roster.note(`update: by ${roster.name(committer)}`)
  await roster.maybeHoldMessage()
  await roster.settle(committer, await blame(committer, 'update', () => committer.commitUpdate()))
  return true
}

/** By external commit: a member that lost its state, one that had left, or somebody new. */
async function rejoin(roster: Roster): Promise<boolean> {
  const { random } = roster
  const able = (client: PeerMember): boolean => client.peer.abilities.has('external-join')
  for (const host of random.sample(roster.able('group-info'), roster.members.length)) {
    const groupInfo = await host.groupInfo()
    if (groupInfo === undefined) continue
    const candidates = roster.members.filter((member) => member !== host && able(member))
    if (roster.room > 0) candidates.push(...roster.out.filter(able), await roster.newClient('external-join'))
    if (candidates.length === 0) continue
    const joiner = random.pick(candidates)
    const again = roster.members.includes(joiner)
    const change = { joining: [joiner], leaving: again ? [joiner] : [] }
    if (!roster.allows(change, true)) continue
    const kind = again ? 'again' : 'from outside'
    roster.note(`rejoin: ${roster.name(joiner)} ${kind}, with the GroupInfo of ${roster.name(host)}`)
    await roster.maybeHoldMessage()
    const output = await blame(joiner, 'external join', () => joiner.externalJoin(groupInfo))
    await roster.settle(joiner, output, change)
    return true
  }
  return false
}

/** Proposals by reference, which another member, or one of the proposers, commits to. */
async function proposals(roster: Roster): Promise<boolean> {
  const { random, members } = roster
  if (members.some((member) => !member.peer.abilities.has('member-proposals'))) return false
  const committer = random.pick(members)
  const plan = await planProposals(roster, committer)
  const joining = plan.filter(({ kind }) => kind === 'propose-add').map(({ subject }) => subject)
  const leaving = plan.filter(({ kind }) => kind === 'propose-remove').map(({ subject }) => subject)
  if (plan.length === 0 || !roster.allows({ joining, leaving })) return false
  const list = plan.map(({ proposer, kind, subject }) => `${roster.name(proposer)} ${kind} ${roster.name(subject)}`)
  roster.note(`proposals: ${list.join('; ')}; committed by ${roster.name(committer)}`)
  await roster.maybeHoldMessage()
  for (const { proposer, propose } of plan) {
    const message = await blame(proposer, 'propose', propose)
    for (const member of members) {
      if (member !== proposer) await blame(member, 'proposal', () => member.processProposal(message))
    }
  }
  const output = await blame(committer, 'commit to proposals', () => committer.commitProposals())
  await roster.settle(committer, output, { joining, leaving })
  return true
}

type Kind = Extract<Ability, 'propose-add' | 'propose-remove' | 'propose-update'>

interface PlannedProposal {
  readonly proposer: PeerMember
  readonly kind: Kind
  /** Whom it adds, removes or updates. */
  readonly subject: PeerMember
  readonly propose: () => Promise<Uint8Array>
}

/** At most one proposal concerns a member, and none the committer (RFC 9420 §12.2). */
async function planProposals(roster: Roster, committer: PeerMember): Promise<PlannedProposal[]> {
  const { random, members } = roster
  const plan: PlannedProposal[] = []
  let removable = members.length - MIN_MEMBERS
  let room = roster.room
  const free = (): PeerMember[] => {
    const taken = plan.map(({ subject }) => subject)
    return members.filter((member) => member !== committer && !taken.includes(member))
  }
  for (let count = 1 + random.below(MAX_PROPOSALS); count > 0; count--) {
    const kind: Kind = random.pick(['propose-add', 'propose-remove', 'propose-update'])
    const proposers = roster.able(kind)
    if (kind === 'propose-update') {
      const [proposer] = random.sample(
        free().filter((member) => proposers.includes(member)),
        1,
      )
      if (proposer === undefined) continue
      plan.push({ kind, proposer, subject: proposer, propose: () => proposer.proposeUpdate() })
      continue
    }
    if (proposers.length === 0) continue
    const proposer = random.pick(proposers)
    if (kind === 'propose-remove') {
      // RFC 9420 §12.1.3 lets a member propose its own removal.
      const [subject] = random.sample(free(), 1)
      if (subject === undefined || removable < 1) continue
      removable -= 1
      plan.push({ kind, proposer, subject, propose: () => proposer.proposeRemove(subject) })
      continue
    }
    const [subject] = await roster.newcomers(1)
    if (subject === undefined || room < 1 || plan.some((other) => other.subject === subject)) continue
    room -= 1
    plan.push({ kind, proposer, subject, propose: async () => proposer.proposeAdd(await subject.keyPackage()) })
  }
  return plan
}

/** Several messages of one member, which the others get in slightly different orders. */
async function messages(roster: Roster): Promise<boolean> {
  const { random } = roster
  const talkers = roster.able('messages')
  if (talkers.length < 2) return false
  const sender = random.pick(talkers)
  const total = 1 + random.below(MAX_MESSAGES)
  roster.note(`messages: ${total} of ${roster.name(sender)}`)
  const sent: { readonly text: string; readonly message: Uint8Array }[] = []
  for (let count = 1; count <= total; count++) {
    const text = `${roster.name(sender)} counts ${count}`
    sent.push({ text, message: await blame(sender, 'encrypt', () => sender.encrypt(Buffer.from(text))) })
  }
  for (const reader of talkers) {
    if (reader === sender) continue
    for (const { text, message } of swapNeighbours(random, sent)) await expectText(reader, message, text)
  }
  return true
}

/** No item comes more than one place early or late: core-crypto keeps the key of the last skipped message only. */
function swapNeighbours<Item>(random: Random, items: readonly Item[]): Item[] {
  const [first, second, ...rest] = items
  if (first === undefined || second === undefined) return [...items]
  if (random.chance(0.5)) return [first, ...swapNeighbours(random, [second, ...rest])]
  return [second, first, ...swapNeighbours(random, rest)]
}
