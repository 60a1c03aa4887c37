// Welcomes that lead nowhere: to the wrong client, from the wrong member, without or with the wrong secrets
// (RFC 9420 §12.4.3, §12.4.3.1).
import { toHex, utf8 } from '../../../src/bytes.ts'
import { type Extension, requiredCapabilitiesExtension } from '../../../src/mls.ts'
import { assemble, type Cast, commitBy, EXTRA_EXTENSION, EXTRA_PROPOSAL, found, personOf, stateOf } from '../cast.ts'
import type { WelcomeTampering } from '../forge/welcome.ts'
import { tall } from './groups.ts'
import { type CaseSpec, type Chapter, secretOf } from './scene.ts'
import { seeded } from './suites.ts'
import { groupInfoCases } from './welcomes/group-infos.ts'
import { welcomeCase, welcomed } from './welcomes/make.ts'
import { pathSecretCases, pskCases } from './welcomes/secrets.ts'

const keyPackageCases: CaseSpec[] = [
  {
    name: 'welcome-is-a-key-package',
    about: 'the client is told to join with a key package',
    rows: [8],
    sections: ['6', '12.4.3.1'],
    start: 'joiner',
    code: 'FRAMING_WIRE_FORMAT',
    async make(cast, broken) {
      const made = await welcomed(cast, {})
      return broken ? { ...made, messages: [toHex(personOf(cast, 'gina').keyPackage.message)] } : made
    },
  },
  welcomeCase(
    {
      name: 'for-another-key-package',
      about: 'the Welcome names a key package that the client does not have',
      rows: [48],
      sections: ['12.4.3.1'],
      code: 'JOIN_KEY_PACKAGE_UNKNOWN',
    },
    () => ({ newMember: (reference) => reference.map((byte) => byte ^ 1) }),
  ),
  welcomeCase(
    {
      name: 'for-a-shortened-reference',
      about: "the Welcome names the beginning of the key package's reference",
      rows: [48],
      traps: ['tag-lengths'],
      sections: ['12.4.3.1'],
      code: 'JOIN_KEY_PACKAGE_UNKNOWN',
    },
    () => ({ newMember: (reference) => reference.slice(0, 16) }),
  ),
  welcomeCase(
    {
      name: 'of-another-suite',
      about: 'the Welcome says that it is of suite 3',
      rows: [48],
      sections: ['12.4.3.1'],
      code: 'JOIN_SUITE_MISMATCH',
    },
    () => ({ cipherSuite: 3 }),
  ),
  welcomeCase(
    {
      name: 'sealed-to-another',
      about: 'the group secrets are encrypted to another key',
      rows: [48],
      sections: ['12.4.3.1'],
      code: 'JOIN_WELCOME_DECRYPT',
    },
    () => ({ sealed: ({ kemOutput, ciphertext }) => ({ kemOutput, ciphertext: ciphertext.map((byte) => byte ^ 1) }) }),
  ),
  welcomeCase(
    {
      name: 'kem-output-of-zeros',
      about: 'the KEM output leads to a Diffie-Hellman result of zeros',
      rows: [48, 61],
      traps: ['hpke-bounds'],
      sections: ['12.4.3.1', '9180 §7.1.4'],
      code: 'JOIN_WELCOME_DECRYPT',
    },
    () => ({ sealed: ({ ciphertext }) => ({ kemOutput: new Uint8Array(32), ciphertext }) }),
  ),
  welcomeCase(
    {
      name: 'group-info-under-another-secret',
      about: 'the group info is not encrypted under the joiner secret that the client gets',
      rows: [48],
      sections: ['12.4.3.1'],
      code: 'JOIN_WELCOME_DECRYPT',
    },
    () => ({ groupSecrets: (secrets) => ({ ...secrets, joinerSecret: secretOf(1, 32) }) }),
  ),
]

const fitCases: CaseSpec[] = [
  ...(
    [
      [
        'extension',
        'an extension that nobody lists',
        { extensionType: EXTRA_EXTENSION + 1, data: utf8('in use') },
        [29],
        'GROUP_EXTENSION_UNSUPPORTED',
      ],
      [
        'grease',
        'a GREASE extension',
        { extensionType: 0x0a0a, data: utf8('grease') },
        [29, 58],
        'GROUP_EXTENSION_UNSUPPORTED',
      ],
      [
        'required',
        'a required proposal type that nobody lists',
        requiredCapabilitiesExtension({ extensionTypes: [], proposalTypes: [EXTRA_PROPOSAL + 1], credentialTypes: [] }),
        [22],
        'GROUP_REQUIRED_CAPABILITIES',
      ],
    ] satisfies [string, string, Extension, number[], CaseSpec['code']][]
  ).map(([which, what, extension, rows, code]) =>
    welcomeCase(
      {
        name: `group-context-with-${which}`,
        about: `the group context has ${what}`,
        rows,
        sections: ['12.4.3', '13.4', '13.5'],
        code,
      },
      () => ({ forgery: ({ groupContext }) => ({ groupContext: { ...groupContext, extensions: [extension] } }) }),
    ),
  ),
  welcomeCase(
    {
      name: 'group-info-with-unknown-extensions',
      about: 'unknown and GREASE extensions of a group info are ignored, but its signature is not',
      rows: [49, 58],
      sections: ['12.4.3', '13.4', '13.5'],
      code: 'JOIN_GROUP_INFO_SIGNATURE',
    },
    (cast) => ({ ...withUnknown, signer: stateOf(cast, 'bob').own.signatureKeyPair }),
    {
      groupInfo: (content) => withUnknown.groupInfo(content),
    },
  ),
  {
    name: 'joiner-does-not-support-an-extension',
    about: 'the joiner does not support an extension that all others support',
    rows: [29],
    sections: ['12.4.3', '13.4'],
    start: 'narrow',
    code: 'GROUP_EXTENSION_UNSUPPORTED',
    make: (cast, broken) =>
      welcomed(cast, {
        forgery: ({ groupContext }) => ({
          groupContext: {
            ...groupContext,
            extensions: broken ? [{ extensionType: EXTRA_EXTENSION, data: utf8('in use') }] : [],
          },
        }),
      }),
  },
]

const withUnknown = {
  groupInfo: (content: Parameters<NonNullable<WelcomeTampering['groupInfo']>>[0]) => ({
    ...content,
    extensions: [
      ...content.extensions,
      { extensionType: 0x1a1a, data: utf8('grease') },
      { extensionType: 0xf0ee, data: utf8('unknown') },
    ],
  }),
}

/** Alice 0, Bob 1, Carol 2, who support the extra types; Erin does not. */
async function narrow(): Promise<Cast> {
  const members = ['alice', 'bob', 'carol']
  const cast = await found(await assemble(seeded(1, 'welcomes narrow'), [...members, 'erin'], members), 'alice')
  return commitBy(cast, 'alice', ['bob', 'carol'])
}

export const welcomes: Chapter = {
  file: 'welcomes',
  description: 'Welcomes that lead nowhere.',
  scenes: async () => ({
    joiner: { cast: await tall(seeded(1, 'welcomes')), receiver: 'erin' },
    narrow: { cast: await narrow(), receiver: 'erin' },
  }),
  cases: [...keyPackageCases, ...groupInfoCases, ...fitCases, ...pathSecretCases, ...pskCases],
}
