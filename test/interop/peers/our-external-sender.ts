// An external sender (RFC 9420 §12.1.8) of coterie's core, on cipher suite 2, which is what davey works with.
import { suite2 } from '../../../src/crypto-node.ts'
import {
  addProposal,
  basicCredential,
  decodeMlsMessage,
  externalSendersExtension,
  type Proposal,
  proposeAsExternalSender,
  removeProposal,
} from '../../../src/mls.ts'
import type { ExternalSender } from './peer.ts'

export async function newOurExternalSender(name: string): Promise<ExternalSender> {
  const signatureKeyPair = await suite2.signature.generateKeyPair()
  const credential = basicCredential(new TextEncoder().encode(name))
  const { data } = externalSendersExtension([{ signatureKey: signatureKeyPair.publicKey, credential }])

  const propose = (groupId: Uint8Array, epoch: bigint, proposal: Proposal): Promise<Uint8Array> =>
    proposeAsExternalSender(suite2, signatureKeyPair, 0, proposal, { groupId, epoch })

  return {
    encoded: withoutLength(data),
    proposeAdd: async (groupId, epoch, message) => {
      const decoded = decodeMlsMessage(message)
      if (!('keyPackage' in decoded)) throw new Error('not a KeyPackage')
      return propose(groupId, epoch, addProposal(decoded.keyPackage))
    },
    proposeRemove: (groupId, epoch, leafIndex) => propose(groupId, epoch, removeProposal(leafIndex)),
  }
}

/** What is in a vector: the two highest bits tell how long its prefix is (RFC 9420 §2.1.2). */
function withoutLength(vector: Uint8Array): Uint8Array {
  return vector.slice(1 << ((vector[0] ?? 0) >> 6))
}
