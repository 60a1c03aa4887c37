// A group so large that the Welcome to it does not fit into a frame that travels on a topic.

import { leafOptions } from '../../../src/client/own-identity.ts'
import type { KeyPair } from '../../../src/crypto/contract.ts'
import { nodeProvider } from '../../../src/crypto/providers/node/provider.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import { commit } from '../../../src/group/commit.ts'
import { createGroup } from '../../../src/group/create-group.ts'
import { createKeyPackage, lifetimeOfDays, type OwnKeyPackage } from '../../../src/group/key-packages.ts'
import { certifyDevice } from '../../../src/identity/device-credential.ts'
import { didKey } from '../../../src/identity/did-key.ts'
import type { KeyPackage } from '../../../src/messages/key-package.ts'
import { addProposal } from '../../../src/messages/proposal.ts'
import { DEFAULT_PERMISSIONS, groupProfileExtension } from '../../../src/session/group-profile.ts'
import { encodeCommitNote } from '../../../src/session/requests.ts'
import { sessionPolicy } from '../../../src/session/session-policy.ts'
import { wire } from './holder.ts'

const suite = nodeProvider.suite(1) ?? wire

/** Makes a group of so many strangers, and adds a newcomer. @returns the newcomer's Welcome */
export async function welcomeToLargeGroup(newcomer: KeyPackage, strangers: number): Promise<Uint8Array> {
  const nowMs = Date.now()
  const policy = sessionPolicy(wire)
  const founder = await person('founder')
  const state = await createGroup(suite, {
    ...leafOptions(founder.device, founder.credential),
    lifetime: lifetimeOfDays(nowMs, 30),
    groupExtensions: [
      groupProfileExtension({
        name: 'Everybody',
        description: '',
        admins: [founder.identity],
        permissions: DEFAULT_PERMISSIONS,
        rendezvousSecret: new Secret(new Uint8Array(32).fill(6)),
        invites: [],
      }),
    ],
    limits: { pastEpochs: 0 },
    policy,
  })
  const others = await Promise.all(Array.from({ length: strangers }, (_, i) => stranger(`stranger ${i}`, nowMs)))
  const proposals = others.map(({ keyPackage }) => addProposal(keyPackage))
  const common = { nowMs, policy, wireFormat: 'public' } as const
  const { state: full } = await commit(state, { ...common, proposals, authenticatedData: noteOf(1n) })
  const proposal = addProposal(newcomer)
  const { welcome } = await commit(full, { ...common, proposals: [proposal], authenticatedData: noteOf(2n) })
  if (welcome === undefined) throw new Error('a commit that adds somebody makes a Welcome')
  return welcome
}

function noteOf(statement: bigint): Uint8Array {
  return encodeCommitNote({ statement, leaves: [] })
}

async function stranger(name: string, nowMs: number): Promise<OwnKeyPackage> {
  const { device, credential } = await person(name)
  return createKeyPackage(suite, { ...leafOptions(device, credential), lifetime: lifetimeOfDays(nowMs, 30) })
}

async function person(
  name: string,
): Promise<{ device: KeyPair; identity: string; credential: Awaited<ReturnType<typeof certifyDevice>> }> {
  const identity = await wire.signature.generateKeyPair()
  const device = await suite.signature.generateKeyPair()
  const credential = await certifyDevice(wire.signature, identity, name, device.publicKey)
  return { device, identity: didKey(identity.publicKey), credential }
}
