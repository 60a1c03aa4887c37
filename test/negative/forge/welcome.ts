// Welcomes and group infos for any group context and tree that one likes, sealed and signed as they should be or not
// (RFC 9420 §12.4.3).
import { encode } from '../../../src/codec/writer.ts'
import type { KeyPair } from '../../../src/crypto/contract.ts'
import { type CipherSuite, encryptWithLabel, type HpkeCiphertext } from '../../../src/crypto/labels.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import { epochOf } from '../../../src/group/epoch.ts'
import { ExtensionType, WireFormat } from '../../../src/messages/code-points.ts'
import type { Extension } from '../../../src/messages/extension.ts'
import type { GroupContext } from '../../../src/messages/group-context.ts'
import {
  encodeGroupInfo,
  type GroupInfo,
  type GroupInfoContent,
  signGroupInfo,
} from '../../../src/messages/group-info.ts'
import { type KeyPackage, keyPackageRef } from '../../../src/messages/key-package.ts'
import { encodeMlsMessage } from '../../../src/messages/mls-message.ts'
import { encodeGroupSecrets, type GroupSecrets } from '../../../src/messages/welcome.ts'
import { deriveEpochSecrets, welcomeKeyAndNonce } from '../../../src/schedule/key-schedule.ts'
import { derivePskSecret, type IdentifiedPsk } from '../../../src/schedule/psk.ts'
import { treeHash } from '../../../src/tree/hash.ts'
import type { RatchetTree } from '../../../src/tree/ratchet-tree.ts'
import { encodeRatchetTree } from '../../../src/tree/tree-codec.ts'

/** A group that somebody is welcomed to, as the one who welcomes has it. */
export interface WelcomeForgery {
  readonly suite: CipherSuite
  /** Its tree hash is replaced by that of `tree`. */
  readonly groupContext: GroupContext
  readonly tree: RatchetTree
  readonly signer: { readonly leafIndex: number; readonly signatureKeyPair: KeyPair }
  readonly joiner: KeyPackage
  /** Default: 0x2a, Nh times. */
  readonly joinerSecret?: Secret
  readonly pathSecret?: Uint8Array | undefined
  readonly psks?: readonly IdentifiedPsk[]
  readonly tampering?: WelcomeTampering
}

/** Where a Welcome can be tampered with. */
export interface WelcomeTampering {
  /** The tree that is included, as a `ratchet_tree` vector, or none. */
  readonly ratchetTree?: (tree: Uint8Array) => Uint8Array | undefined
  readonly treeHash?: (hash: Uint8Array) => Uint8Array
  /** Before it is signed. */
  readonly groupInfo?: (content: GroupInfoContent) => GroupInfoContent
  readonly signer?: KeyPair
  /** After it is signed. */
  readonly signed?: (groupInfo: GroupInfo) => GroupInfo
  readonly encodedGroupInfo?: (bytes: Uint8Array) => Uint8Array
  readonly groupSecrets?: (secrets: GroupSecrets) => GroupSecrets
  readonly sealed?: (secrets: HpkeCiphertext) => HpkeCiphertext
  readonly newMember?: (reference: Uint8Array) => Uint8Array
  readonly cipherSuite?: number
}

export interface ForgedWelcome {
  readonly message: Uint8Array
  readonly epochAuthenticator: Uint8Array
}

export async function forgeWelcome(forgery: WelcomeForgery): Promise<ForgedWelcome> {
  const { suite, tree, joiner, psks = [], tampering = {} } = forgery
  const groupContext = contextOf(forgery)
  const bytes = forgery.joinerSecret?.bytes ?? new Uint8Array(suite.hash.length).fill(0x2a)
  const pskSecret = derivePskSecret(suite, psks)
  const secrets = deriveEpochSecrets(suite, Secret.copyOf(bytes), pskSecret, groupContext)
  const epoch = epochOf(suite, groupContext, tree, secrets)
  const groupInfo = await forgeGroupInfo({
    suite,
    groupContext,
    confirmationTag: epoch.confirmationTag,
    extensions: treeExtension(tree, tampering),
    signer: forgery.signer,
    tampering,
  })
  const { key, nonce } = welcomeKeyAndNonce(suite, Secret.copyOf(bytes), pskSecret)
  const encoded = encode(encodeGroupInfo, groupInfo)
  const nothing = new Uint8Array(0)
  const plaintext = tampering.encodedGroupInfo?.(encoded) ?? encoded
  const encryptedGroupInfo = suite.aead.seal(key, nonce, nothing, plaintext)
  const honest: GroupSecrets = {
    joinerSecret: Secret.copyOf(bytes),
    pathSecret: forgery.pathSecret && Secret.copyOf(forgery.pathSecret),
    psks: psks.map(({ id }) => id),
  }
  const groupSecrets = encode(encodeGroupSecrets, tampering.groupSecrets?.(honest) ?? honest)
  const sealed = await encryptWithLabel(suite, joiner.initKey, 'Welcome', encryptedGroupInfo, groupSecrets)
  const reference = keyPackageRef(suite, joiner)
  const welcome = {
    cipherSuite: tampering.cipherSuite ?? suite.id,
    secrets: [
      {
        newMember: tampering.newMember?.(reference) ?? reference,
        encryptedGroupSecrets: tampering.sealed?.(sealed) ?? sealed,
      },
    ],
    encryptedGroupInfo,
  }
  return {
    message: encodeMlsMessage({ wireFormat: WireFormat.welcome, welcome }),
    epochAuthenticator: epoch.secrets.epochAuthenticator.bytes.slice(),
  }
}

/** A group info with its signature. */
export async function forgeGroupInfo(forgery: {
  readonly suite: CipherSuite
  readonly groupContext: GroupContext
  readonly confirmationTag: Uint8Array
  readonly extensions: readonly Extension[]
  readonly signer: WelcomeForgery['signer']
  readonly tampering?: WelcomeTampering
}): Promise<GroupInfo> {
  const { suite, groupContext, confirmationTag, extensions, signer, tampering = {} } = forgery
  const content = { groupContext, extensions, confirmationTag, signer: signer.leafIndex }
  const said = tampering.groupInfo?.(content) ?? content
  const signed = await signGroupInfo(suite, tampering.signer ?? signer.signatureKeyPair, said)
  return tampering.signed?.(signed) ?? signed
}

/** The `ratchet_tree` extension, unless it is left out. */
export function treeExtension(tree: RatchetTree, tampering: WelcomeTampering = {}): Extension[] {
  const honest = encodeRatchetTree(tree)
  const data = tampering.ratchetTree === undefined ? honest : tampering.ratchetTree(honest)
  return data === undefined ? [] : [{ extensionType: ExtensionType.ratchetTree, data }]
}

function contextOf({ suite, groupContext, tree, tampering }: WelcomeForgery): GroupContext {
  const honest = treeHash(suite, tree.root)
  return { ...groupContext, treeHash: tampering?.treeHash?.(honest) ?? honest }
}
