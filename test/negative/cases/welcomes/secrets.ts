// Path secrets and PSKs that do not fit the tree or the joiner (RFC 9420 §8.4, §12.4.3.1).
import { utf8 } from '../../../../src/bytes.ts'
import type { PreSharedKeyId } from '../../../../src/mls.ts'
import { lookUpPsk, PSK_ID, stateOf } from '../../cast.ts'
import { type CaseSpec, secretOf } from '../scene.ts'
import { type Spec, type Wrong, welcomeCase } from './make.ts'

export const pathSecretCases: CaseSpec[] = [
  welcomeCase(
    {
      name: 'path-secret-of-other-keys',
      about: 'the path secret does not give the keys in the tree',
      rows: [54],
      sections: ['12.4.3.1'],
      code: 'JOIN_PATH_SECRET',
    },
    () => ({ forgery: () => ({ pathSecret: new Uint8Array(32).fill(1) }) }),
  ),
  welcomeCase(
    {
      name: 'path-secret-of-another-node',
      about: 'the path secret is that of the node below the common ancestor',
      rows: [54],
      sections: ['12.4.3.1'],
      code: 'JOIN_PATH_SECRET',
    },
    () => ({ forgery: ({ pathSecret }) => ({ pathSecret: pathSecret?.map((byte) => byte ^ 0xff) }) }),
  ),
  welcomeCase(
    {
      name: 'path-secret-cut',
      about: 'the path secret is a byte short',
      rows: [54],
      sections: ['12.4.3.1'],
      code: 'JOIN_PATH_SECRET',
    },
    () => ({ forgery: ({ pathSecret }) => ({ pathSecret: pathSecret?.slice(1) }) }),
  ),
  welcomeCase(
    {
      name: 'path-secret-withheld',
      about: 'the path secret is missing, though the commit had a path and the joiner is not unmerged',
      rows: [54],
      sections: ['4.1.1', '12.4.1', '12.4.3.1'],
      code: 'JOIN_PATH_SECRET',
    },
    () => ({ forgery: () => ({ pathSecret: undefined }) }),
  ),
  welcomeCase(
    {
      name: 'path-secret-of-another-signer',
      about: 'the signer is a member whose common ancestor with the joiner is another node',
      rows: [54],
      sections: ['12.4.3.1'],
      code: 'JOIN_PATH_SECRET',
    },
    (cast) => ({
      forgery: () => ({ signer: { leafIndex: 4, signatureKeyPair: stateOf(cast, 'dave').own.signatureKeyPair } }),
    }),
  ),
]

const pskId = (pskId: Uint8Array, nonceLength = 32): PreSharedKeyId => ({
  pskType: 1,
  pskId,
  pskNonce: new Uint8Array(nonceLength).fill(5),
})

function pskCase(spec: Spec, ids: readonly PreSharedKeyId[], right: readonly PreSharedKeyId[]): CaseSpec {
  const using = (list: readonly PreSharedKeyId[]): Wrong => ({
    forgery: () => ({ psks: list.map((id) => ({ id, secret: lookUpPsk(id) ?? secretOf(7, 32) })) }),
  })
  return welcomeCase(spec, () => using(ids), using(right))
}

export const pskCases: CaseSpec[] = [
  pskCase(
    {
      name: 'welcome-psk-unknown',
      about: 'the Welcome names a PSK that the client does not have',
      rows: [35],
      sections: ['8.4', '12.4.3.1'],
      code: 'PSK_UNKNOWN',
    },
    [pskId(utf8('of which only Alice knows'))],
    [pskId(PSK_ID)],
  ),
  pskCase(
    {
      name: 'welcome-psk-nonce-short',
      about: "a PSK's nonce in the Welcome has 31 bytes, where KDF.Nh is 32",
      rows: [35],
      sections: ['8.4', '12.1.4'],
      code: 'PSK_NONCE_LENGTH',
    },
    [pskId(PSK_ID, 31)],
    [pskId(PSK_ID)],
  ),
  pskCase(
    {
      name: 'welcome-psk-twice',
      about: 'the Welcome names the same PSK with the same nonce twice',
      rows: [35],
      sections: ['8.4', '12.2'],
      code: 'PSK_DUPLICATE',
    },
    [pskId(PSK_ID), pskId(PSK_ID)],
    [pskId(PSK_ID)],
  ),
]
