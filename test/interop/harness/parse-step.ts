// Reads the steps of a script: the fields of every action and of every proposal description.
import type { Action, CommitContent, ProposalSpec, ReInitChanges, ReInitSource, Step, StepOf } from './script.ts'
import { type Fields, ScriptError } from './script-fields.ts'

/** Reads one step. */
export function parseStep(fields: Fields): Step {
  const action = fields.text('action')
  if (!isAction(action)) throw new ScriptError(fields.where, `does not know the action ${action}`)
  const step = STEPS[action](fields)
  fields.end()
  return step
}

function isAction(name: string): name is Action {
  return Object.hasOwn(STEPS, name)
}

const STEPS: { readonly [A in Action]: (fields: Fields) => StepOf<A> } = {
  createGroup: (f) => ({ action: 'createGroup', actor: f.name('actor'), members: f.names('members') }),
  createKeyPackage: (f) => ({ action: 'createKeyPackage', actor: f.name('actor') }),
  joinGroup: (f) => ({ action: 'joinGroup', actor: f.name('actor'), welcome: f.reference('welcome', 'welcome') }),
  externalJoin: (f) => ({
    action: 'externalJoin',
    actor: f.name('actor'),
    joiner: f.name('joiner'),
    members: f.names('members'),
    externalTree: f.flag('externalTree'),
    removePrior: f.flag('removePrior'),
    psks: f.references('psks', 'psk'),
  }),
  installExternalPSK: (f) => ({ action: 'installExternalPSK', clients: f.names('clients') }),
  groupInfo: (f) => ({ action: 'groupInfo', actor: f.name('actor'), externalTree: f.flag('externalTree') }),
  addProposal: (f) => ({
    action: 'addProposal',
    actor: f.name('actor'),
    keyPackage: f.reference('keyPackage', 'keyPackage'),
  }),
  updateProposal: (f) => ({ action: 'updateProposal', actor: f.name('actor') }),
  removeProposal: (f) => ({ action: 'removeProposal', actor: f.name('actor'), removed: f.name('removed') }),
  externalPSKProposal: (f) => ({
    action: 'externalPSKProposal',
    actor: f.name('actor'),
    psk: f.reference('pskID', 'psk'),
  }),
  resumptionPSKProposal: (f) => ({
    action: 'resumptionPSKProposal',
    actor: f.name('actor'),
    epoch: f.uint64('epochID'),
  }),
  groupContextExtensionsProposal: (f) => ({
    action: 'groupContextExtensionsProposal',
    actor: f.name('actor'),
    extensions: f.extensions('extensions'),
  }),
  newMemberAddProposal: (f) => ({
    action: 'newMemberAddProposal',
    actor: f.name('actor'),
    joiner: f.name('joiner'),
  }),
  addExternalSigner: (f) => ({ action: 'addExternalSigner', actor: f.name('actor'), signer: f.name('signer') }),
  externalSignerProposal: (f) => ({
    action: 'externalSignerProposal',
    actor: f.name('actor'),
    member: f.name('member'),
    description: parseProposal(f.object('description')),
  }),
  fullCommit: (f) => ({
    action: 'fullCommit',
    actor: f.name('actor'),
    members: f.names('members'),
    joiners: f.names('joiners'),
    ...parseCommit(f),
  }),
  commit: (f) => ({ action: 'commit', actor: f.name('actor'), ...parseCommit(f) }),
  handlePendingCommit: (f) => ({ action: 'handlePendingCommit', actor: f.name('actor') }),
  handleCommit: (f) => ({
    action: 'handleCommit',
    actor: f.name('actor'),
    commit: f.reference('commit', 'commit'),
    byReference: f.references('byReference', 'proposal'),
  }),
  protect: (f) => ({
    action: 'protect',
    actor: f.name('actor'),
    authenticatedData: f.text('authenticatedData'),
    plaintext: f.text('plaintext'),
  }),
  unprotect: (f) => ({
    action: 'unprotect',
    actor: f.name('actor'),
    ciphertext: f.reference('ciphertext', 'ciphertext'),
  }),
  reinit: (f) => ({
    action: 'reinit',
    source: parseReInitSource(f),
    committer: f.name('committer'),
    welcomer: f.name('welcomer'),
    members: f.names('members'),
    forcePath: f.flag('forcePath'),
    externalTree: f.flag('externalTree'),
  }),
  branch: (f) => ({
    action: 'branch',
    actor: f.name('actor'),
    members: f.names('members'),
    extensions: f.extensions('extensions'),
    forcePath: f.flag('forcePath'),
    externalTree: f.flag('externalTree'),
  }),
}

function parseCommit(fields: Fields): CommitContent {
  const byValue = fields.objects('byValue').map((value) => {
    const proposal = parseProposal(value)
    if (proposal.type === 'reinit') throw new ScriptError(value.where, 'a ReInit is committed by the action reinit')
    return proposal
  })
  return {
    byReference: fields.references('byReference', 'proposal'),
    byValue,
    forcePath: fields.flag('forcePath'),
    externalTree: fields.flag('externalTree'),
  }
}

function parseProposal(fields: Fields): ProposalSpec {
  const type = fields.text('proposalType')
  const parse = Object.hasOwn(PROPOSALS, type) ? PROPOSALS[type] : undefined
  if (parse === undefined) throw new ScriptError(fields.where, `does not know the proposal type ${type}`)
  const proposal = parse(fields)
  fields.end()
  return proposal
}

const PROPOSALS: Readonly<Record<string, (fields: Fields) => ProposalSpec>> = {
  add: (f) => ({ type: 'add', keyPackage: f.reference('keyPackage', 'keyPackage') }),
  remove: (f) => ({ type: 'remove', removed: f.name('removed') }),
  externalPSK: (f) => ({ type: 'externalPSK', psk: f.reference('pskID', 'psk') }),
  resumptionPSK: (f) => ({ type: 'resumptionPSK', epoch: f.uint64('epochID') }),
  groupContextExtensions: (f) => ({ type: 'groupContextExtensions', extensions: f.extensions('extensions') }),
  reinit: (f) => ({ type: 'reinit', ...parseReInitChanges(f) }),
}

function parseReInitSource(fields: Fields): ReInitSource {
  if (fields.has('proposer')) return { proposer: fields.name('proposer'), ...parseReInitChanges(fields) }
  return { externalProposal: fields.reference('externalReinitProposal', 'reinitProposal') }
}

function parseReInitChanges(fields: Fields): ReInitChanges {
  return {
    changeGroupId: fields.flag('changeGroupID'),
    changeCipherSuite: fields.flag('changeCipherSuite'),
    extensions: fields.extensions('extensions'),
  }
}
