// What the toy stack of the runner's own tests sends: readable JSON where MLS has its messages. Nothing is secret here.
import { createHash } from 'node:crypto'
import type { Extension, ProposalDescription } from '../messages.ts'

export interface ToyExtension {
  readonly type: number
  readonly data: string
}

export type ToyProposal =
  | { readonly type: 'add'; readonly keyPackage: ToyKeyPackage }
  | { readonly type: 'update'; readonly nonce: string }
  | { readonly type: 'remove'; readonly identity: string }
  | { readonly type: 'psk'; readonly id: string }
  | { readonly type: 'resumption'; readonly epoch: number }
  | { readonly type: 'extensions'; readonly extensions: readonly ToyExtension[] }
  | ({ readonly type: 'reinit' } & ToyTarget)

/** The parameters of the group that a ReInit leads to. */
export interface ToyTarget {
  readonly groupId: string
  readonly suite: number
  readonly extensions: readonly ToyExtension[]
}

export interface ToyKeyPackage {
  readonly kind: 'keyPackage'
  readonly suite: number
  readonly identity: string
  readonly key: string
}

/** A proposal sent on its own. `from` is a member, a new member, or the position of an external sender. */
export interface ToyProposalMessage {
  readonly kind: 'proposal'
  readonly groupId: string
  readonly epoch: number
  readonly from: { readonly member: string } | { readonly newMember: string } | { readonly external: number }
  readonly proposal: ToyProposal
}

export interface ToyCommit {
  readonly kind: 'commit'
  readonly groupId: string
  readonly epoch: number
  readonly from: string
  /** True when `from` comes into the group by this commit. */
  readonly external: boolean
  /** Digests of proposal messages. */
  readonly references: readonly string[]
  readonly values: readonly ToyProposal[]
  readonly nonce: string
}

export interface ToyGroupContext extends ToyTarget {
  readonly epoch: number
}

export interface ToyWelcome {
  readonly kind: 'welcome'
  readonly context: ToyGroupContext
  readonly members: readonly string[] | null
  readonly joinerSecret: string
  readonly psks: readonly ToyProposal[]
  readonly keyPackages: readonly string[]
}

interface ToyGroupInfo {
  readonly kind: 'groupInfo'
  readonly context: ToyGroupContext
  readonly members: readonly string[] | null
  readonly secret: string
}

interface ToyTree {
  readonly kind: 'tree'
  readonly members: readonly string[]
}

interface ToyApplication {
  readonly kind: 'application'
  readonly groupId: string
  readonly epoch: number
  readonly nonce: string
  readonly authenticatedData: string
  readonly plaintext: string
  readonly tag: string
}

type Wire = ToyKeyPackage | ToyProposalMessage | ToyCommit | ToyWelcome | ToyGroupInfo | ToyTree | ToyApplication

export function encode(message: Wire): Uint8Array {
  return Buffer.from(JSON.stringify(message))
}

export function decode<K extends Wire['kind']>(bytes: Uint8Array, kind: K): Extract<Wire, { kind: K }> {
  const message = JSON.parse(Buffer.from(bytes).toString()) as Extract<Wire, { kind: K }>
  if (message.kind !== kind) throw new Error(`expected a ${kind}, got a ${message.kind}`)
  return message
}

/** One digest over all parts, each with its boundary. */
export function digest(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}

export function toyExtensions(extensions: readonly Extension[]): readonly ToyExtension[] {
  return extensions.map(({ extensionType, extensionData }) => ({ type: extensionType, data: hex(extensionData) }))
}

export function toyProposal(description: ProposalDescription): ToyProposal {
  const type = text(description.proposalType)
  switch (type) {
    case 'add':
      return { type: 'add', keyPackage: decode(description.keyPackage, 'keyPackage') }
    case 'remove':
      return { type: 'remove', identity: text(description.removedId) }
    case 'externalPSK':
      return { type: 'psk', id: hex(description.pskId) }
    case 'resumptionPSK':
      return { type: 'resumption', epoch: Number(description.epochId) }
    case 'groupContextExtensions':
      return { type: 'extensions', extensions: toyExtensions(description.extensions) }
    case 'reinit':
      return { type: 'reinit', ...toyTarget(description) }
    default:
      throw new Error(`no proposal type ${type}`)
  }
}

export function toyTarget(fields: Pick<ProposalDescription, 'groupId' | 'cipherSuite' | 'extensions'>): ToyTarget {
  const { groupId, cipherSuite, extensions } = fields
  return { groupId: hex(groupId), suite: cipherSuite, extensions: toyExtensions(extensions) }
}
