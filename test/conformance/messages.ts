// The codec: messages.json and deserialization.json of the working group, and the references of mls-rs.
import { type Decoder, decode, Reader } from '../../src/codec/reader.ts'
import { type Encoder, encode, Writer } from '../../src/codec/writer.ts'
import { decodeAuthenticatedContent, proposalRef } from '../../src/framing/authenticated-content.ts'
import { ContentType, ProposalType, WireFormat } from '../../src/messages/code-points.ts'
import { decodeCommit, encodeCommit } from '../../src/messages/commit.ts'
import { decodeKeyPackage, keyPackageRef } from '../../src/messages/key-package.ts'
import { type MlsMessage, readMlsMessage, writeMlsMessage } from '../../src/messages/mls-message.ts'
import { decodeProposal, encodeProposal } from '../../src/messages/proposal.ts'
import { decodeGroupSecrets, encodeGroupSecrets } from '../../src/messages/welcome.ts'
import { decodeRatchetTree, encodeRatchetTree } from '../../src/tree/tree-codec.ts'
import { isListWith } from './json-shape.ts'
import type { VectorSuite } from './suite.ts'
import { bytes, expectBytes, expectTrue, isListOf, runCases, runSuiteCases } from './vector-cases.ts'

/** Each object of messages.json: whether its bytes are what decoding and encoding makes of them. */
const OBJECTS: Readonly<Record<string, (name: string, hex: string) => void>> = {
  mls_welcome: messageOf(({ wireFormat }) => wireFormat === WireFormat.welcome),
  mls_group_info: messageOf(({ wireFormat }) => wireFormat === WireFormat.groupInfo),
  mls_key_package: messageOf(({ wireFormat }) => wireFormat === WireFormat.keyPackage),
  ratchet_tree: (name, hex) => expectBytes(name, encodeRatchetTree(decodeRatchetTree(bytes(hex))), hex),
  group_secrets: roundTrip(decodeGroupSecrets, encodeGroupSecrets),
  add_proposal: proposalOf(ProposalType.add),
  update_proposal: proposalOf(ProposalType.update),
  remove_proposal: proposalOf(ProposalType.remove),
  pre_shared_key_proposal: proposalOf(ProposalType.preSharedKey),
  re_init_proposal: proposalOf(ProposalType.reinit),
  external_init_proposal: proposalOf(ProposalType.externalInit),
  group_context_extensions_proposal: proposalOf(ProposalType.groupContextExtensions),
  commit: roundTrip(decodeCommit, encodeCommit),
  public_message_application: messageOf((message) => publicContentType(message) === ContentType.application),
  public_message_proposal: messageOf((message) => publicContentType(message) === ContentType.proposal),
  public_message_commit: messageOf((message) => publicContentType(message) === ContentType.commit),
  private_message: messageOf(({ wireFormat }) => wireFormat === WireFormat.privateMessage),
}

export const messages: VectorSuite = {
  name: 'messages',
  recognises: (json) => isListWith(json, Object.keys(OBJECTS)),
  run: (json, _provider, report) =>
    runCases<Record<string, string>>(json, report, async (vector) => {
      for (const [name, check] of Object.entries(OBJECTS)) check(name, vector[name] ?? '')
      return undefined
    }),
}

interface HeaderVector {
  readonly vlbytes_header: string
  readonly length: number
}

export const deserialization: VectorSuite = {
  name: 'deserialization',
  recognises: (json) => isListWith(json, ['vlbytes_header', 'length']),
  run: (json, _provider, report) =>
    runCases<HeaderVector>(json, report, async ({ vlbytes_header, length }) => {
      const reader = new Reader(bytes(vlbytes_header))
      const decoded = reader.varint()
      reader.finish()
      expectTrue(`the header says ${length}, not ${decoded}`, decoded === length)
      const writer = new Writer()
      writer.varint(length)
      expectBytes('the header', writer.finish(), vlbytes_header)
      return undefined
    }),
}

interface ReferenceVector {
  readonly cipher_suite: number
  readonly input: string
  readonly output: string
}

export const keyPackageReferences: VectorSuite = {
  name: 'key package references',
  recognises: (json) => isListOf(json, ['cipher_suite', 'input', 'output']) && allDecode(json, decodeKeyPackage),
  run: (json, provider, report) =>
    runSuiteCases<ReferenceVector>(json, provider, report, (suite, { input, output }) => {
      expectBytes('the reference', keyPackageRef(suite, decode(decodeKeyPackage, bytes(input))), output)
    }),
}

export const proposalReferences: VectorSuite = {
  name: 'proposal references',
  recognises: (json) =>
    isListOf(json, ['cipher_suite', 'input', 'output']) && allDecode(json, decodeAuthenticatedContent),
  run: (json, provider, report) =>
    runSuiteCases<ReferenceVector>(json, provider, report, (suite, { input, output }) => {
      expectBytes('the reference', proposalRef(suite, decode(decodeAuthenticatedContent, bytes(input))), output)
    }),
}

function allDecode(json: unknown, decoder: Decoder<unknown>): boolean {
  try {
    for (const { input } of json as readonly ReferenceVector[]) decode(decoder, bytes(input))
    return true
  } catch {
    return false
  }
}

function roundTrip<T>(
  decoder: Decoder<T>,
  encoder: Encoder<T>,
  holds: (value: T) => boolean = () => true,
): (name: string, hex: string) => void {
  return (name, hex) => {
    const value = decode(decoder, bytes(hex))
    expectTrue(`this is a ${name}`, holds(value))
    expectBytes(name, encode(encoder, value), hex)
  }
}

function messageOf(holds: (message: MlsMessage) => boolean): (name: string, hex: string) => void {
  return roundTrip(readMlsMessage, writeMlsMessage, holds)
}

/** The vectors leave out the type in front of a proposal. */
function proposalOf(proposalType: number): (name: string, hex: string) => void {
  const check = roundTrip(decodeProposal, encodeProposal)
  return (name, hex) => check(name, proposalType.toString(16).padStart(4, '0') + hex)
}

function publicContentType(message: MlsMessage): number | undefined {
  if (message.wireFormat !== WireFormat.publicMessage) return undefined
  return message.publicMessage.content.content.contentType
}
