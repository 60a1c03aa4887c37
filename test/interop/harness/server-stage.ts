// Clients on one coterie server, for the tests of what its RPCs do: the same calls that a runner would make.
import { EMPTY, utf8 } from '../../../src/bytes.ts'
import { nodeProvider } from '../../../src/crypto-node.ts'
import { decodeMlsMessage, type MlsMessage } from '../../../src/mls.ts'
import type { CommitRequest, CommitResponse, ProposalDescription } from './messages.ts'
import type { MlsClient } from './mls-client.ts'
import { coterieStack } from './server.ts'

/** A client's states by its name. */
export type Cast<Name extends string> = { [N in Name]: number }

export class Stage {
  readonly stack: MlsClient = coterieStack(nodeProvider)
  readonly suite: number
  readonly encryptHandshake: boolean

  constructor(suite = 1, encryptHandshake = true) {
    this.suite = suite
    this.encryptHandshake = encryptHandshake
  }

  /** A group with a founder and others, all in epoch 1, or 0 where there are no others. */
  async group<Name extends string>(founder: Name, ...others: readonly Name[]): Promise<Cast<Name>> {
    const { suite, encryptHandshake } = this
    const request = { groupId: utf8(`of ${founder}`), cipherSuite: suite, encryptHandshake, identity: utf8(founder) }
    const { stateId } = await this.stack.CreateGroup(request)
    const cast = { [founder]: stateId } as Cast<Name>
    if (others.length === 0) return cast
    const offers = []
    for (const name of others) offers.push(await this.offer(name))
    const byValue = offers.map(({ keyPackage }) => describe('add', { keyPackage }))
    const { welcome } = await this.commit(stateId, { byValue })
    await this.stack.HandlePendingCommit({ stateId })
    for (const [i, name] of others.entries()) {
      const offer = offers[i]
      if (offer !== undefined) cast[name] = (await this.join(offer.transactionId, welcome)).stateId
    }
    return cast
  }

  offer(name: string, cipherSuite: number = this.suite): ReturnType<MlsClient['CreateKeyPackage']> {
    return this.stack.CreateKeyPackage({ cipherSuite, identity: utf8(name) })
  }

  join(
    transactionId: number,
    welcome: Uint8Array,
    ratchetTree: Uint8Array = EMPTY,
  ): ReturnType<MlsClient['JoinGroup']> {
    const { encryptHandshake } = this
    return this.stack.JoinGroup({ transactionId, welcome, encryptHandshake, identity: EMPTY, ratchetTree })
  }

  commit(stateId: number, content: Partial<CommitRequest> = {}): Promise<CommitResponse> {
    return this.stack.Commit({ ...NOTHING, ...content, stateId })
  }

  /** Everyone handles a pending commit of the first. */
  async follow(
    [committer, ...others]: readonly [number, ...number[]],
    commit: Uint8Array,
    proposal: readonly Uint8Array[] = [],
  ): Promise<void> {
    await this.stack.HandlePendingCommit({ stateId: committer })
    for (const stateId of others) await this.stack.HandleCommit({ stateId, commit, proposal })
  }

  /** Whether the states are in the same epoch, by their epoch authenticators. */
  async agree(...stateIds: readonly number[]): Promise<boolean> {
    const told = []
    for (const stateId of stateIds) told.push((await this.stack.StateAuth({ stateId })).stateAuthSecret)
    return new Set(told.map((secret) => Buffer.from(secret).toString('hex'))).size === 1
  }

  async groupInfo(stateId: number): Promise<Uint8Array> {
    return (await this.stack.GroupInfo({ stateId, externalTree: false })).groupInfo
  }
}

export const NOTHING: Omit<CommitRequest, 'stateId'> = {
  byReference: [],
  byValue: [],
  forcePath: false,
  externalTree: false,
}

export function describe(type: string, fields: Partial<ProposalDescription> = {}): ProposalDescription {
  const nothing = { keyPackage: EMPTY, removedId: EMPTY, pskId: EMPTY, groupId: EMPTY, extensions: [] }
  return { ...nothing, epochId: '0', cipherSuite: 0, ...fields, proposalType: utf8(type) }
}

/** The content of a PublicMessage. */
export function publicContent(message: Uint8Array): Extract<MlsMessage, { wireFormat: 1 }>['publicMessage']['content'] {
  const decoded = decodeMlsMessage(message)
  if (decoded.wireFormat !== 1) throw new Error(`wire format ${decoded.wireFormat} instead of a PublicMessage`)
  return decoded.publicMessage.content
}
