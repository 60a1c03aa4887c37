// How the cases of Welcomes are made: Alice adds Erin, with a path, and welcomes her in a wrong way.
import { toHex } from '../../../../src/bytes.ts'
import { type Cast, personOf, stateOf } from '../../cast.ts'
import { forgeCommit } from '../../forge/commit.ts'
import { forgeWelcome, type WelcomeForgery, type WelcomeTampering } from '../../forge/welcome.ts'
import type { CaseSpec, Made } from '../scene.ts'

export type Spec = Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'> & Partial<CaseSpec>

/** What is wrong with a Welcome beside its tampering. */
export type Wrong = WelcomeTampering & {
  readonly forgery?: (honest: WelcomeForgery, cast: Cast) => Partial<WelcomeForgery>
  readonly attempt?: Partial<Made>
}

/** Alice adds Erin, with a path, and welcomes her. */
export async function welcomed(cast: Cast, wrong: Wrong): Promise<Made> {
  const { forgery, attempt, ...tampering } = wrong
  const alice = stateOf(cast, 'alice')
  const { keyPackage } = personOf(cast, 'erin').keyPackage
  const forged = await forgeCommit(alice, { proposals: [{ proposalType: 1, keyPackage }] })
  const [added] = forged.outcome.added
  const common = forged.path?.steps.find(
    ({ copath }) =>
      added !== undefined &&
      copath.firstLeaf <= added.leafIndex &&
      added.leafIndex < copath.firstLeaf + 2 ** copath.level,
  )
  const honest: WelcomeForgery = {
    suite: cast.suite,
    groupContext: forged.groupContext,
    tree: forged.tree,
    signer: { leafIndex: 0, signatureKeyPair: alice.own.signatureKeyPair },
    joiner: keyPackage,
    joinerSecret: forged.joinerSecret,
    pathSecret: common?.pathSecret.bytes,
  }
  const { message, epochAuthenticator } = await forgeWelcome({ ...honest, ...forgery?.(honest, cast), tampering })
  return {
    operation: 'join',
    messages: [toHex(message)],
    outcome: { kind: 'joined', epoch_authenticator: toHex(epochAuthenticator) },
    ...attempt,
  }
}

export function welcomeCase(spec: Spec, wrong: (cast: Cast) => Wrong | Promise<Wrong>, right: Wrong = {}): CaseSpec {
  return {
    start: 'joiner',
    ...spec,
    make: async (cast, broken) => welcomed(cast, broken ? await wrong(cast) : right),
  }
}
