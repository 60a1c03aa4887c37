// What members of coterie's core say of themselves and of their groups, and how they find each other there.
//
// Every list that has room for it has something in it that nobody knows (RFC 9420 §13.5): GREASE in the capabilities, and
// an extension of the range for private use (§17.3), since davey refuses those with GREASE in its place. Groups require
// the credential types basic and x509, as those of core-crypto do, or have an external sender.
import {
  basicCredential,
  basicIdentity,
  type CipherSuite,
  CredentialType,
  decodeMlsMessage,
  type Extension,
  ExtensionType,
  GREASE_VALUES,
  type KeyPackageOptions,
  lifetimeOfDays,
  type Member,
  readRatchetTree,
  requiredCapabilitiesExtension,
} from '../../../src/mls.ts'
import { vector } from './external-sender.ts'
import type { ExternalSender } from './peer.ts'

const LIFETIME_DAYS = 28
const REQUIRED_CREDENTIALS = [CredentialType.basic, CredentialType.x509]
const [GREASE_SUITE = 0, GREASE_EXTENSION = 0, GREASE_PROPOSAL = 0, GREASE_CREDENTIAL = 0] = GREASE_VALUES

/** Of all suites that coterie has. */
export const OUR_SUITES: readonly number[] = [1, 2, 3, 4, 5, 6, 7]

/** For key packages, leaf nodes and GroupInfos. */
export const UNKNOWN_EXTENSION: Extension = { extensionType: 0xf0c0, data: new Uint8Array([1, 2, 3]) }

/** A leaf to be, with a new signature key. */
export async function newLeaf(
  suite: CipherSuite,
  identity: Uint8Array,
): Promise<Omit<KeyPackageOptions, 'keyPackageExtensions'>> {
  return {
    credential: basicCredential(identity),
    signatureKeyPair: await suite.signature.generateKeyPair(),
    lifetime: lifetimeOfDays(Date.now(), LIFETIME_DAYS),
    capabilities: {
      cipherSuites: [...OUR_SUITES, GREASE_SUITE],
      extensions: [GREASE_EXTENSION, UNKNOWN_EXTENSION.extensionType],
      proposals: [GREASE_PROPOSAL],
      credentials: [...REQUIRED_CREDENTIALS, GREASE_CREDENTIAL],
    },
    leafExtensions: [UNKNOWN_EXTENSION],
  }
}

/** The GroupContext extension of a new group. */
export function groupExtension(externalSender: ExternalSender | undefined): Extension {
  if (externalSender !== undefined) {
    return { extensionType: ExtensionType.externalSenders, data: vector(externalSender.encoded) }
  }
  return requiredCapabilitiesExtension({
    extensionTypes: [],
    proposalTypes: [],
    credentialTypes: REQUIRED_CREDENTIALS,
  })
}

/** Who is in the tree of a GroupInfo, an MLSMessage. */
export function membersIn(message: Uint8Array): readonly Member[] {
  const decoded = decodeMlsMessage(message)
  const extensions = 'groupInfo' in decoded ? decoded.groupInfo.extensions : []
  const tree = extensions.find(({ extensionType }) => extensionType === ExtensionType.ratchetTree)
  return tree === undefined ? [] : readRatchetTree(tree.data)
}

export function identityOf({ leafNode }: Member): Uint8Array {
  const identity = basicIdentity(leafNode.credential)
  if (identity === undefined) throw new Error('a member without basic credential')
  return identity
}
