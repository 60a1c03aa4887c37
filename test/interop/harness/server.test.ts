// What the RPCs of coterie's server do in a group: what moves a state and what does not, what is kept, what is refused.
import { describe, expect, it } from 'vitest'
import { EMPTY, utf8 } from '../../../src/bytes.ts'
import { decodeMlsMessage, WireFormat } from '../../../src/mls.ts'
import { describe as described, publicContent, Stage } from './server-stage.ts'

describe('a commit', () => {
  it('is pending until it is handled, and a second one takes its place', async () => {
    const stage = new Stage()
    const { alice, bob } = await stage.group('alice', 'bob')
    await stage.commit(alice)
    const second = await stage.commit(alice)
    expect(await stage.agree(alice, bob)).toBe(true)
    await stage.follow([alice, bob], second.commit)
    expect(await stage.agree(alice, bob)).toBe(true)
    await expect(stage.stack.HandlePendingCommit({ stateId: alice })).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
      message: 'this state has no pending commit',
    })
  })

  it('is dropped when another is handled', async () => {
    const stage = new Stage()
    const { alice, bob } = await stage.group('alice', 'bob')
    await stage.commit(alice)
    const { commit } = await stage.commit(bob)
    await stage.stack.HandleCommit({ stateId: alice, commit, proposal: [] })
    await expect(stage.stack.HandlePendingCommit({ stateId: alice })).rejects.toThrow('no pending commit')
    await stage.stack.HandlePendingCommit({ stateId: bob })
    expect(await stage.agree(alice, bob)).toBe(true)
  })

  it.each([
    ['PublicMessage', false, WireFormat.publicMessage],
    ['PrivateMessage', true, WireFormat.privateMessage],
  ])('travels as %s, and so do proposals', async (_, encryptHandshake, wireFormat) => {
    const stage = new Stage(1, encryptHandshake)
    const { alice } = await stage.group('alice', 'bob')
    const { proposal } = await stage.stack.UpdateProposal({ stateId: alice })
    const { commit } = await stage.commit(alice)
    expect([proposal, commit].map((message) => decodeMlsMessage(message).wireFormat)).toEqual([wireFormat, wireFormat])
  })

  it('covers exactly the proposals that it is told to, its own and others’, in order', async () => {
    const stage = new Stage(1, false)
    const { alice, bob } = await stage.group('alice', 'bob', 'carol')
    const fields = { stateId: alice, pskId: utf8('one') }
    await stage.stack.StorePSK({ stateOrTransactionId: alice, pskId: utf8('one'), pskSecret: utf8('secret') })
    const { proposal: left } = await stage.stack.ExternalPSKProposal(fields)
    const { proposal: own } = await stage.stack.ExternalPSKProposal(fields)
    const { proposal: others } = await stage.stack.RemoveProposal({ stateId: bob, removedId: utf8('carol') })
    const { commit } = await stage.commit(alice, { byReference: [others, own] })
    const { content } = publicContent(commit)
    if (!('commit' in content)) throw new Error('not a commit')
    expect(content.commit.proposals.map(({ kind }) => kind)).toEqual(['reference', 'reference'])
    await stage.stack.StorePSK({ stateOrTransactionId: bob, pskId: utf8('one'), pskSecret: utf8('secret') })
    const handle = (proposal: readonly Uint8Array[]) => stage.stack.HandleCommit({ stateId: bob, commit, proposal })
    await expect(handle([others, left])).rejects.toMatchObject({ code: 'COMMIT_PROPOSAL_UNKNOWN' })
    await handle([others, own])
    await stage.stack.HandlePendingCommit({ stateId: alice })
    expect(await stage.agree(alice, bob)).toBe(true)
  })

  it.each([false, true])('has a path where one is required or asked for (asked for: %s)', async (forcePath) => {
    const stage = new Stage(1, false)
    const { alice } = await stage.group('alice')
    const { keyPackage } = await stage.offer('bob')
    const { content } = publicContent(
      (await stage.commit(alice, { byValue: [described('add', { keyPackage })], forcePath })).commit,
    )
    expect('commit' in content && content.commit.path !== undefined).toBe(forcePath)
    const empty = publicContent((await stage.commit(alice)).commit).content
    expect('commit' in empty && empty.commit.path !== undefined).toBe(true)
  })

  it('leaves the tree beside the Welcome when asked to', async () => {
    const stage = new Stage()
    const { alice } = await stage.group('alice')
    const { keyPackage, transactionId } = await stage.offer('bob')
    const byValue = [described('add', { keyPackage })]
    const { welcome, ratchetTree } = await stage.commit(alice, { byValue, externalTree: true })
    await stage.stack.HandlePendingCommit({ stateId: alice })
    // What fails uses up nothing: the second attempt is with the same key package.
    await expect(stage.join(transactionId, welcome)).rejects.toMatchObject({ code: 'JOIN_TREE_MISSING' })
    const { stateId } = await stage.join(transactionId, welcome, ratchetTree)
    expect(await stage.agree(alice, stateId)).toBe(true)
    await expect(stage.join(transactionId, welcome, ratchetTree)).rejects.toThrow(
      `there is no transaction ${transactionId}`,
    )
  })

  it('that removes the member who handles it is refused, and the state stays', async () => {
    const stage = new Stage()
    const { alice, bob } = await stage.group('alice', 'bob')
    const before = await stage.stack.StateAuth({ stateId: bob })
    const { commit } = await stage.commit(alice, { byValue: [described('remove', { removedId: utf8('bob') })] })
    const handled = stage.stack.HandleCommit({ stateId: bob, commit, proposal: [] })
    await expect(handled).rejects.toMatchObject({ code: 'GROUP_REMOVED' })
    expect(await stage.stack.StateAuth({ stateId: bob })).toEqual(before)
  })
})

describe('encrypted proposals', () => {
  it('can be given again after a commit that did not come about', async () => {
    const stage = new Stage()
    const { alice, bob, carol } = await stage.group('alice', 'bob', 'carol')
    const { proposal } = await stage.stack.UpdateProposal({ stateId: carol })
    await stage.commit(alice, { byReference: [proposal] })
    await stage.commit(alice, { byReference: [proposal], forcePath: true })
    const { commit } = await stage.commit(bob, { byReference: [proposal] })
    for (const stateId of [alice, carol]) await stage.stack.HandleCommit({ stateId, commit, proposal: [proposal] })
    await stage.stack.HandlePendingCommit({ stateId: bob })
    expect(await stage.agree(alice, bob, carol)).toBe(true)
  })

  it('are not spent by a commit that fails', async () => {
    const stage = new Stage()
    const { alice, bob } = await stage.group('alice', 'bob')
    const { proposal } = await stage.stack.UpdateProposal({ stateId: bob })
    const twice = [described('remove', { removedId: utf8('bob') })]
    await expect(stage.commit(alice, { byReference: [proposal], byValue: twice })).rejects.toMatchObject({
      code: 'COMMIT_DUPLICATE_TARGET',
    })
    const { commit } = await stage.commit(alice, { byReference: [proposal] })
    await stage.follow([alice, bob], commit, [proposal])
    expect(await stage.agree(alice, bob)).toBe(true)
  })

  it('are forgotten with their epoch', async () => {
    const stage = new Stage()
    const { alice, bob } = await stage.group('alice', 'bob')
    const { proposal } = await stage.stack.UpdateProposal({ stateId: bob })
    const { commit } = await stage.commit(alice)
    await stage.follow([alice, bob], commit)
    await expect(stage.commit(alice, { byReference: [proposal] })).rejects.toMatchObject({ code: 'GROUP_EPOCH_PAST' })
    await expect(stage.commit(bob, { byReference: [proposal] })).rejects.toMatchObject({ code: 'GROUP_EPOCH_PAST' })
  })
})

describe('a description', () => {
  it.each(['update', 'reinit', ''])('of the type “%s” is refused in a commit', async (type) => {
    const stage = new Stage()
    const { alice } = await stage.group('alice')
    await expect(stage.commit(alice, { byValue: [described(type)] })).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
      message: `no proposal of the type ${JSON.stringify(type)} can be described here`,
    })
  })

  it('of someone who is not in the group is refused', async () => {
    const stage = new Stage()
    const { alice } = await stage.group('alice')
    const byValue = [described('remove', { removedId: utf8('nobody') })]
    await expect(stage.commit(alice, { byValue })).rejects.toMatchObject({ code: 'PROPOSAL_TARGET' })
  })
})

describe('messages', () => {
  it('that are protected at the same time have keys of their own', async () => {
    const stage = new Stage()
    const { alice, bob } = await stage.group('alice', 'bob')
    const texts = ['one', 'two', 'three']
    const sent = await Promise.all(
      texts.map((text) =>
        stage.stack.Protect({ stateId: alice, plaintext: utf8(text), authenticatedData: utf8(`about ${text}`) }),
      ),
    )
    const read = await Promise.all(
      sent.map(({ ciphertext }) => stage.stack.Unprotect({ stateId: bob, ciphertext })).reverse(),
    )
    expect(read.map(({ plaintext }) => new TextDecoder().decode(plaintext))).toEqual(texts.toReversed())
    expect(new TextDecoder().decode(read[0]?.authenticatedData)).toBe('about three')
  })

  it('of another kind are not unprotected, and keep their keys', async () => {
    const stage = new Stage()
    const { alice, bob } = await stage.group('alice', 'bob')
    const { commit } = await stage.commit(alice)
    await expect(stage.stack.Unprotect({ stateId: bob, ciphertext: commit })).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
    })
    await stage.follow([alice, bob], commit)
    expect(await stage.agree(alice, bob)).toBe(true)
  })
})

describe('a PSK', () => {
  it('is kept for a state or a transaction, the latest under its name', async () => {
    const stage = new Stage()
    const { alice } = await stage.group('alice')
    const { keyPackage, transactionId } = await stage.offer('bob')
    const pskId = utf8('name')
    for (const secret of ['old', 'new']) {
      await stage.stack.StorePSK({ stateOrTransactionId: alice, pskId, pskSecret: utf8(secret) })
    }
    const byValue = [described('add', { keyPackage }), described('externalPSK', { pskId })]
    const { welcome } = await stage.commit(alice, { byValue })
    await stage.stack.HandlePendingCommit({ stateId: alice })
    await expect(stage.join(transactionId, welcome)).rejects.toMatchObject({ code: 'PSK_UNKNOWN' })
    await stage.stack.StorePSK({ stateOrTransactionId: transactionId, pskId, pskSecret: utf8('old') })
    await expect(stage.join(transactionId, welcome)).rejects.toMatchObject({ code: 'JOIN_WELCOME_DECRYPT' })
    await stage.stack.StorePSK({ stateOrTransactionId: transactionId, pskId, pskSecret: utf8('new') })
    const { stateId } = await stage.join(transactionId, welcome)
    expect(await stage.agree(alice, stateId)).toBe(true)
    // What the transaction knew, the state knows.
    const { commit } = await stage.commit(stateId, { byValue: [described('externalPSK', { pskId })] })
    await stage.follow([stateId, alice], commit)
    await expect(stage.stack.StorePSK({ stateOrTransactionId: 99, pskId, pskSecret: EMPTY })).rejects.toThrow(
      'there is neither a state nor a transaction 99',
    )
  })
})

describe('a state', () => {
  it('is gone once it is freed, others’ are not', async () => {
    const stage = new Stage()
    const { alice, bob } = await stage.group('alice', 'bob')
    await stage.commit(alice)
    await stage.stack.Free({ stateId: alice })
    for (const rpc of ['Free', 'StateAuth', 'UpdateProposal'] as const) {
      await expect(stage.stack[rpc]({ stateId: alice })).rejects.toThrow(`there is no state ${alice}`)
    }
    const { commit } = await stage.commit(bob)
    await stage.follow([bob], commit)
  })

  it('needs a suite that the server has', async () => {
    const stage = new Stage(99)
    await expect(stage.group('alice')).rejects.toMatchObject({ code: 'CRYPTO_UNSUPPORTED_SUITE' })
    await expect(stage.offer('bob')).rejects.toMatchObject({ code: 'CRYPTO_UNSUPPORTED_SUITE' })
  })
})
