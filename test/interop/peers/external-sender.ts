// An external sender (RFC 9420 §12.1.8) on cipher suite 2, which is what davey works with.
import { createECDH } from 'node:crypto'
import { decodeMlsMessage, encodeMlsMessage, getCiphersuiteFromName, getCiphersuiteImpl, type Proposal } from 'ts-mls'
import { protectExternalProposalPublic } from 'ts-mls/messageProtectionPublic.js'
import type { ExternalSender } from './peer.ts'

const SUITE_NAME = 'MLS_128_DHKEMP256_AES128GCM_SHA256_P256'
const BASIC_CREDENTIAL = [0, 1]

export async function newExternalSender(name: string): Promise<ExternalSender> {
  const suite = await getCiphersuiteImpl(getCiphersuiteFromName(SUITE_NAME))
  const pair = createECDH('prime256v1')
  pair.generateKeys()
  const publicKey = pair.getPublicKey()
  const privateKey = new Uint8Array(Buffer.concat([Buffer.alloc(32), pair.getPrivateKey()]).subarray(-32))

  const propose = async (groupId: Uint8Array, epoch: bigint, proposal: Proposal): Promise<Uint8Array> => {
    const { publicMessage } = await protectExternalProposalPublic(
      privateKey,
      // The signature of an external sender covers the content, not the GroupContext (RFC 9420 §6.1): of this only
      // the first four fields are read.
      {
        version: 'mls10',
        cipherSuite: SUITE_NAME,
        groupId,
        epoch,
        treeHash: new Uint8Array(),
        confirmedTranscriptHash: new Uint8Array(),
        extensions: [],
      },
      new Uint8Array(),
      proposal,
      { senderType: 'external', senderIndex: 0 },
      suite,
    )
    return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_public_message', publicMessage })
  }

  return {
    encoded: new Uint8Array([...vector(publicKey), ...BASIC_CREDENTIAL, ...vector(new TextEncoder().encode(name))]),
    proposeAdd: (groupId, epoch, message) => {
      const decoded = decodeMlsMessage(message, 0)?.[0]
      if (decoded?.wireformat !== 'mls_key_package') throw new Error('not a KeyPackage')
      return propose(groupId, epoch, { proposalType: 'add', add: { keyPackage: decoded.keyPackage } })
    },
    proposeRemove: (groupId, epoch, removed) =>
      propose(groupId, epoch, { proposalType: 'remove', remove: { removed } }),
  }
}

/** A vector of fewer than 2^14 octets with its length prefix (RFC 9420 §2.1.2). */
export function vector(bytes: Uint8Array): Uint8Array {
  const length = bytes.length
  if (length >= 0x4000) throw new Error('too long for a prefix of two octets')
  return new Uint8Array([...(length < 0x40 ? [length] : [0x40 | (length >> 8), length & 0xff]), ...bytes])
}
