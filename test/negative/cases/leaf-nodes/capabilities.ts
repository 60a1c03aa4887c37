// Capabilities that do not fit the group, or the rest of the leaf node (RFC 9420 §7.2, §7.3, §11.1).
import { utf8 } from '../../../../src/bytes.ts'
import type { CaseSpec } from '../scene.ts'
import { bothCases, committedUpdate, pathCase, saying } from './make.ts'

export const capabilityCases: CaseSpec[] = [
  ...(['extensions', 'proposals', 'credentials'] as const).flatMap((which): CaseSpec[] => {
    const spec = {
      rows: [22],
      sections: ['7.3', '11.1'],
      start: 'demanding',
      code: 'LEAF_CAPABILITIES_MISSING',
    } as const
    const tamper = saying((leaf) => ({
      capabilities: { ...leaf.capabilities, [which]: which === 'credentials' ? [1] : [] },
    }))
    return [
      {
        ...spec,
        name: `update-required-${which}-missing`,
        about: `an Update lists none of the ${which} that the group requires, and is committed`,
        make: (cast, broken) => committedUpdate(cast, broken ? tamper : () => ({})),
      },
      pathCase(
        {
          ...spec,
          name: `path-required-${which}-missing`,
          about: `a commit's leaf node lists none of the ${which} that the group requires`,
        },
        tamper,
      ),
    ]
  }),
  ...bothCases(
    {
      name: 'extension-unlisted',
      about: 'leaf node has an extension that it does not list',
      rows: [24],
      sections: ['7.3'],
      code: 'LEAF_EXTENSION_UNSUPPORTED',
    },
    saying(() => ({ extensions: [{ extensionType: 0xf0aa, data: utf8('unlisted') }] })),
  ),
  ...bothCases(
    {
      name: 'grease-extension-unlisted',
      about: 'leaf node has a GREASE extension that it does not list',
      rows: [24, 58],
      sections: ['7.3', '13.5'],
      code: 'LEAF_EXTENSION_UNSUPPORTED',
    },
    saying(() => ({ extensions: [{ extensionType: 0x0a0a, data: utf8('grease') }] })),
  ),
  ...bothCases(
    {
      name: 'suite-unlisted',
      about: "leaf node does not list the group's cipher suite",
      rows: [22],
      sections: ['7.2', '11.1'],
      code: 'LEAF_SUITE_UNSUPPORTED',
    },
    saying((leaf) => ({ capabilities: { ...leaf.capabilities, cipherSuites: [2] } })),
  ),
  ...bothCases(
    {
      name: 'version-unlisted',
      about: "leaf node does not list the group's protocol version",
      rows: [22],
      sections: ['7.2', '11.1'],
      code: 'LEAF_SUITE_UNSUPPORTED',
    },
    saying((leaf) => ({ capabilities: { ...leaf.capabilities, versions: [2] } })),
  ),
]
