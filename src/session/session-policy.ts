// How a session judges what arrives: certified devices only, and commits that the group's profile permits.

import type { SignaturePrimitive } from '../crypto/contract.ts'
import { fail } from '../errors.ts'
import type { CredentialCheck, GroupPolicy } from '../group/policy.ts'
import { verifyDevice } from '../identity/device-credential.ts'
import { authorise, identityOf } from './group-profile.ts'

/** The policy of every group that a client runs. */
export function sessionPolicy(ed25519: SignaturePrimitive): GroupPolicy {
  return {
    validateCredentials: async (checks) => {
      await Promise.all(checks.map((check) => validate(ed25519, check)))
    },
    checkProposals: authorise,
    sameClient: (a, b) => identityOf(a) === identityOf(b),
    // Members may be away for longer than their key packages last; what they joined with still stands.
    checkLifetimesInTree: false,
    checkLifetimesWhenReceived: false,
  }
}

async function validate(ed25519: SignaturePrimitive, check: CredentialCheck): Promise<void> {
  const { identity } = await verifyDevice(ed25519, check.credential, check.signatureKey)
  if (check.predecessor !== undefined && identityOf(check.predecessor) !== identity) {
    fail('IDENTITY_CHANGED', "a device's leaf now claims another identity")
  }
}
