// A group of one: where every group begins (RFC 9420 §11).

import { EMPTY } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'
import { MLS10 } from '../messages/code-points.ts'
import type { Extension } from '../messages/extension.ts'
import { epochSecretsFromEpochSecret } from '../schedule/key-schedule.ts'
import { treeHash } from '../tree/hash.ts'
import { leafToNode } from '../tree/math.ts'
import { singletonTree } from '../tree/ratchet-tree.ts'
import { externalSenderChecks, memberCheck } from './apply-proposals.ts'
import { begin, epochOf } from './epoch.ts'
import { createKeyPackage, type KeyPackageOptions } from './key-packages.ts'
import { checkCredentialTypes, checkGroupExtensions } from './leaf-checks.ts'
import { ownKeyPair, ownOptions } from './own-copy.ts'
import { checkCredentials, type GroupPolicy } from './policy.ts'
import type { GroupLimits, GroupState } from './state.ts'

/** What a group begins with. */
export interface CreateGroupOptions extends Omit<KeyPackageOptions, 'keyPackageExtensions'> {
  /** Default: Nh random bytes, which no other group has. */
  readonly groupId?: Uint8Array
  /** GroupContext extensions. Default: none. */
  readonly groupExtensions?: readonly Extension[]
  readonly limits?: Partial<GroupLimits>
  readonly policy?: GroupPolicy
}

/**
 * Creates a group with its creator as the only member, in epoch 0.
 * @throws CoterieError `GROUP_EXTENSION_UNSUPPORTED`, `GROUP_REQUIRED_CAPABILITIES`, `LEAF_*`, where the creator's own leaf does not suit the group
 */
export async function createGroup(suite: CipherSuite, options: CreateGroupOptions): Promise<GroupState> {
  const { groupId, groupExtensions: extensions = [], limits, policy, ...leaf } = ownOptions(options, 'policy')
  const { keyPackage, secrets } = await createKeyPackage(suite, leaf)
  const { leafNode } = keyPackage
  const tree = singletonTree(leafNode)
  checkGroupExtensions(tree, extensions)
  checkCredentialTypes(tree)
  await checkCredentials(policy, [memberCheck(leafNode, undefined), ...externalSenderChecks(extensions)])
  const groupContext = {
    version: MLS10,
    cipherSuite: suite.id,
    groupId: groupId ?? suite.randomBytes(suite.hash.length),
    epoch: 0n,
    treeHash: treeHash(suite, tree.root),
    confirmedTranscriptHash: EMPTY,
    extensions,
  }
  // RFC 9420 §11: the first epoch secret is fresh and random.
  const epochSecret = new Secret(suite.randomBytes(suite.hash.length))
  const epoch = epochOf(suite, groupContext, tree, epochSecretsFromEpochSecret(suite, epochSecret))
  epochSecret.wipe()
  secrets.initKeyPair.privateKey.wipe()
  const signatureKeyPair = ownKeyPair(secrets.signatureKeyPair)
  const privateKeys = new Map([[leafToNode(0), secrets.encryptionKeyPair]])
  return begin(suite, epoch, { leafIndex: 0, signatureKeyPair, privateKeys }, limits)
}
