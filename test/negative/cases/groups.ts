// The groups in which the cases of the negative suite take place.
import { toHex, utf8 } from '../../../src/bytes.ts'
import type { KeyPair } from '../../../src/crypto/contract.ts'
import type { CipherSuite } from '../../../src/crypto/labels.ts'
import { proposalRef } from '../../../src/framing/authenticated-content.ts'
import { WireFormat } from '../../../src/messages/code-points.ts'
import {
  basicCredential,
  decodeMlsMessage,
  type Extension,
  externalSendersExtension,
  type GroupState,
  requiredCapabilitiesExtension,
} from '../../../src/mls.ts'
import { assemble, type Cast, commitBy, EXTRA_CREDENTIAL, EXTRA_EXTENSION, EXTRA_PROPOSAL, found } from '../cast.ts'

/** The key of the external sender, which is the same in all groups. */
export async function externalSender(suite: CipherSuite): Promise<KeyPair> {
  return suite.signature.importPrivateKey(suite.hash.digest(utf8('external sender')).slice(0, 32))
}

async function senders(suite: CipherSuite): Promise<Extension> {
  const { publicKey } = await externalSender(suite)
  return externalSendersExtension([{ signatureKey: publicKey, credential: basicCredential(utf8('delivery service')) }])
}

/** Who is there but not in the group. Dora supports nothing beyond the RFC. */
const OUTSIDERS = ['erin', 'frank', 'dora']

/**
 * Alice 0, Bob 1, Carol 2, Dave 3, and no blank node. Dave supports nothing beyond the RFC.
 * There is one external sender.
 */
export async function four(suite: CipherSuite, extensions: readonly Extension[] = []): Promise<Cast> {
  const members = ['alice', 'bob', 'carol', 'dave']
  let cast = await assemble(suite, [...members, ...OUTSIDERS], ['alice', 'bob', 'carol', 'erin', 'frank'])
  cast = await found(cast, 'alice', [await senders(suite), ...extensions])
  cast = await commitBy(cast, 'alice', ['bob', 'carol', 'dave'])
  for (const name of ['carol', 'dave', 'alice']) cast = await commitBy(cast, name)
  return cast
}

/** Alice 0, Bob 1, Carol 2, all of whom support the extra types. */
export async function three(suite: CipherSuite, extensions: readonly Extension[] = []): Promise<Cast> {
  let cast = await assemble(suite, ['alice', 'bob', 'carol', ...OUTSIDERS], ['alice', 'bob', 'carol', 'erin', 'frank'])
  cast = await found(cast, 'alice', extensions)
  cast = await commitBy(cast, 'alice', ['bob', 'carol'])
  return commitBy(cast, 'carol')
}

/** The same, where the extra types are required and the extra extension is in use. */
export function demanding(suite: CipherSuite): Promise<Cast> {
  const required = {
    extensionTypes: [EXTRA_EXTENSION],
    proposalTypes: [EXTRA_PROPOSAL],
    credentialTypes: [1, EXTRA_CREDENTIAL],
  }
  const inUse = { extensionType: EXTRA_EXTENSION, data: utf8('in use') }
  return three(suite, [requiredCapabilitiesExtension(required), inUse])
}

/**
 * Alice 0, Bob 1, Frank 2 (unmerged), nobody 3, Erin 4, in a tree of eight leaves.
 */
export async function holes(suite: CipherSuite): Promise<Cast> {
  let cast = await assemble(suite, ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'gina', 'hugo'])
  cast = await found(cast, 'alice', [await senders(suite)])
  cast = await commitBy(cast, 'alice', ['bob', 'carol', 'dave', 'erin'])
  cast = await commitBy(cast, 'erin', [], { proposals: [{ proposalType: 3, removed: 2 }] })
  cast = await commitBy(cast, 'dave')
  cast = await commitBy(cast, 'alice', [], { proposals: [{ proposalType: 3, removed: 3 }] })
  return commitBy(cast, 'erin', ['frank'], { path: 'whenRequired' })
}

/**
 * Alice 0, Bob 1, Carol 2, Frank 3 (unmerged), Dave 4, Hugo 5, in a tree of eight leaves. Alice's last commit set the
 * parents above her up to the left half, Dave's, the later one, those above him up to the root.
 */
export async function tall(suite: CipherSuite): Promise<Cast> {
  const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'gina', 'hugo']
  let cast = await assemble(
    suite,
    names,
    names.filter((name) => name !== 'dave'),
  )
  cast = await found(cast, 'alice')
  cast = await commitBy(cast, 'alice', ['bob', 'carol', 'gina', 'dave', 'hugo'])
  cast = await commitBy(cast, 'carol')
  cast = await commitBy(cast, 'alice', [], { proposals: [{ proposalType: 3, removed: 3 }] })
  cast = await commitBy(cast, 'dave')
  return commitBy(cast, 'carol', ['frank'], { path: 'whenRequired' })
}

/** A member who keeps a proposal without asking whether it is valid. */
export function knowing(state: GroupState, message: Uint8Array): { state: GroupState; reference: Uint8Array } {
  const decoded = decodeMlsMessage(message)
  if (decoded.wireFormat !== WireFormat.publicMessage) throw new Error('only public proposals can be known unchecked')
  const { content, auth } = decoded.publicMessage
  if (content.content.contentType !== 2) throw new Error('this is not a proposal')
  const reference = proposalRef(state.suite, { wireFormat: decoded.wireFormat, content, auth })
  const pending = { reference, proposal: content.content.proposal, sender: content.sender, ownUpdate: undefined }
  return { state: { ...state, proposals: new Map(state.proposals).set(toHex(reference), pending) }, reference }
}
