// Joining with a Welcome (RFC 9420 §12.4.3.1).

import { equalBytes, wipeBytes } from '../bytes.ts'
import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import type { KeyPair } from '../crypto/contract.ts'
import { type CipherSuite, decryptWithLabel } from '../crypto/labels.ts'
import type { Secret } from '../crypto/secret.ts'
import { CoterieError, fail } from '../errors.ts'
import { PskType, ResumptionPskUsage, WireFormat } from '../messages/code-points.ts'
import { decodeGroupInfo, type GroupInfo } from '../messages/group-info.ts'
import { encodeLeafNode, type LeafNode } from '../messages/leaf-node.ts'
import { decodeMlsMessage } from '../messages/mls-message.ts'
import type { PreSharedKeyId, ResumptionPskId } from '../messages/pre-shared-key.ts'
import { decodeGroupSecrets, type GroupSecrets, type Welcome } from '../messages/welcome.ts'
import { deriveEpochSecrets, welcomeKeyAndNonce } from '../schedule/key-schedule.ts'
import { derivePskSecret } from '../schedule/psk.ts'
import { leafToNode } from '../tree/math.ts'
import { directPath, filteredDirectPath, members, type RatchetTree } from '../tree/ratchet-tree.ts'
import { contains } from '../tree/subtree.ts'
import { privateKeysFrom } from '../tree/update-path.ts'
import { checkGroupInfo, type JoinChecks } from './check-group-info.ts'
import { begin, epochOf, findPsks } from './epoch.ts'
import type { OwnKeyPackage } from './key-packages.ts'
import { checkSuitsGroup } from './leaf-checks.ts'
import { ownCopy, ownKeyPair, ownOptions } from './own-copy.ts'
import { checkPskIds } from './proposal-list.ts'
import type { GroupLimits, GroupState } from './state.ts'
import { checkExpectedSuccession, checkSuccession } from './succession.ts'

/** What a joiner checks, and what it has at hand. */
export interface JoinOptions extends JoinChecks {
  readonly limits?: Partial<GroupLimits>
  /** The group that this one continues or branches from, where the Welcome says that it does. RFC 9420 §11.2, §11.3. */
  readonly predecessor?: GroupState
  /** Refuses a Welcome that does not say that its group continues (`reinit`) or branches from another. */
  readonly succession?: 'reinit' | 'branch'
}

/**
 * Joins a group.
 * The init key of the key package is to be wiped when the returned state is on disk; until then the same Welcome can be
 * processed again. The state takes over the encryption key, and wiping the state wipes it.
 * @param message - the Welcome, an `MLSMessage`
 * @param keyPackages - the client's key packages that may have been used
 * @throws CoterieError `JOIN_*`, `PSK_*`, `TREE_*`, `LEAF_*`, `GROUP_*`, `CODEC_*` (peer)
 */
export async function joinGroup(
  suite: CipherSuite,
  message: Uint8Array,
  keyPackages: readonly Pick<OwnKeyPackage, 'keyPackage' | 'secrets' | 'reference'>[],
  options: JoinOptions,
): Promise<GroupState> {
  const joining = ownOptions(options, 'policy', 'predecessor')
  const decoded = decodeMlsMessage(message)
  if (decoded.wireFormat !== WireFormat.welcome) return fail('FRAMING_WIRE_FORMAT', 'this message is not a Welcome')
  const { welcome } = decoded
  if (welcome.cipherSuite !== suite.id) {
    fail('JOIN_SUITE_MISMATCH', `the Welcome is for suite ${welcome.cipherSuite}, not ${suite.id}`)
  }
  const { own, groupSecrets } = await openSecrets(suite, welcome, keyPackages)
  const resumption = checkPsks(suite, groupSecrets.psks)
  if (joining.succession !== undefined) checkExpectedSuccession(resumption, joining.succession)
  const psks = await findPsks(joining.predecessor, groupSecrets.psks, joining.psks)
  const pskSecret = derivePskSecret(suite, psks)
  const groupInfo = openGroupInfo(suite, welcome, groupSecrets.joinerSecret, pskSecret)
  if (own.keyPackage.cipherSuite !== groupInfo.groupContext.cipherSuite) {
    fail('JOIN_SUITE_MISMATCH', 'the group has another cipher suite than the key package')
  }
  const tree = await checkGroupInfo(suite, groupInfo, joining)
  if (resumption !== undefined) checkSuccession(resumption, groupInfo.groupContext, tree, joining)
  const { leafNode } = own.keyPackage
  const leafIndex = findOwnLeaf(tree, leafNode)
  // RFC 9420 §12.4.3: extensions in the group context MUST be supported by the new joiner.
  checkSuitsGroup(leafNode, groupInfo.groupContext.extensions)
  const privateKeys = new Map<number, KeyPair>([[leafToNode(leafIndex), own.secrets.encryptionKeyPair]])
  const fromPath = await keysFromPath(suite, tree, leafIndex, groupInfo.signer, groupSecrets.pathSecret)
  for (const [nodeIndex, keyPair] of fromPath) privateKeys.set(nodeIndex, keyPair)
  checkHeldKeys(tree, leafIndex, privateKeys)

  const secrets = deriveEpochSecrets(suite, groupSecrets.joinerSecret, pskSecret, groupInfo.groupContext)
  for (const secret of [groupSecrets.joinerSecret, groupSecrets.pathSecret, pskSecret]) secret?.wipe()
  const epoch = epochOf(suite, groupInfo.groupContext, tree, secrets)
  if (!equalBytes(epoch.confirmationTag, groupInfo.confirmationTag)) {
    fail('JOIN_CONFIRMATION_TAG', "the group info's confirmation tag does not fit its epoch")
  }
  const signatureKeyPair = ownKeyPair(own.secrets.signatureKeyPair)
  return begin(suite, epoch, { leafIndex, signatureKeyPair, privateKeys }, joining.limits)
}

/**
 * What else the group info of a Welcome tells: the leaf index of whoever signed it, and its extensions. To be asked of a Welcome
 * by which `joinGroup` has joined, which verifies it, and which names no PSKs.
 * @throws CoterieError `JOIN_*`, `CODEC_*` (peer)
 */
export async function readWelcome(
  suite: CipherSuite,
  message: Uint8Array,
  keyPackages: readonly Pick<OwnKeyPackage, 'keyPackage' | 'secrets' | 'reference'>[],
): Promise<Pick<GroupInfo, 'signer' | 'extensions'>> {
  const decoded = decodeMlsMessage(message)
  if (decoded.wireFormat !== WireFormat.welcome) return fail('FRAMING_WIRE_FORMAT', 'this message is not a Welcome')
  const { groupSecrets } = await openSecrets(suite, decoded.welcome, keyPackages)
  const pskSecret = derivePskSecret(suite, [])
  const { signer, extensions } = openGroupInfo(suite, decoded.welcome, groupSecrets.joinerSecret, pskSecret)
  for (const secret of [groupSecrets.joinerSecret, groupSecrets.pathSecret, pskSecret]) secret?.wipe()
  return { signer, extensions }
}

async function openSecrets<T extends Pick<OwnKeyPackage, 'keyPackage' | 'secrets' | 'reference'>>(
  suite: CipherSuite,
  welcome: Welcome,
  keyPackages: readonly T[],
): Promise<{ own: T; groupSecrets: GroupSecrets }> {
  for (const { newMember, encryptedGroupSecrets } of welcome.secrets) {
    const found = keyPackages.find(({ reference }) => equalBytes(reference, newMember))
    if (found === undefined) continue
    const own = ownCopy(found)
    if (own.keyPackage.cipherSuite !== welcome.cipherSuite) {
      fail('JOIN_SUITE_MISMATCH', 'the Welcome has another cipher suite than the key package')
    }
    const { initKeyPair } = own.secrets
    const groupSecrets = await concealing(async () => {
      const context = welcome.encryptedGroupInfo
      const plaintext = await decryptWithLabel(suite, initKeyPair, 'Welcome', context, encryptedGroupSecrets)
      const decoded = decode(decodeGroupSecrets, plaintext)
      wipeBytes(plaintext)
      return decoded
    })
    return { own, groupSecrets }
  }
  return fail('JOIN_KEY_PACKAGE_UNKNOWN', 'the Welcome is for none of these key packages')
}

function openGroupInfo(suite: CipherSuite, welcome: Welcome, joinerSecret: Secret, pskSecret: Secret): GroupInfo {
  const { key, nonce } = welcomeKeyAndNonce(suite, joinerSecret, pskSecret)
  let plaintext: Uint8Array
  try {
    plaintext = suite.aead.open(key, nonce, NO_AAD, welcome.encryptedGroupInfo)
  } catch {
    return fail('JOIN_WELCOME_DECRYPT', 'the Welcome cannot be decrypted')
  } finally {
    wipeBytes(key)
    wipeBytes(nonce)
  }
  return decode(decodeGroupInfo, plaintext)
}

/** RFC 9420 §12.4.3.1: of resumption PSKs with usage `reinit` or `branch` there is at most one. */
function checkPsks(suite: CipherSuite, psks: readonly PreSharedKeyId[]): ResumptionPskId | undefined {
  checkPskIds(suite, psks)
  let found: ResumptionPskId | undefined
  for (const psk of psks) {
    if (psk.pskType !== PskType.resumption || psk.usage === ResumptionPskUsage.application) continue
    if (found !== undefined) fail('PSK_USAGE', 'a Welcome names two groups that it continues')
    found = psk
  }
  return found
}

/** RFC 9420 §12.4.3.1: the leaf that is identical to the one in the key package. */
function findOwnLeaf(tree: RatchetTree, leafNode: LeafNode): number {
  const wanted = encode(encodeLeafNode, leafNode)
  for (const member of members(tree)) {
    if (!equalBytes(member.leafNode.signatureKey, leafNode.signatureKey)) continue
    if (equalBytes(encode(encodeLeafNode, member.leafNode), wanted)) return member.leafIndex
  }
  return fail('JOIN_OWN_LEAF', "the key package's leaf is not in the tree")
}

async function keysFromPath(
  suite: CipherSuite,
  tree: RatchetTree,
  leafIndex: number,
  signer: number,
  pathSecret: Secret | undefined,
): Promise<ReadonlyMap<number, KeyPair>> {
  if (pathSecret === undefined) return new Map()
  if (pathSecret.length !== suite.hash.length || signer === leafIndex) {
    fail('JOIN_PATH_SECRET', 'a path secret of the wrong length, or from nobody else')
  }
  const path = filteredDirectPath(tree, signer)
  const above = path.slice(path.findIndex(({ branch }) => contains(branch, leafIndex)))
  const publicKeys = above.map(({ branch }) => {
    return branch.parentNode?.encryptionKey ?? fail('JOIN_PATH_SECRET', 'a path secret for a blank node')
  })
  const nodeIndices = above.map(({ branch }) => branch.nodeIndex)
  try {
    const { privateKeys, commitSecret } = await privateKeysFrom(suite, pathSecret, nodeIndices, publicKeys)
    commitSecret.wipe()
    return privateKeys
  } catch (cause) {
    // RFC 9420 §12.4.3.1: the private key MUST be the one that corresponds to the public key in the node.
    return fail('JOIN_PATH_SECRET', 'the path secret does not give the keys in the tree', { cause })
  }
}

/** RFC 9420 §4.1.1, §7.5: a member holds the private keys of all parents above it, but where it is an unmerged leaf. */
function checkHeldKeys(tree: RatchetTree, leafIndex: number, privateKeys: ReadonlyMap<number, KeyPair>): void {
  for (const { branch } of directPath(tree, leafIndex)) {
    const { parentNode, nodeIndex } = branch
    if (parentNode === undefined || privateKeys.has(nodeIndex) || parentNode.unmergedLeaves.includes(leafIndex))
      continue
    fail('JOIN_PATH_SECRET', 'the Welcome withholds the private key of a node', { details: { nodeIndex } })
  }
}

/** Why a decryption failed is nobody's business. What is wrong with the caller stays visible. */
async function concealing<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (error) {
    if (CoterieError.is(error) && error.origin !== 'peer') throw error
    return fail('JOIN_WELCOME_DECRYPT', 'the Welcome cannot be decrypted')
  }
}

const NO_AAD = new Uint8Array(0)
