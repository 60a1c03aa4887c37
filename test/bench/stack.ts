// What the benchmark needs of an MLS stack (RFC 9420): members that exchange encoded messages, as in the interop tests.
import type { MemberOptions, PeerMember } from '../interop/peers/peer.ts'

/** The cipher suite that everything is measured with (RFC 9420 §17.1): the one that all stacks must have. */
export const BENCH_SUITE = 1

/** A stack under measurement. */
export interface BenchStack {
  readonly name: string
  /** Whether it is this library, to be compared with the others. */
  readonly isOurs: boolean
  newMember(options: BenchOptions): Promise<BenchMember>
}

export interface BenchOptions extends Pick<MemberOptions, 'identity' | 'groupId'> {
  /** Whether Welcomes carry the ratchet tree. Without it, they do where the stack cannot leave it out. */
  readonly treeInWelcome: boolean
}

/** A member, whose handshakes travel as PublicMessage (RFC 9420 §6.2), the only form that all stacks have. */
export interface BenchMember
  extends Pick<
    PeerMember,
    | 'keyPackage'
    | 'createGroup'
    | 'joinWelcome'
    | 'commitAdd'
    | 'commitUpdate'
    | 'processCommit'
    | 'encrypt'
    | 'decrypt'
    | 'close'
  > {
  /** How many bytes have to be stored since this was last asked; absent where a stack does not show its state. */
  written?(): number
}
