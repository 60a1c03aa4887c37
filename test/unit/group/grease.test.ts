// GREASE (RFC 9420 §13.5): values that all members list, and that nothing may be made of.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import * as mls from '../../../src/mls.ts'
import { rejectionCode } from '../../support/errors.ts'
import { keyPackageOf, nowMs, pair } from './group-fixtures.ts'

const value = mls.GREASE_VALUES[0] as number

async function greased() {
  const capabilities = { extensions: [value], proposals: [value], credentials: [value] }
  const [alice] = await pair({ clients: { alice: { capabilities }, bob: { capabilities } } })
  return { alice, capabilities }
}

describe('a GREASE value that all members list', () => {
  it.each<[string, mls.Proposal, string]>([
    ['the type of a proposal', mls.customProposal(value, utf8('x')), 'COMMIT_PROPOSAL_UNSUPPORTED'],
    [
      'an extension of the group',
      mls.groupContextExtensionsProposal([{ extensionType: value, data: utf8('x') }]),
      'GROUP_EXTENSION_UNSUPPORTED',
    ],
  ])('is not %s', async (_, proposal, code) => {
    const { alice } = await greased()
    expect(await rejectionCode(mls.commit(alice, { nowMs, proposals: [proposal] }))).toBe(code)
  })

  it('is not the type of a credential', async () => {
    const { alice, capabilities } = await greased()
    const credential = { credentialType: value, content: utf8('x') }
    const credentials = [mls.CredentialType.basic]
    const carol = await keyPackageOf('carol', { credential, capabilities: { ...capabilities, credentials } })
    const proposals = [mls.addProposal(carol.keyPackage)]
    expect(await rejectionCode(mls.commit(alice, { nowMs, proposals }))).toBe('LEAF_CREDENTIAL_UNSUPPORTED')
  })

  it('may be the type of an extension of a leaf', async () => {
    const { alice } = await greased()
    const carol = await keyPackageOf('carol', { leafExtensions: [{ extensionType: value, data: utf8('x') }] })
    const { state } = await mls.commit(alice, { nowMs, proposals: [mls.addProposal(carol.keyPackage)] })
    expect(mls.groupMembers(state)).toHaveLength(3)
  })
})
