// The interop interface's service as a TypeScript contract: one promise-returning method per RPC, whoever answers it
// (a stack behind gRPC, or one in this process).
import type * as m from './messages.ts'

/** Request and response of every RPC, by its name in mls_client.proto. */
interface Rpcs {
  Name: { request: m.Empty; response: m.NameResponse }
  SupportedCiphersuites: { request: m.Empty; response: m.SupportedCiphersuitesResponse }
  Free: { request: m.StateRequest; response: m.Empty }
  CreateGroup: { request: m.CreateGroupRequest; response: m.CreateGroupResponse }
  CreateKeyPackage: { request: m.CreateKeyPackageRequest; response: m.CreateKeyPackageResponse }
  JoinGroup: { request: m.JoinGroupRequest; response: m.StateResponse }
  ExternalJoin: { request: m.ExternalJoinRequest; response: m.ExternalJoinResponse }
  StateAuth: { request: m.StateRequest; response: m.StateAuthResponse }
  Export: { request: m.ExportRequest; response: m.ExportResponse }
  GroupInfo: { request: m.GroupInfoRequest; response: m.GroupInfoResponse }
  Protect: { request: m.ProtectRequest; response: m.ProtectResponse }
  Unprotect: { request: m.UnprotectRequest; response: m.UnprotectResponse }
  StorePSK: { request: m.StorePSKRequest; response: m.Empty }
  AddProposal: { request: m.AddProposalRequest; response: m.ProposalResponse }
  UpdateProposal: { request: m.StateRequest; response: m.ProposalResponse }
  RemoveProposal: { request: m.RemoveProposalRequest; response: m.ProposalResponse }
  ExternalPSKProposal: { request: m.ExternalPSKProposalRequest; response: m.ProposalResponse }
  ResumptionPSKProposal: { request: m.ResumptionPSKProposalRequest; response: m.ProposalResponse }
  GroupContextExtensionsProposal: { request: m.GroupContextExtensionsProposalRequest; response: m.ProposalResponse }
  ReInitProposal: { request: m.ReInitProposalRequest; response: m.ProposalResponse }
  NewMemberAddProposal: { request: m.NewMemberAddProposalRequest; response: m.NewMemberAddProposalResponse }
  CreateExternalSigner: { request: m.CreateExternalSignerRequest; response: m.CreateExternalSignerResponse }
  AddExternalSigner: { request: m.AddExternalSignerRequest; response: m.ProposalResponse }
  ExternalSignerProposal: { request: m.ExternalSignerProposalRequest; response: m.ProposalResponse }
  Commit: { request: m.CommitRequest; response: m.CommitResponse }
  HandlePendingCommit: { request: m.StateRequest; response: m.StateResponse }
  HandleCommit: { request: m.HandleCommitRequest; response: m.StateResponse }
  ReInitCommit: { request: m.CommitRequest; response: m.CommitResponse }
  HandlePendingReInitCommit: { request: m.StateRequest; response: m.HandleReInitCommitResponse }
  HandleReInitCommit: { request: m.HandleCommitRequest; response: m.HandleReInitCommitResponse }
  ReInitWelcome: { request: m.ReInitWelcomeRequest; response: m.CreateSubgroupResponse }
  HandleReInitWelcome: { request: m.HandleReInitWelcomeRequest; response: m.StateResponse }
  CreateBranch: { request: m.CreateBranchRequest; response: m.CreateSubgroupResponse }
  HandleBranch: { request: m.HandleBranchRequest; response: m.StateResponse }
}

export type RpcName = keyof Rpcs
export type RequestOf<N extends RpcName> = Rpcs[N]['request']
export type ResponseOf<N extends RpcName> = Rpcs[N]['response']

/** Asks a stack, wherever it runs. */
export type Call = <N extends RpcName>(name: N, request: RequestOf<N>) => Promise<ResponseOf<N>>

/** A stack: a method per RPC, named as the RPC is. A method that fails rejects and has changed nothing. */
export type MlsClient = { readonly [N in RpcName]: (request: RequestOf<N>) => Promise<ResponseOf<N>> }
