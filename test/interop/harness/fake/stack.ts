// A toy stack behind the interop interface: what the runner is tested against, without any MLS.
import type { MlsClient } from '../mls-client.ts'
import {
  applyCommit,
  authenticatorOf,
  externalSenders,
  fail,
  joinByWelcome,
  propose,
  secretOf,
  withExternalSender,
} from './group.ts'
import { nonce, Vault } from './vault.ts'
import { decode, digest, encode, hex, type ToyProposal, text, toyExtensions, toyProposal, toyTarget } from './wire.ts'

/** A stack that works on `vault`. */
export function fakeStack(name: string, suites: readonly number[], vault: Vault = new Vault()): MlsClient {
  return {
    Name: async () => ({ name }),
    SupportedCiphersuites: async () => ({ ciphersuites: suites }),
    Free: async ({ stateId }) => {
      vault.states.take(stateId)
      return {}
    },
    CreateGroup: async ({ groupId, cipherSuite, identity }) => {
      const context = { groupId: hex(groupId), suite: cipherSuite, extensions: [], epoch: 0 }
      const secrets = new Map([[0, nonce()]])
      return vault.hold({ identity: text(identity), context, members: [text(identity)], secrets })
    },
    CreateKeyPackage: async ({ cipherSuite, identity }) => {
      const { transactionId, keyPackage } = vault.offer(cipherSuite, text(identity))
      return { transactionId, keyPackage: encode(keyPackage), ...NO_PRIVATE_KEYS }
    },
    JoinGroup: async ({ transactionId, welcome: bytes, identity, ratchetTree }) => {
      const { keyPackage, psks } = vault.transactions.take(transactionId)
      const welcome = decode(bytes, 'welcome')
      if (!welcome.keyPackages.includes(digest(keyPackage))) fail('a Welcome for others')
      if (keyPackage.identity !== text(identity)) fail('the key package of another identity')
      return vault.hold(joinByWelcome(keyPackage.identity, welcome, ratchetTree, psks), psks)
    },
    ExternalJoin: async ({ groupInfo, ratchetTree, identity: identityBytes, removePrior, psks: given }) => {
      const { context, members: inline, secret } = decode(groupInfo, 'groupInfo')
      if ((inline === null) === (ratchetTree.length === 0)) fail('the tree must come in the GroupInfo or beside it')
      const members = inline ?? decode(ratchetTree, 'tree').members
      const identity = text(identityBytes)
      const psks = new Map(given.map(({ pskId, pskSecret }) => [hex(pskId), hex(pskSecret)]))
      const pskProposals = [...psks.keys()].map((id): ToyProposal => ({ type: 'psk', id }))
      const bytes = encode({
        kind: 'commit',
        groupId: context.groupId,
        epoch: context.epoch,
        from: identity,
        external: true,
        references: [],
        values: [...(removePrior ? [{ type: 'remove', identity } as const] : []), ...pskProposals],
        nonce: nonce(),
      })
      const before = { identity, context, members, secrets: new Map([[context.epoch, secret]]) }
      const { state } = applyCommit(before, bytes, [], psks)
      return { ...vault.hold(state, psks), commit: bytes }
    },
    StateAuth: async ({ stateId }) => ({ stateAuthSecret: authenticatorOf(vault.states.get(stateId).state) }),
    Export: async ({ stateId, label, context, keyLength }) => {
      const secret = digest('exporter', secretOf(vault.states.get(stateId).state), label, hex(context))
      return { exportedSecret: Buffer.from(secret, 'hex').subarray(0, keyLength) }
    },
    GroupInfo: async ({ stateId, externalTree }) => {
      const { state } = vault.states.get(stateId)
      const { context, members } = state
      const secret = secretOf(state)
      return {
        groupInfo: encode({ kind: 'groupInfo', context, secret, members: externalTree ? null : members }),
        ratchetTree: externalTree ? encode({ kind: 'tree', members }) : EMPTY,
      }
    },
    Protect: async ({ stateId, authenticatedData, plaintext }) => {
      const { state } = vault.states.get(stateId)
      const { groupId, epoch } = state.context
      const content = {
        groupId,
        epoch,
        nonce: nonce(),
        authenticatedData: hex(authenticatedData),
        plaintext: hex(plaintext),
      }
      return { ciphertext: encode({ kind: 'application', ...content, tag: digest(secretOf(state), content) }) }
    },
    Unprotect: async ({ stateId, ciphertext }) => {
      const { state, read } = vault.states.get(stateId)
      const { kind: _, tag, ...content } = decode(ciphertext, 'application')
      if (content.groupId !== state.context.groupId) fail('a message of another group')
      if (digest(state.secrets.get(content.epoch), content) !== tag) fail('not decryptable')
      if (read.has(tag)) fail('a replay')
      read.add(tag)
      return {
        authenticatedData: Buffer.from(content.authenticatedData, 'hex'),
        plaintext: Buffer.from(content.plaintext, 'hex'),
      }
    },
    StorePSK: async ({ stateOrTransactionId: id, pskId, pskSecret }) => {
      const { psks } = vault.states.find(id) ?? vault.transactions.get(id)
      psks.set(hex(pskId), hex(pskSecret))
      return {}
    },
    AddProposal: async ({ stateId, keyPackage: bytes }) => {
      const keyPackage = decode(bytes, 'keyPackage')
      return { proposal: propose(vault.states.get(stateId).state, { type: 'add', keyPackage }) }
    },
    UpdateProposal: async ({ stateId }) => ({
      proposal: propose(vault.states.get(stateId).state, { type: 'update', nonce: nonce() }),
    }),
    RemoveProposal: async ({ stateId, removedId }) => ({
      proposal: propose(vault.states.get(stateId).state, { type: 'remove', identity: text(removedId) }),
    }),
    ExternalPSKProposal: async ({ stateId, pskId }) => ({
      proposal: propose(vault.states.get(stateId).state, { type: 'psk', id: hex(pskId) }),
    }),
    ResumptionPSKProposal: async ({ stateId, epochId }) => ({
      proposal: propose(vault.states.get(stateId).state, { type: 'resumption', epoch: Number(epochId) }),
    }),
    GroupContextExtensionsProposal: async ({ stateId, extensions }) => ({
      proposal: propose(vault.states.get(stateId).state, { type: 'extensions', extensions: toyExtensions(extensions) }),
    }),
    ReInitProposal: async ({ stateId, ...target }) => ({
      proposal: propose(vault.states.get(stateId).state, { type: 'reinit', ...toyTarget(target) }),
    }),
    NewMemberAddProposal: async ({ groupInfo, identity }) => {
      const { context } = decode(groupInfo, 'groupInfo')
      const { transactionId, keyPackage } = vault.offer(context.suite, text(identity))
      const { groupId, epoch } = context
      const from = { newMember: text(identity) }
      const proposal = encode({ kind: 'proposal', groupId, epoch, from, proposal: { type: 'add', keyPackage } })
      return { transactionId, proposal, ...NO_PRIVATE_KEYS }
    },
    CreateExternalSigner: async () => {
      const sender = nonce()
      return { signerId: vault.signers.put(sender), externalSender: Buffer.from(sender, 'hex') }
    },
    AddExternalSigner: async ({ stateId, externalSender }) => {
      const { state } = vault.states.get(stateId)
      return { proposal: propose(state, withExternalSender(state.context, hex(externalSender))) }
    },
    ExternalSignerProposal: async ({ signerId, signerIndex, groupInfo, description }) => {
      const { context } = decode(groupInfo, 'groupInfo')
      if (externalSenders(context)[signerIndex] !== vault.signers.get(signerId)) fail('another signer has this index')
      const proposal = toyProposal(description ?? fail('no description'))
      const { groupId, epoch } = context
      return { proposal: encode({ kind: 'proposal', groupId, epoch, from: { external: signerIndex }, proposal }) }
    },
    Commit: async (request) => vault.commit(request),
    HandlePendingCommit: async ({ stateId }) => vault.advance(stateId, vault.takePending(stateId)),
    HandleCommit: async (request) => vault.advance(request.stateId, vault.handle(request)),
    ReInitCommit: async (request) => vault.commit(request),
    HandlePendingReInitCommit: async ({ stateId }) => vault.end(stateId, vault.takePending(stateId)),
    HandleReInitCommit: async (request) => vault.end(request.stateId, vault.handle(request)),
    ReInitWelcome: async ({ reinitId, keyPackage, externalTree }) => {
      const { old, target } = vault.ended.take(reinitId)
      return vault.found({ old, target, keyPackages: keyPackage, externalTree })
    },
    HandleReInitWelcome: async ({ reinitId, welcome: bytes, ratchetTree }) => {
      const { old, target, keyPackage } = vault.ended.take(reinitId)
      const welcome = decode(bytes, 'welcome')
      if (!welcome.keyPackages.includes(digest(keyPackage))) fail('a Welcome for others')
      const { epoch, ...parameters } = welcome.context
      const { groupId, suite, extensions } = target
      if (digest(parameters) !== digest({ groupId, suite, extensions }) || epoch !== 1)
        fail('not the group of the ReInit')
      const state = joinByWelcome(old.identity, welcome, ratchetTree, new Map(), old.secrets)
      if (digest([...state.members].sort()) !== digest([...old.members].sort()))
        fail('not the members of the old group')
      return vault.hold(state)
    },
    CreateBranch: async ({ stateId, groupId, extensions, keyPackages, externalTree }) => {
      const { state } = vault.states.get(stateId)
      const target = toyTarget({ groupId, extensions, cipherSuite: state.context.suite })
      return vault.found({ old: state, target, keyPackages, externalTree })
    },
    HandleBranch: async ({ stateId, transactionId, welcome: bytes, ratchetTree }) => {
      const { state: old } = vault.states.get(stateId)
      const { keyPackage } = vault.transactions.take(transactionId)
      const welcome = decode(bytes, 'welcome')
      if (!welcome.keyPackages.includes(digest(keyPackage))) fail('a Welcome for others')
      const state = joinByWelcome(old.identity, welcome, ratchetTree, new Map(), old.secrets)
      if (!state.members.every((member) => old.members.includes(member))) fail('not members of the old group')
      return vault.hold(state)
    },
  }
}

const EMPTY = new Uint8Array(0)
const NO_PRIVATE_KEYS = { initPriv: EMPTY, encryptionPriv: EMPTY, signaturePriv: EMPTY } as const
