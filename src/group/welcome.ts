// Welcomes, from the committer's side (RFC 9420 §12.4.3.1).

import { wipeBytes } from '../bytes.ts'
import { encode } from '../codec/writer.ts'
import { type CipherSuite, encryptAllWithLabel, type HpkeCiphertext } from '../crypto/labels.ts'
import type { Secret } from '../crypto/secret.ts'
import { encodeGroupInfo, type GroupInfo } from '../messages/group-info.ts'
import { keyPackageRef } from '../messages/key-package.ts'
import { type EncryptedGroupSecrets, encodeGroupSecrets, type Welcome } from '../messages/welcome.ts'
import { welcomeKeyAndNonce } from '../schedule/key-schedule.ts'
import { contains } from '../tree/subtree.ts'
import type { FreshStep } from '../tree/update-path.ts'
import type { AddedMember, AppliedProposals } from './apply-proposals.ts'

/** Seals the group info and each new member's secrets in one Welcome. */
export async function sealWelcome(
  suite: CipherSuite,
  groupInfo: GroupInfo,
  applied: Pick<AppliedProposals, 'added' | 'psks'>,
  path: readonly FreshStep[],
  secrets: { readonly joinerSecret: Secret; readonly pskSecret: Secret },
): Promise<Welcome> {
  const { key, nonce } = welcomeKeyAndNonce(suite, secrets.joinerSecret, secrets.pskSecret)
  const encryptedGroupInfo = suite.aead.seal(key, nonce, NO_AAD, encode(encodeGroupInfo, groupInfo))
  wipeBytes(key)
  wipeBytes(nonce)
  const plaintexts = applied.added.map((member) => groupSecretsFor(member, applied, path, secrets.joinerSecret))
  const sealed = await encryptAllWithLabel(
    suite,
    'Welcome',
    applied.added.map(({ keyPackage }, i) => ({
      publicKey: keyPackage.initKey,
      context: encryptedGroupInfo,
      plaintext: plaintexts[i] as Uint8Array,
    })),
  )
  for (const plaintext of plaintexts) wipeBytes(plaintext)
  const entries: EncryptedGroupSecrets[] = applied.added.map(({ keyPackage }, i) => ({
    newMember: keyPackageRef(suite, keyPackage),
    encryptedGroupSecrets: sealed[i] as HpkeCiphertext,
  }))
  return { cipherSuite: suite.id, secrets: entries, encryptedGroupInfo }
}

function groupSecretsFor(
  member: AddedMember,
  applied: Pick<AppliedProposals, 'psks'>,
  path: readonly FreshStep[],
  joinerSecret: Secret,
): Uint8Array {
  // RFC 9420 §12.4.1: the path secret of the lowest common ancestor of the new member and the committer.
  const ancestor = path.find(({ copath }) => contains(copath, member.leafIndex))
  return encode(encodeGroupSecrets, { joinerSecret, pathSecret: ancestor?.pathSecret, psks: applied.psks })
}

const NO_AAD = new Uint8Array(0)
