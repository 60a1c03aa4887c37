// Checks that members, of whatever stack, are in the same epoch of the same group with the same secrets.
import type { PeerMember } from './peer.ts'

/** Throws unless all agree on epoch, member list, and on each kind of evidence (RFC 9420 §8.5, §8.7) that they have. */
export async function assertAgreement(members: readonly PeerMember[]): Promise<void> {
  const views = await Promise.all(members.map(view))
  const [first] = views
  if (first === undefined) return
  for (const other of views) {
    for (const key of ['epoch', 'members', 'exporter', 'epochAuthenticator'] as const) {
      const expected = views.find((one) => one[key] !== undefined)
      if (other[key] === undefined || expected === undefined || other[key] === expected[key]) continue
      throw new Error(
        `${expected.who} and ${other.who} disagree on ${key}:\n${expected[key]}\n${other[key]} (epoch ${other.epoch})`,
      )
    }
  }
  // Stacks that show different kinds of evidence are linked by one that shows both, or not at all.
  const kinds = new Set(views.map((one) => `${one.exporter !== undefined}/${one.epochAuthenticator !== undefined}`))
  if (kinds.has('true/false') && kinds.has('false/true') && !kinds.has('true/true')) {
    throw new Error('no member links exporters with epoch authenticators')
  }
}

/** Throws unless two members are in different epochs, or hold different secrets. */
export async function assertDisagreement(one: PeerMember, other: PeerMember): Promise<void> {
  try {
    await assertAgreement([one, other])
  } catch {
    return
  }
  throw new Error(`${describeMember(one)} and ${describeMember(other)} still agree`)
}

export function describeMember(member: PeerMember): string {
  return `${member.peer.name} ${Buffer.from(member.identity)
    .toString('latin1')
    .replace(/[^ -~]/g, '.')}`
}

interface View {
  readonly who: string
  readonly epoch: string
  readonly members: string
  readonly exporter: string | undefined
  readonly epochAuthenticator: string | undefined
}

async function view(member: PeerMember): Promise<View> {
  const { exporter, epochAuthenticator } = await member.evidence()
  if (exporter === undefined && epochAuthenticator === undefined) {
    throw new Error(`${describeMember(member)} shows no evidence of its epoch`)
  }
  const identities = await member.members()
  return {
    who: describeMember(member),
    epoch: String(await member.epoch()),
    members: identities.map(hex).join(' '),
    exporter: exporter && hex(exporter),
    epochAuthenticator: epochAuthenticator && hex(epochAuthenticator),
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
