// How a session judges what arrives: certified devices only, and commits that the group's profile permits.

import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import type { CredentialCheck, GroupPolicy } from '../group/policy.ts'
import { verifyDevice } from '../identity/device-credential.ts'
import { authorise } from './authorise.ts'
import { identityOf } from './group-profile.ts'
import { generationOf } from './requests.ts'

/** The policy of every group that a client runs. */
export function sessionPolicy(wire: CipherSuite): GroupPolicy {
  return {
    validateCredentials: async (checks) => {
      await Promise.all(checks.map((check) => validate(wire, check)))
    },
    checkProposals: (proposals, context) => authorise(wire, proposals, context),
    sameClient: (a, b) => identityOf(a) === identityOf(b),
    // Members may be away for longer than their key packages last; what they joined with still stands.
    checkLifetimesInTree: false,
    checkLifetimesWhenReceived: false,
  }
}

async function validate(wire: CipherSuite, check: CredentialCheck): Promise<void> {
  const { identity } = await verifyDevice(wire.signature, check.credential, check.signatureKey)
  if (check.predecessor !== undefined && identityOf(check.predecessor) !== identity) {
    fail('IDENTITY_CHANGED', "a device's leaf now claims another identity")
  }
  const { leafNode, predecessor } = check
  // Else a request to be added again could serve a second time.
  if (leafNode !== undefined && predecessor !== undefined && generationOf(leafNode) < generationOf(predecessor)) {
    fail('GROUP_NOT_PERMITTED', 'a leaf that goes back behind its own generation')
  }
}
