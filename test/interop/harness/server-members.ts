// The RPCs by which clients come into groups and use them (RFC 9420 §8.5, §8.7, §11, §12.4.3, §15).
import { EMPTY } from '../../../src/bytes.ts'
import { fail } from '../../../src/errors.ts'
import {
  basicCredential,
  createGroup,
  createGroupInfo,
  createKeyPackage,
  type ExternalPsk,
  encryptMessage,
  epochAuthenticator,
  exportRatchetTree,
  exportSecret,
  joinGroup,
  processMessage,
} from '../../../src/mls.ts'
import type { PreSharedKey } from './messages.ts'
import type { MlsClient } from './mls-client.ts'
import {
  enter,
  externalPsk,
  forget,
  judgement,
  LIMITS,
  newLeaf,
  privateKeysOf,
  type ServerContext,
  suiteOf,
  treeBeside,
} from './server-clients.ts'

type MemberRpcs = Pick<
  MlsClient,
  | 'CreateGroup'
  | 'CreateKeyPackage'
  | 'JoinGroup'
  | 'Free'
  | 'StateAuth'
  | 'Export'
  | 'GroupInfo'
  | 'Protect'
  | 'Unprotect'
  | 'StorePSK'
>

/** The RPCs of a group's members, but for proposals and commits. */
export function memberRpcs(context: ServerContext): MemberRpcs {
  const { states, transactions } = context.registry
  return {
    CreateGroup: async ({ groupId, cipherSuite, encryptHandshake, identity }) => {
      const suite = suiteOf(context, cipherSuite)
      const leaf = await newLeaf(context, suite, basicCredential(identity))
      const group = await createGroup(suite, { ...leaf, groupId, limits: LIMITS })
      return { stateId: enter(context, { group, encryptHandshake, psks: [] }).stateId }
    },
    CreateKeyPackage: async ({ cipherSuite, identity }) => {
      const suite = suiteOf(context, cipherSuite)
      const keyPackage = await createKeyPackage(suite, await newLeaf(context, suite, basicCredential(identity)))
      const transactionId = transactions.put({ suite, keyPackage, psks: [] })
      return { transactionId, keyPackage: keyPackage.message, ...privateKeysOf(keyPackage) }
    },
    JoinGroup: ({ transactionId, welcome, encryptHandshake, ratchetTree }) =>
      transactions.change(transactionId, async ({ suite, keyPackage, psks }) => {
        const options = { ...judgement(psks), ...treeBeside(ratchetTree), limits: LIMITS }
        const group = await joinGroup(suite, welcome, [keyPackage], options)
        keyPackage.secrets.initKeyPair.privateKey.wipe()
        return [undefined, enter(context, { group, encryptHandshake, psks })]
      }),
    Free: ({ stateId }) =>
      states.change(stateId, async (member) => {
        forget(member, [])
        return [undefined, {}]
      }),
    StateAuth: ({ stateId }) => states.use(stateId, ({ group }) => ({ stateAuthSecret: epochAuthenticator(group) })),
    Export: ({ stateId, label, context: exportContext, keyLength }) =>
      states.use(stateId, ({ group }) => ({
        exportedSecret: exportSecret(group, label, exportContext, keyLength).bytes,
      })),
    GroupInfo: ({ stateId, externalTree }) =>
      states.use(stateId, async ({ group }) => ({
        groupInfo: await createGroupInfo(group, { ratchetTree: !externalTree, externalPub: true }),
        ratchetTree: externalTree ? exportRatchetTree(group) : EMPTY,
      })),
    Protect: ({ stateId, authenticatedData, plaintext }) =>
      states.change(stateId, async (member) => {
        const { state, message } = await encryptMessage(member.group, plaintext, { authenticatedData })
        return [{ ...member, group: state }, { ciphertext: message }]
      }),
    Unprotect: ({ stateId, ciphertext }) =>
      states.change(stateId, async (member) => {
        const received = await processMessage(member.group, ciphertext, judgement(member.psks))
        if (received.kind !== 'application') {
          return fail('ARGUMENT_INVALID', `a message that should be application data: ${received.kind}`)
        }
        const { state, authenticatedData, data } = received
        return [
          { ...member, group: state },
          { authenticatedData, plaintext: data },
        ]
      }),
    StorePSK: async ({ stateOrTransactionId: id, ...psk }) => {
      if (states.has(id)) return states.change(id, async (member) => [withPsk(member, psk), {}])
      if (transactions.has(id)) return transactions.change(id, async (transaction) => [withPsk(transaction, psk), {}])
      return fail('ARGUMENT_INVALID', `there is neither a state nor a transaction ${id}`)
    },
  }
}

/** Of several keys under one name the latest counts. */
function withPsk<T extends { readonly psks: readonly ExternalPsk[] }>(holder: T, psk: PreSharedKey): T {
  return { ...holder, psks: [externalPsk(psk), ...holder.psks] }
}
