// How the cases of trees are made: Erin is welcomed into a tree in which something is wrong.
import { toHex } from '../../../../src/bytes.ts'
import { addLeaves, type RatchetTree } from '../../../../src/tree/ratchet-tree.ts'
import { type Cast, personOf, stateOf } from '../../cast.ts'
import { resealed } from '../../forge/tree.ts'
import { forgeWelcome, type WelcomeTampering } from '../../forge/welcome.ts'
import type { CaseSpec, Made } from '../scene.ts'

export type Spec = Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'> & Partial<CaseSpec>

/** Erin is welcomed into a tree to which she has just been added, without a path. */
export async function welcomed(
  cast: Cast,
  change: (tree: RatchetTree, cast: Cast) => RatchetTree | Promise<RatchetTree>,
  tampering: WelcomeTampering = {},
): Promise<Made> {
  const { suite } = cast
  const alice = stateOf(cast, 'alice')
  const { keyPackage } = personOf(cast, 'erin').keyPackage
  const { tree } = addLeaves(alice.tree, [keyPackage.leafNode])
  const { message, epochAuthenticator } = await forgeWelcome({
    suite,
    groupContext: { ...alice.groupContext, epoch: alice.groupContext.epoch + 1n },
    tree: await change(tree, cast),
    signer: { leafIndex: 0, signatureKeyPair: alice.own.signatureKeyPair },
    joiner: keyPackage,
    tampering,
  })
  const outcome = { kind: 'joined', epoch_authenticator: toHex(epochAuthenticator) } as const
  return { operation: 'join', messages: [toHex(message)], outcome }
}

export function treeCase(
  spec: Spec,
  change: (tree: RatchetTree, cast: Cast) => RatchetTree | Promise<RatchetTree>,
  tampering?: WelcomeTampering,
): CaseSpec {
  return {
    start: 'joiner',
    ...spec,
    make: (cast, broken) => (broken ? welcomed(cast, change, tampering) : welcomed(cast, (tree) => tree)),
  }
}

export const member = (cast: Cast, name: string) => ({
  signatureKeyPair: stateOf(cast, name).own.signatureKeyPair,
  groupId: stateOf(cast, name).groupContext.groupId,
})

/** The tree is Alice 0, Bob 1, Carol 2, Frank 3 (unmerged), Dave 4, Hugo 5, Erin 6 (unmerged), nobody 7. */
export const ABOVE_ALICE_AND_BOB = 1

export const ABOVE_ALICE_TO_FRANK = 3

export const ABOVE_DAVE_AND_HUGO = 9

export const ROOT = 7

/** Both chains of parent hashes that the tree consists of, the older one first. */
export async function bothResealed(tree: RatchetTree, cast: Cast): Promise<RatchetTree> {
  const first = await resealed(cast.suite, tree, 0, [ABOVE_ALICE_AND_BOB, ABOVE_ALICE_TO_FRANK], member(cast, 'alice'))
  return resealed(cast.suite, first, 4, [ABOVE_DAVE_AND_HUGO, ROOT], member(cast, 'dave'))
}
