// How the cases of proposal lists are made.
import { utf8 } from '../../../../src/bytes.ts'
import { type Proposal, requiredCapabilitiesExtension } from '../../../../src/mls.ts'
import { type Cast, EXTRA_EXTENSION, stateOf } from '../../cast.ts'
import { type CommitForgery, forgeCommit } from '../../forge/commit.ts'
import { knowing } from '../groups.ts'
import { type CaseSpec, commits, following, type Made } from '../scene.ts'

type Spec = Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'> & Partial<CaseSpec>

export const remove = (removed: number): Proposal => ({ proposalType: 3, removed })

export const inUse = { extensionType: EXTRA_EXTENSION, data: utf8('in use') }

export const custom = (proposalType: number): Proposal => ({ proposalType, data: utf8('for private use') })

/** A commit of these proposals, by value. */
export function listCase(
  spec: Spec,
  bad: readonly Proposal[],
  good: readonly Proposal[],
  more: CommitForgery = {},
  who = 'carol',
): CaseSpec {
  return {
    start: 'member',
    ...spec,
    make: (cast, broken) => commits(cast, who, { proposals: broken ? bad : good, ...more }),
  }
}

/** Proposals that are sent on their own, and a commit that refers to them. */
export async function covers(
  cast: Cast,
  who: string,
  messages: readonly Uint8Array[],
  forgery: CommitForgery = {},
  covered: readonly Uint8Array[] = messages,
): Promise<Made> {
  let state = stateOf(cast, who)
  const references: Uint8Array[] = []
  for (const message of covered) {
    const known = knowing(state, message)
    state = known.state
    references.push(known.reference)
  }
  return following(await forgeCommit(state, { references, ...forgery }), messages)
}

export function requiring(proposalType: number): ReturnType<typeof requiredCapabilitiesExtension> {
  return requiredCapabilitiesExtension({ extensionTypes: [], proposalTypes: [proposalType], credentialTypes: [] })
}
