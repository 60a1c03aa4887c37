// What the negative suite is about: the checks of a receiver, by number, the traps that implementations have met, and the
// tests of this library for what no received message can show.

/** By number. */
export const CHECKS: Readonly<Record<number, string>> = {
  1: 'lengths of vectors are minimal',
  2: 'the length prefix `11` is refused, and no length is beyond the end',
  3: 'presence octets are 0 or 1',
  4: 'nothing follows an object, or the content of a known extension',
  5: 'no extension type occurs twice in a list',
  6: "the group id is the group's",
  7: 'handshakes are of the current epoch; application data of one whose keys are kept',
  8: 'version, wire format, content type and other variants are known; the signature covers the wire format',
  9: 'the sender is at a leaf that is not blank',
  10: 'who may send what',
  11: 'application data come in PrivateMessages only',
  12: 'the membership tag, of members only',
  13: 'the signature over the content, with the right key and group context',
  14: 'the confirmation tag',
  15: 'padding is zero',
  16: 'each generation is used once, and the window is bounded',
  17: 'the reuse guard',
  18: 'what is authenticated with content and sender data',
  19: "a leaf node's signature, bound to its place",
  20: "a leaf node's source",
  21: 'credentials, and their successors, are believed by the authentication service',
  22: 'required capabilities, version and suite',
  23: 'credential types are supported by all, both ways',
  24: "a leaf's extensions are listed in its capabilities",
  25: 'lifetimes',
  26: 'signature keys and encryption keys are unique in the tree that results',
  27: "an Update's encryption key is new",
  28: 'version, suite, signature and init key of key packages',
  29: "members and joiners support the group context's extensions",
  30: 'all members support the extensions that a commit brings',
  31: 'one GroupContextExtensions at most',
  32: "no Update or Remove of the committer's own leaf",
  33: 'one Update or Remove for a leaf, which exists',
  34: 'no client is added that is a member, or twice',
  35: 'PSKs: nonce, usage, no duplicates, known',
  36: 'ReInit: alone, no lower version, nothing afterwards',
  37: "no ExternalInit in a member's commit",
  38: 'what external senders may propose',
  39: 'custom proposal types are supported by all who process the commit; references are known',
  40: 'the path is there where it has to be',
  41: 'the lengths of the path and of its lists of ciphertexts',
  42: 'path keys are new and distinct',
  43: 'path secrets can be decrypted and give the keys of the path',
  44: "the parent hash of the committer's leaf",
  45: 'the order in which proposals are applied, and the places of new leaves',
  46: 'what an external commit may contain',
  47: 'what an external commit may remove, and by whom',
  48: 'a Welcome is for the client, its key package and suite',
  49: 'the signature, tag, version and suite of a group info',
  50: "the tree hash, each leaf, and the joiner's own leaf",
  51: 'parent hashes in a tree',
  52: 'unmerged leaves',
  53: 'unique parent keys, and the form of the tree',
  54: 'the path secret of a Welcome',
  55: 'the PSKs of a Welcome, and what a successor or branch looks like',
  56: 'the group id is of no other group of the client',
  57: "an X.509 certificate is for the leaf's signature key",
  58: 'what is unknown is ignored where it may be; GREASE is nothing special',
  59: 'default types are not listed',
  60: 'pending proposals come before application data',
  61: 'keys, KEM outputs and signatures of the primitives',
  62: 'indices are unsigned 32-bit integers',
}

/** By name, as the cases name them. */
export const TRAPS: Readonly<Record<string, string>> = {
  'tag-lengths': 'a tag or hash is compared without its length',
  'decoder-past-the-end': 'a decoder reads beyond the end',
  'length-boundaries': 'lengths around 0x3f, 0x3fff and 0x3fffffff',
  'secret-tree-persistence': 'a used key comes back after a restart',
  'past-epoch-credential': 'a late message is attributed to whoever is at the leaf now',
  'removed-members-counted': 'members who are being removed are asked for their support',
  'leaf-zero': 'leaf 0 is taken for no leaf',
  'signed-indices': 'indices of 2^31 and more turn negative, those of 2^30 and more wrap as node indices',
  'external-binding': 'nothing but group id and epoch binds a proposal from outside to a group',
  'hpke-bounds': 'all-zero Diffie-Hellman results, lengths of exports, sequence numbers',
  'new-key-without-path': 'a signature is verified with a key that its sender brings along',
  'suite-5-padding': 'private keys of suite 5 come without leading zeros',
  lifetimes: 'lifetimes that never end, and clocks that are not an argument',
  'provisional-tree-hash': 'path secrets are encrypted under the tree hash from after the merge',
  'label-encodings': 'labels of references and exporters',
  'code-points': 'code points that differ between implementations',
}

/** A test of this library for what a receiver's messages cannot show. */
export interface OwnTest {
  readonly row?: number
  readonly trap?: string
  readonly file: string
  readonly title: string
}

const OWN_SIDE = 'test/negative/own-side.test.ts'

export const OWN_TESTS: readonly OwnTest[] = [
  { row: 16, file: OWN_SIDE, title: 'a key is gone from the state once it was used, and so is what it came from' },
  {
    row: 17,
    file: OWN_SIDE,
    title: 'two messages from one state, as after a loss of state, have different reuse guards',
  },
  { row: 36, file: OWN_SIDE, title: 'nothing is sent in a group that was reinitialised' },
  {
    row: 48,
    file: OWN_SIDE,
    title: 'a state does not hold the init key, and without that nobody joins with the Welcome again',
  },
  { row: 58, file: OWN_SIDE, title: 'the types of all extensions that a key package has are listed in its leaf' },
  { row: 59, file: OWN_SIDE, title: 'default types are not listed, whatever the caller says' },
  {
    row: 60,
    file: OWN_SIDE,
    title: 'pending proposals keep application data from being sent, until they are committed or discarded',
  },
  {
    trap: 'secret-tree-persistence',
    file: OWN_SIDE,
    title: 'a state that was stored after a message refuses that message when it is restored',
  },
  { trap: 'hpke-bounds', file: OWN_SIDE, title: 'exports have at most 255 blocks' },
  { trap: 'hpke-bounds', file: OWN_SIDE, title: 'the sequence number of a context does not wrap' },
  { trap: 'suite-5-padding', file: OWN_SIDE, title: 'short private keys of suite 5 are padded on the left' },
  {
    trap: 'lifetimes',
    file: OWN_SIDE,
    title: 'the time at which a key package is valid is the one that the caller says',
  },
  { trap: 'lifetimes', file: OWN_SIDE, title: 'how long a lifetime may be is for the policy to say' },
  {
    trap: 'label-encodings',
    file: OWN_SIDE,
    title: "a reference's label is complete, without the prefix of other labels",
  },
  { trap: 'label-encodings', file: OWN_SIDE, title: "an exporter's label is its UTF-8 bytes" },
]
