// How the cases of framing are made: commits of Carol with something wrong in their framing or their bytes.
import { type Cast, stateOf } from '../../cast.ts'
import { forgeCommit } from '../../forge/commit.ts'
import { type FramingTampering, forgeMessage } from '../../forge/message.ts'
import { externalSender } from '../groups.ts'
import { type CaseSpec, commits, covered, following, type Made, processing } from '../scene.ts'

export const removeDave = { proposalType: 3, removed: 3 } as const

/** A commit of Carol's with something wrong in its framing. */
export function framingCase(
  spec: Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'> & Partial<CaseSpec>,
  tampering: (cast: Cast) => FramingTampering | Promise<FramingTampering>,
): CaseSpec {
  return {
    start: 'member',
    ...spec,
    make: async (cast, broken) => commits(cast, 'carol', broken ? { framing: await tampering(cast) } : {}),
  }
}

/** Some bytes of an honest commit changed. */
export function bytesCase(
  spec: Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'>,
  mutate: (message: Uint8Array) => Uint8Array,
): CaseSpec {
  return {
    start: 'member',
    ...spec,
    async make(cast, broken) {
      const forged = await forgeCommit(stateOf(cast, 'carol'))
      return broken ? processing(mutate(forged.message)) : following(forged)
    },
  }
}

export function withByte(message: Uint8Array, at: number, value: number): Uint8Array {
  const changed = message.slice()
  changed[at] = value
  return changed
}

/** Behind version, wire format, the group id of 14 bytes and the epoch. */
export const SENDER_TYPE = 4 + 15 + 8

/** Behind the sender's type and index and the empty authenticated data. */
export const CONTENT_TYPE = SENDER_TYPE + 5 + 1

/** The external sender proposes to remove Dave. */
export async function fromOutside(cast: Cast, broken: boolean, tampering: FramingTampering): Promise<Made> {
  const framing = { signer: await externalSender(cast.suite), ...tampering }
  const content = { contentType: 2, proposal: removeDave } as const
  return covered(cast, broken, await forgeMessage(stateOf(cast, 'carol'), content, 1, framing), 'carol')
}
