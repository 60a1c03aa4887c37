// Steps that several members take together, for tests of any stacks: one acts, all others follow.
import { assertAgreement, describeMember } from './agreement.ts'
import type { CommitOutput, PeerMember } from './peer.ts'

/** Gives a commit, and the proposals that it refers to, to everybody who was in the group before it. */
export async function deliver(output: CommitOutput, to: readonly PeerMember[]): Promise<void> {
  for (const member of to) {
    for (const proposal of output.proposals) await blame(member, 'proposal', () => member.processProposal(proposal))
    const outcome = await blame(member, 'commit', () => member.processCommit(output.commit))
    if (outcome !== 'member') throw new Error(`${describeMember(member)} was removed`)
  }
}

/** The first of the members adds the new ones by one commit. Returns all, who then agree. */
export async function add(members: readonly PeerMember[], newcomers: readonly PeerMember[]): Promise<PeerMember[]> {
  const [committer, ...others] = members
  if (committer === undefined) throw new Error('nobody to add')
  const keyPackages: Uint8Array[] = []
  for (const newcomer of newcomers) keyPackages.push(await newcomer.keyPackage())
  const output = await blame(committer, 'add', () => committer.commitAdd(keyPackages))
  const { welcome } = output
  if (welcome === undefined) throw new Error(`${describeMember(committer)} made no Welcome`)
  await deliver(output, others)
  for (const newcomer of newcomers) await blame(newcomer, 'welcome', () => newcomer.joinWelcome(welcome))
  const all = [...members, ...newcomers]
  await assertAgreement(all)
  return all
}

/** The committer removes another member, who notices. Returns those who are left, who agree. */
export async function remove(
  members: readonly PeerMember[],
  committer: PeerMember,
  removed: PeerMember,
): Promise<PeerMember[]> {
  const output = await blame(committer, 'remove', () => committer.commitRemove([removed]))
  const rest = members.filter((member) => member !== removed)
  await deliver(
    output,
    rest.filter((member) => member !== committer),
  )
  for (const proposal of output.proposals) await removed.processProposal(proposal)
  const outcome = await blame(removed, 'commit', () => removed.processCommit(output.commit))
  if (outcome !== 'removed') throw new Error(`${describeMember(removed)} has not noticed its removal`)
  await assertAgreement(rest)
  return rest
}

export async function update(members: readonly PeerMember[], committer: PeerMember): Promise<void> {
  const output = await blame(committer, 'update', () => committer.commitUpdate())
  await deliver(
    output,
    members.filter((member) => member !== committer),
  )
  await assertAgreement(members)
}

/** The joiner comes in, or comes back in, by external commit. Returns all, who agree. */
export async function joinExternally(
  members: readonly PeerMember[],
  host: PeerMember,
  joiner: PeerMember,
): Promise<PeerMember[]> {
  const groupInfo = await host.groupInfo()
  if (groupInfo === undefined) throw new Error(`${describeMember(host)} has no GroupInfo now`)
  const output = await blame(joiner, 'external join', () => joiner.externalJoin(groupInfo))
  const others = members.filter((member) => member !== joiner)
  await deliver(output, others)
  const all = [...others, joiner]
  await assertAgreement(all)
  return all
}

/** One proposes, all hear of it, and another commits to it. Returns nothing but the commit's output, undelivered. */
export async function commitTo(
  members: readonly PeerMember[],
  proposer: PeerMember,
  proposal: Uint8Array,
  committer: PeerMember,
): Promise<CommitOutput> {
  for (const member of members) {
    if (member !== proposer) await blame(member, 'proposal', () => member.processProposal(proposal))
  }
  return blame(committer, 'commit to proposals', () => committer.commitProposals())
}

/** A message from one member, which all others read. */
export async function say(members: readonly PeerMember[], sender: PeerMember, text: string): Promise<void> {
  const message = await blame(sender, 'encrypt', () => sender.encrypt(Buffer.from(text)))
  for (const member of members) {
    if (member !== sender) await expectText(member, message, text)
  }
}

export async function expectText(member: PeerMember, message: Uint8Array, text: string): Promise<void> {
  const plaintext = await blame(member, `decrypt "${text}"`, () => member.decrypt(message))
  if (Buffer.from(plaintext).toString() !== text) throw new Error(`${describeMember(member)} read something else`)
}

/** Says in the error who failed at what. The cause stays the cause. */
export async function blame<Result>(member: PeerMember, step: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action()
  } catch (cause) {
    throw new Error(`${describeMember(member)}: ${step}: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}
