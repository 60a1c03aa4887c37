// Signatures with the wrong key or over the wrong context (RFC 9420 §6.1).
import { utf8 } from '../../../../src/bytes.ts'
import { clientOf, personOf, stateOf } from '../../cast.ts'
import { forgeExternalCommit } from '../../forge/commit.ts'
import { type CaseSpec, commits, following, proposes } from '../scene.ts'
import { framingCase, fromOutside, withByte } from './make.ts'

export const signatureCases: CaseSpec[] = [
  framingCase(
    {
      name: 'signed-by-another-member',
      about: 'a commit in the name of Carol is signed by Dave',
      rows: [13],
      sections: ['6.1'],
      code: 'FRAMING_SIGNATURE',
    },
    (cast) => ({ signer: stateOf(cast, 'dave').own.signatureKeyPair }),
  ),
  framingCase(
    {
      name: 'signed-in-another-epoch',
      about: 'the signature covers the group context of the next epoch',
      rows: [13],
      sections: ['6.1'],
      code: 'FRAMING_SIGNATURE',
    },
    (cast) => {
      const { groupContext } = stateOf(cast, 'carol')
      return { signedContext: { ...groupContext, epoch: groupContext.epoch + 1n } }
    },
  ),
  framingCase(
    {
      name: 'signature-empty',
      about: 'the signature is empty',
      rows: [13],
      sections: ['6.1'],
      code: 'FRAMING_SIGNATURE',
    },
    () => ({ signature: () => new Uint8Array(0) }),
  ),
  {
    name: 'new-key-without-a-path',
    about: "a commit without a path is signed with a key that is not in its sender's leaf",
    rows: [13],
    traps: ['new-key-without-path'],
    sections: ['6.1', '12.4'],
    start: 'member',
    code: 'FRAMING_SIGNATURE',
    async make(cast, broken) {
      const { keyPackage } = personOf(cast, 'erin').keyPackage
      const { signatureKeyPair } = await clientOf(cast.suite, 'carol')
      return commits(cast, 'carol', {
        proposals: [{ proposalType: 1, keyPackage }],
        path: 'none',
        framing: broken ? { signer: signatureKeyPair } : {},
      })
    },
  },
  {
    name: 'new-key-signs-its-own-path',
    about: "a commit is signed with the key that its path brings, not with the one in its sender's leaf",
    rows: [13],
    traps: ['new-key-without-path'],
    sections: ['6.1', '12.4'],
    start: 'member',
    code: 'FRAMING_SIGNATURE',
    async make(cast, broken) {
      const { signatureKeyPair } = await clientOf(cast.suite, 'carol')
      const { publicKey } = signatureKeyPair
      return commits(cast, 'carol', {
        path: { leaf: { content: (leaf) => ({ ...leaf, signatureKey: publicKey }), signer: signatureKeyPair } },
        framing: broken ? { signer: signatureKeyPair } : {},
      })
    },
  },
  {
    name: 'external-sender-signed-by-a-member',
    about: 'a proposal in the name of the external sender is signed by a member',
    rows: [13],
    sections: ['6.1', '12.1.8'],
    start: 'member',
    code: 'FRAMING_SIGNATURE',
    make: async (cast, broken) =>
      fromOutside(cast, broken, {
        sender: { senderType: 2, senderIndex: 0 },
        ...(broken && { signer: stateOf(cast, 'carol').own.signatureKeyPair }),
      }),
  },
  {
    name: 'external-commit-signed-by-a-member',
    about: 'an external commit is signed with another key than the one in its path',
    rows: [13],
    sections: ['6.1', '12.4.3.2'],
    start: 'member',
    code: 'FRAMING_SIGNATURE',
    async make(cast, broken) {
      const framing = broken ? { signer: stateOf(cast, 'carol').own.signatureKeyPair } : {}
      return following(await forgeExternalCommit(stateOf(cast, 'carol'), personOf(cast, 'erin').client, { framing }))
    },
  },
  {
    name: 'external-commit-of-another-group',
    about: "an external commit's signature covers another group context",
    rows: [13],
    sections: ['6.1', '12.4.3.2'],
    start: 'member',
    code: 'FRAMING_SIGNATURE',
    async make(cast, broken) {
      const { groupContext } = stateOf(cast, 'carol')
      const framing = broken ? { signedContext: { ...groupContext, groupId: utf8('elsewhere') } } : {}
      return following(await forgeExternalCommit(stateOf(cast, 'carol'), personOf(cast, 'erin').client, { framing }))
    },
  },
  {
    name: 'proposal-signature-changed',
    about: "a proposal's signature is changed in one bit, and the membership tag made anew",
    rows: [13],
    sections: ['6.1', '12.1'],
    start: 'member',
    code: 'FRAMING_SIGNATURE',
    make: (cast, broken) =>
      proposes(cast, broken, 'dave', { proposalType: 3, removed: 0 }, 'carol', {
        framing: broken ? { signature: (signature) => withByte(signature, 5, (signature[5] as number) ^ 0x10) } : {},
      }),
  },
]
