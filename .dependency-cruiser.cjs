// Who may import whom inside src. Default-deny: an import that no row of these tables allows is an error.
// docs/architecture.md explains the rooms; test/tools/layers.test.ts plants forbidden imports and expects them reported.

const contract = 'src/crypto/(?!providers/)'
const core = [
  'src/errors\\.ts',
  'src/bytes\\.ts',
  'src/codec/',
  contract,
  'src/messages/',
  'src/tree/',
  'src/schedule/',
  'src/framing/',
  'src/group/',
]
const upTo = (last) => core.slice(0, core.indexOf(last) + 1)
const without = (rooms, ...left) => rooms.filter((room) => !left.includes(room))

/** Room → the rooms of src that it may import. A room may always import itself. */
const rooms = {
  'src/errors\\.ts': [],
  'src/bytes\\.ts': ['src/errors\\.ts'],
  'src/codec/': upTo('src/bytes\\.ts'),
  [contract]: upTo('src/codec/'),
  'src/crypto/providers/noble/': upTo(contract),
  'src/crypto/providers/node/': [...upTo(contract), 'src/crypto/providers/noble/'],
  'src/crypto/providers/webcrypto/': [...upTo(contract), 'src/crypto/providers/noble/'],
  'src/messages/': upTo(contract),
  // tree and schedule never see each other: group/ carries bytes from one to the other.
  'src/tree/': upTo('src/messages/'),
  'src/schedule/': upTo('src/messages/'),
  'src/framing/': without(upTo('src/schedule/'), 'src/tree/'),
  'src/group/': upTo('src/framing/'),
  'src/x509/': core,

  'src/identity/': core,
  'src/content/': core,
  'src/wire/': [...core, 'src/identity/'],
  // Pure reconciliation of sets: knows ids, never frames.
  'src/sync/': upTo('src/codec/'),
  'src/session/': [...core, 'src/identity/', 'src/content/', 'src/wire/'],
  // Adapters know bytes and frames, never groups.
  'src/transport/': upTo('src/codec/'),
  'src/storage/': upTo('src/codec/'),
  // The frames of topics as whoever keeps them knows them, clients and relays alike: archives, proofs, reconciliation.
  'src/topics/': [...core, 'src/(wire|sync|transport|storage)/'],
  'src/relay/': [...core, 'src/(crypto/providers/node|wire|topics|transport|storage)/'],
  'src/client/': [...core, 'src/(crypto/providers|x509|identity|content|wire|sync|topics|session|transport|storage)/'],
  'src/testing/': [...core, 'src/[^/]+/'],
  'src/cli/': ['src/errors\\.ts', 'src/bytes\\.ts', 'src/libp2p\\.ts', 'src/(client|relay)/'],

  // Entry files: one per exported subpath.
  'src/index\\.ts': ['src/errors\\.ts', 'src/crypto/secret\\.ts', 'src/(client|content|session|transport)/'],
  'src/mls\\.ts': core,
  'src/mls-x509\\.ts': ['src/errors\\.ts', 'src/x509/'],
  'src/crypto\\.ts': upTo(contract),
  'src/crypto-noble\\.ts': ['src/crypto/providers/noble/'],
  'src/crypto-node\\.ts': ['src/crypto/providers/node/'],
  'src/crypto-webcrypto\\.ts': ['src/crypto/providers/webcrypto/'],
  'src/transport\\.ts': ['src/transport/transport\\.ts'],
  'src/libp2p\\.ts': ['src/transport/libp2p/'],
  'src/testing\\.ts': ['src/testing/', 'src/transport/memory/'],
}

/** Room → the packages and Node built-ins that it may import. */
const outside = {
  'src/bytes\\.ts': ['node_modules/@noble/(hashes|ciphers)/'],
  'src/crypto/providers/': ['node_modules/@noble/(curves|hashes|ciphers)/'],
  // @peculiar/x509 throws while loading unless reflect-metadata was loaded before it.
  'src/x509/': ['node_modules/(@peculiar/x509|reflect-metadata)/'],
  'src/transport/': ['node_modules/@noble/hashes/'],
  'src/transport/libp2p/': ['node_modules/(libp2p|@libp2p|@chainsafe|@multiformats|it-length-prefixed)/'],
  'src/(identity|wire)/': ['node_modules/uint8arrays/'],
  'src/storage/': ['node_modules/(classic-level|memory-level)/', 'node_modules/@noble/'],
  'src/cli/': ['node_modules/(commander|prom-client|uqr)/'],
  'src/testing/': ['node_modules/(vitest|fast-check)/'],
}
const nodeBuiltIns = ['src/cli/', 'src/crypto/providers/node/', 'src/storage/level/(key-file|store-mark)\\.ts']

const at = (path) => `^${path}`
const rule = ([from, to]) => ({ from: { path: at(from) }, to: { path: [from, ...to].map(at) } })

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A cycle means that two files are one purpose cut in half.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads to a file or a declared package.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  allowed: [
    ...Object.entries(rooms).map(rule),
    ...Object.entries(outside).map(([from, to]) => ({ from: { path: at(from) }, to: { path: to.map(at) } })),
    ...nodeBuiltIns.map((from) => ({ from: { path: at(from) }, to: { dependencyTypes: ['core'] } })),
  ],
  allowedSeverity: 'error',
  options: {
    // Type imports count too: a layer that names another layer's types knows about it.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    preserveSymlinks: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
}
