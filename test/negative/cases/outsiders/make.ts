// How the cases of outsiders are made: external commits of Erin, and of Dave, who comes back.
import type { Proposal } from '../../../../src/mls.ts'
import { type Cast, personOf, stateOf } from '../../cast.ts'
import { type ExternalForgery, forgeExternalCommit } from '../../forge/commit.ts'
import { type CaseSpec, following, type Made } from '../scene.ts'

type Spec = Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'> & Partial<CaseSpec>

type Client = Parameters<typeof forgeExternalCommit>[1]

export const remove = (removed: number): Proposal => ({ proposalType: 3, removed })

/** Erin's external commit. */
export async function joins(cast: Cast, forgery: ExternalForgery, client: Partial<Client> = {}): Promise<Made> {
  const erin = { ...personOf(cast, 'erin').client, ...client }
  return following(await forgeExternalCommit(stateOf(cast, 'carol'), erin, forgery))
}

export function joinCase(
  spec: Spec,
  bad: (cast: Cast) => ExternalForgery,
  good: (cast: Cast) => ExternalForgery = () => ({}),
): CaseSpec {
  return { start: 'member', ...spec, make: (cast, broken) => joins(cast, (broken ? bad : good)(cast)) }
}

/** Dave comes back with an external commit that removes his old leaf. */
export async function rejoins(cast: Cast, forgery: ExternalForgery, client: Partial<Client> = {}): Promise<Made> {
  const dave = { ...personOf(cast, 'dave').client, ...client }
  const proposals = [remove(3)]
  return following(await forgeExternalCommit(stateOf(cast, 'carol'), dave, { proposals, ...forgery }))
}
