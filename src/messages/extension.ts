// Extensions (RFC 9420 §13) and the contents of those that the RFC defines, save the ratchet tree (../tree/).

import { type Decoder, decode } from '../codec/reader.ts'
import { type Encoder, encode, encodeUint16 } from '../codec/writer.ts'
import { CoterieError, fail } from '../errors.ts'
import { ExtensionType } from './code-points.ts'
import { type Credential, decodeCredential, encodeCredential } from './credential.ts'

/** One extension; `data` is the body of `extension_data<V>`. */
export interface Extension {
  readonly extensionType: number
  readonly data: Uint8Array
}

/** What every member must support. RFC 9420 §11.1. */
export interface RequiredCapabilities {
  readonly extensionTypes: readonly number[]
  readonly proposalTypes: readonly number[]
  readonly credentialTypes: readonly number[]
}

/** Someone outside the group who may propose. RFC 9420 §12.1.8.1. */
export interface ExternalSender {
  readonly signatureKey: Uint8Array
  readonly credential: Credential
}

/** The data of the extension of this type, if it is in the list. */
export function findExtension(extensions: readonly Extension[], extensionType: number): Uint8Array | undefined {
  return extensions.find((extension) => extension.extensionType === extensionType)?.data
}

const encodeExtension: Encoder<Extension> = (writer, extension) => {
  writer.uint16(extension.extensionType)
  writer.opaque(extension.data)
}

const decodeExtension: Decoder<Extension> = (reader) => ({
  extensionType: reader.uint16(),
  data: reader.opaque(),
})

/** `Extension extensions<V>`. RFC 9420 §13.4: no type may occur twice. */
export const encodeExtensions: Encoder<readonly Extension[]> = (writer, extensions) => {
  refuseDuplicates(extensions)
  writer.vector(extensions, encodeExtension)
}

/** `Extension extensions<V>`. RFC 9420 §13.4: no type may occur twice. */
export const decodeExtensions: Decoder<Extension[]> = (reader) => {
  const seen = new Set<number>()
  return reader.vector((inner) => {
    const extension = decodeExtension(inner)
    // Here, not at the end: there are only so many types, so that a list cannot be made long.
    refuseSeen(seen, extension)
    return extension
  })
}

/** For a GroupContext: what every member must support. RFC 9420 §11.1. */
export function requiredCapabilitiesExtension(required: RequiredCapabilities): Extension {
  return { extensionType: ExtensionType.requiredCapabilities, data: encode(encodeRequiredCapabilities, required) }
}

/** The `required_capabilities` of a GroupContext, if there are any. */
export function readRequiredCapabilities(extensions: readonly Extension[]): RequiredCapabilities | undefined {
  return readExtension(extensions, ExtensionType.requiredCapabilities, decodeRequiredCapabilities)
}

/** For a GroupContext: outsiders who may propose. RFC 9420 §12.1.8.1. */
export function externalSendersExtension(senders: readonly ExternalSender[]): Extension {
  const data = encode((writer) => writer.vector(senders, encodeExternalSender), undefined)
  return { extensionType: ExtensionType.externalSenders, data }
}

/** The `external_senders` of a GroupContext; none where the extension is absent. */
export function readExternalSenders(extensions: readonly Extension[]): readonly ExternalSender[] {
  return readExtension(extensions, ExtensionType.externalSenders, (reader) => reader.vector(decodeExternalSender)) ?? []
}

/** For a GroupInfo: the group's external public key. RFC 9420 §12.4.3.2. */
export function externalPubExtension(publicKey: Uint8Array): Extension {
  const data = encode((writer) => writer.opaque(publicKey), undefined)
  return { extensionType: ExtensionType.externalPub, data }
}

/** The `external_pub` of a GroupInfo. RFC 9420 §12.4.3.2. */
export function readExternalPub(extensions: readonly Extension[]): Uint8Array | undefined {
  return readExtension(extensions, ExtensionType.externalPub, (reader) => reader.opaque())
}

/** For a leaf node: the application's name of the client. RFC 9420 §5.3.3. */
export function applicationIdExtension(applicationId: Uint8Array): Extension {
  const data = encode((writer) => writer.opaque(applicationId), undefined)
  return { extensionType: ExtensionType.applicationId, data }
}

/** The `application_id` of a leaf node. RFC 9420 §5.3.3. */
export function readApplicationId(extensions: readonly Extension[]): Uint8Array | undefined {
  return readExtension(extensions, ExtensionType.applicationId, (reader) => reader.opaque())
}

/**
 * The decoded content of an extension, if it is in the list.
 * @throws CoterieError `EXTENSION_MALFORMED` (peer) where the content does not parse to its last byte
 */
function readExtension<T>(extensions: readonly Extension[], extensionType: number, decoder: Decoder<T>): T | undefined {
  const data = findExtension(extensions, extensionType)
  if (data === undefined) return undefined
  try {
    return decode(decoder, data)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('EXTENSION_MALFORMED', `the content of extension ${extensionType} is malformed`, { cause })
  }
}

/** The list as it travels, to compare lists by. */
export function encodedExtensions(extensions: readonly Extension[]): Uint8Array {
  return encode(encodeExtensions, extensions)
}

function refuseDuplicates(extensions: readonly Extension[]): void {
  const seen = new Set<number>()
  for (const extension of extensions) refuseSeen(seen, extension)
}

function refuseSeen(seen: Set<number>, { extensionType }: Extension): void {
  if (seen.has(extensionType)) fail('EXTENSION_DUPLICATE', `extension type ${extensionType} occurs twice in a list`)
  seen.add(extensionType)
}

const encodeRequiredCapabilities: Encoder<RequiredCapabilities> = (writer, required) => {
  writer.vector(required.extensionTypes, encodeUint16)
  writer.vector(required.proposalTypes, encodeUint16)
  writer.vector(required.credentialTypes, encodeUint16)
}

const decodeRequiredCapabilities: Decoder<RequiredCapabilities> = (reader) => ({
  extensionTypes: reader.vector((inner) => inner.uint16()),
  proposalTypes: reader.vector((inner) => inner.uint16()),
  credentialTypes: reader.vector((inner) => inner.uint16()),
})

export const encodeExternalSender: Encoder<ExternalSender> = (writer, sender) => {
  writer.opaque(sender.signatureKey)
  encodeCredential(writer, sender.credential)
}

export const decodeExternalSender: Decoder<ExternalSender> = (reader) => ({
  signatureKey: reader.opaque(),
  credential: decodeCredential(reader),
})
