// How the cases of PrivateMessages are made: somebody says hello, and something is wrong with the way it is encrypted.
import { utf8 } from '../../../../src/bytes.ts'
import { type Cast, stateOf } from '../../cast.ts'
import { type FramingTampering, forgeMessage, type SealingTampering } from '../../forge/message.ts'
import { type CaseSpec, type Made, processing } from '../scene.ts'

const HELLO = { kind: 'application', application_data: '68656c6c6f' } as const

export function says(cast: Cast, who: string, framing: FramingTampering = {}): Promise<Uint8Array> {
  return forgeMessage(stateOf(cast, who), { contentType: 1, applicationData: utf8('hello') }, 2, framing)
}

export async function saying(...messages: readonly Promise<Uint8Array>[]): Promise<Made> {
  return { ...processing(...(await Promise.all(messages))), outcome: HELLO }
}

type Spec = Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections'> & Partial<CaseSpec>

/** Carol says hello, and something is wrong with the way it is encrypted. */
export function sealingCase(spec: Spec, bad: SealingTampering, good: SealingTampering = {}): CaseSpec {
  return {
    start: 'member',
    code: 'FRAMING_DECRYPT_FAILED',
    ...spec,
    make: (cast, broken) => saying(says(cast, 'carol', { sealing: broken ? bad : good })),
  }
}
