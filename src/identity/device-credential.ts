// The credential of a device: an identity's signed word that a signature key is one of its devices (spec/credential.md).
// It travels as the content of a basic credential (RFC 9420 §5.3).

import { utf8 } from '../bytes.ts'
import { type Decoder, decode } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import type { KeyPair, SignaturePrimitive } from '../crypto/contract.ts'
import { CoterieError, fail } from '../errors.ts'
import { type BasicCredential, basicCredential, type Credential, isBasicCredential } from '../messages/credential.ts'
import { didKey } from './did-key.ts'

/** The longest display name, in bytes of UTF-8. */
const MAX_NAME_BYTES = 128

export interface DeviceCredential {
  /** The identity's Ed25519 public key, 32 bytes. */
  readonly identityKey: Uint8Array
  /** What the identity calls itself. Nobody vouches for it. */
  readonly name: string
  /** By the identity, over the device's signature key. */
  readonly signature: Uint8Array
}

/** A device's identity, after its certificate has been verified. */
export interface CertifiedDevice {
  /** `did:key:…` */
  readonly identity: string
  readonly name: string
  /** The device's signature key. */
  readonly deviceKey: Uint8Array
}

/**
 * Certifies a device.
 * @throws CoterieError `ARGUMENT_INVALID` (caller) for a name that is empty or longer than 128 bytes
 */
export async function certifyDevice(
  ed25519: SignaturePrimitive,
  identity: KeyPair,
  name: string,
  deviceKey: Uint8Array,
): Promise<BasicCredential> {
  checkName(name)
  const content = { identityKey: identity.publicKey, name }
  const signature = await ed25519.sign(identity.privateKey, toBeSigned(content, deviceKey))
  return basicCredential(encode(encodeDeviceCredential, { ...content, signature }))
}

/**
 * Verifies that a credential belongs to a device's key.
 * @param deviceKey - the signature key that the leaf node, key package or card uses
 * @throws CoterieError `IDENTITY_MALFORMED`, `IDENTITY_CERTIFICATE` (peer)
 */
export async function verifyDevice(
  ed25519: SignaturePrimitive,
  credential: Credential,
  deviceKey: Uint8Array,
): Promise<CertifiedDevice> {
  const device = readDeviceCredential(credential)
  try {
    await ed25519.verify(device.identityKey, toBeSigned(device, deviceKey), device.signature)
  } catch (cause) {
    return fail('IDENTITY_CERTIFICATE', 'the identity has not certified this device', { cause })
  }
  return { identity: didKey(device.identityKey), name: device.name, deviceKey }
}

/**
 * What a credential claims. For leaves of a group these claims were verified when the leaf came in.
 * @throws CoterieError `IDENTITY_MALFORMED` (peer)
 */
export function readDeviceCredential(credential: Credential): DeviceCredential {
  if (!isBasicCredential(credential)) fail('IDENTITY_MALFORMED', 'this is not the credential of a device')
  let device: DeviceCredential
  try {
    device = decode(decodeDeviceCredential, credential.identity)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('IDENTITY_MALFORMED', 'this is not the credential of a device', { cause })
  }
  return device
}

/** @throws CoterieError `ARGUMENT_INVALID` (caller) for a name that is empty or longer than 128 bytes */
export function checkName(name: string): void {
  const length = utf8(name).length
  if (length === 0 || length > MAX_NAME_BYTES) {
    fail('ARGUMENT_INVALID', `a name has 1 to ${MAX_NAME_BYTES} bytes, not ${length}`)
  }
}

function toBeSigned(content: Omit<DeviceCredential, 'signature'>, deviceKey: Uint8Array): Uint8Array {
  return encode((writer) => {
    writer.opaque(LABEL)
    encodeContent(writer, content)
    writer.opaque(deviceKey)
  }, undefined)
}

const encodeContent: Encoder<Omit<DeviceCredential, 'signature'>> = (writer, content) => {
  writer.uint8(VERSION)
  writer.opaque(content.identityKey)
  writer.opaque(utf8(content.name))
}

const encodeDeviceCredential: Encoder<DeviceCredential> = (writer, device) => {
  encodeContent(writer, device)
  writer.opaque(device.signature)
}

const decodeDeviceCredential: Decoder<DeviceCredential> = (reader) => {
  const version = reader.uint8()
  if (version !== VERSION) fail('IDENTITY_MALFORMED', `unknown version ${version} of a device credential`)
  const identityKey = reader.opaque()
  if (identityKey.length !== IDENTITY_KEY_BYTES) fail('IDENTITY_MALFORMED', 'an identity key of the wrong length')
  const nameBytes = reader.opaque()
  if (nameBytes.length === 0 || nameBytes.length > MAX_NAME_BYTES) {
    fail('IDENTITY_MALFORMED', `a name of ${nameBytes.length} bytes`)
  }
  return { identityKey, name: decodeText(nameBytes), signature: reader.opaque() }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return fail('IDENTITY_MALFORMED', 'a name that is not UTF-8')
  }
}

const VERSION = 1
const IDENTITY_KEY_BYTES = 32
const LABEL = /* @__PURE__ */ utf8('coterie device certificate 1')
