// Whether the runtime can do what it is about to be asked. Runtimes differ in curves and in key formats: only trying tells.

import { equalBytes, utf8 } from '../../../bytes.ts'
import type { KemPrimitive, KeyPair, SignaturePrimitive } from '../../contract.ts'

/** Encapsulates to a key pair and back. @param prepare - returns the pair to try with */
export async function isWorkingKem(kem: KemPrimitive, prepare: () => Promise<KeyPair>): Promise<boolean> {
  try {
    const recipient = await prepare()
    const { enc, sharedSecret } = await kem.encap(recipient.publicKey)
    const found = await kem.decap(enc, recipient)
    return equalBytes(found.bytes, sharedSecret.bytes)
  } catch {
    return false
  }
}

/** Signs and verifies. @param prepare - returns the pair to try with */
export async function isWorkingSignature(
  signature: SignaturePrimitive,
  prepare: () => Promise<KeyPair>,
): Promise<boolean> {
  try {
    const { publicKey, privateKey } = await prepare()
    const data = utf8('a signature to try')
    await signature.verify(publicKey, data, await signature.sign(privateKey, data))
    return true
  } catch {
    return false
  }
}
