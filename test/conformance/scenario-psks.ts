// Where the PSKs of a passive client come from: its file, and the states that other scenarios have led to (RFC 9420 §8.4, §8.6).
import { EMPTY, toHex } from '../../src/bytes.ts'
import { encode, Writer } from '../../src/codec/writer.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { fail } from '../../src/errors.ts'
import { encodePreSharedKeyId } from '../../src/messages/pre-shared-key.ts'
import type { GroupSecrets, Welcome } from '../../src/messages/welcome.ts'
import {
  createGroup,
  decodeMlsMessage,
  ExtensionType,
  type GroupState,
  type PreSharedKeyId,
  ProposalType,
  PskType,
  type ResumptionPskId,
  ResumptionPskUsage,
  WireFormat,
} from '../../src/mls.ts'
import { derivePskSecret } from '../../src/schedule/psk.ts'
import { decodeRatchetTree } from '../../src/tree/tree-codec.ts'
import type { KnownStates } from './known-states.ts'
import { openGroupInfo, openGroupSecrets } from './open-welcome.ts'
import type { OwnKeys, Scenario } from './scenario.ts'
import { bytes } from './vector-cases.ts'

export type PskFinder = (id: PreSharedKeyId) => Secret | undefined

/** Looks for external PSKs in the file, and for resumption PSKs in known states before the file. */
export function pskFinder(scenario: Scenario, known: KnownStates): PskFinder {
  const given = new Map(scenario.external_psks?.map(({ psk_id, psk }) => [psk_id.toLowerCase(), psk]))
  return (id) => {
    if (id.pskType === PskType.resumption) {
      const [state] = known.at(id.pskGroupId, id.pskEpoch)
      if (state !== undefined) return state.secrets.resumptionPsk
    }
    const psk = namesOf(id)
      .map((name) => given.get(toHex(name)))
      .find((found) => found !== undefined)
    return psk === undefined ? undefined : new Secret(bytes(psk))
  }
}

/**
 * The states that a Welcome's group may continue or branch from, one of which is its predecessor; undefined alone where it
 * says that it comes from none.
 * @throws CoterieError `PSK_UNKNOWN` where no such state is known and the file does not give its resumption PSK either
 */
export async function predecessorsOf(
  suite: CipherSuite,
  scenario: Scenario,
  own: OwnKeys,
  known: KnownStates,
  find: PskFinder,
): Promise<readonly (GroupState | undefined)[]> {
  const message = decodeMlsMessage(bytes(scenario.welcome))
  if (message.wireFormat !== WireFormat.welcome) throw new Error('welcome is another kind of message')
  const secrets = await openGroupSecrets(suite, message.welcome, own.keyPackage, own.secrets.initKeyPair)
  const origin = secrets.psks.find(isOrigin)
  if (origin === undefined) return [undefined]
  const states = known.at(origin.pskGroupId, origin.pskEpoch)
  if (states.length > 0) return states
  return [await standIn(suite, scenario, own, { welcome: message.welcome, secrets, origin, find })]
}

/** How a file may name a PSK among its external ones. For a resumption PSK there is no rule. */
function namesOf(id: PreSharedKeyId): Uint8Array[] {
  if (id.pskType === PskType.external) return [id.pskId]
  const writer = new Writer()
  writer.uint8(id.pskType)
  writer.uint8(id.usage)
  writer.opaque(id.pskGroupId)
  writer.uint64(id.pskEpoch)
  return [encode(encodePreSharedKeyId, id), writer.finish(), id.pskGroupId]
}

function isOrigin(id: PreSharedKeyId): id is ResumptionPskId {
  return id.pskType === PskType.resumption && id.usage !== ResumptionPskUsage.application
}

/** A Welcome that its reader has looked into. */
interface OpenedWelcome {
  readonly welcome: Welcome
  readonly secrets: GroupSecrets
  readonly origin: ResumptionPskId
  readonly find: PskFinder
}

/** A predecessor of which only the resumption PSK is given: for the rest it is what the Welcome says that it was. */
async function standIn(
  suite: CipherSuite,
  scenario: Scenario,
  own: OwnKeys,
  opened: OpenedWelcome,
): Promise<GroupState> {
  const { welcome, secrets, origin, find } = opened
  const psks = secrets.psks.map((id) => {
    return { id, secret: find(id) ?? fail('PSK_UNKNOWN', 'a pre-shared key is neither given nor left by another case') }
  })
  const groupInfo = openGroupInfo(suite, welcome, secrets.joinerSecret, derivePskSecret(suite, psks))
  const { version, cipherSuite, groupId, extensions } = groupInfo.groupContext
  const included = groupInfo.extensions.find(({ extensionType }) => extensionType === ExtensionType.ratchetTree)?.data
  const tree = scenario.ratchet_tree === undefined ? included : bytes(scenario.ratchet_tree)
  const { credential, capabilities } = own.keyPackage.leafNode
  const group = await createGroup(suite, {
    groupId: origin.pskGroupId,
    credential,
    capabilities,
    signatureKeyPair: own.secrets.signatureKeyPair,
    lifetime: { notBefore: 0n, notAfter: 0n },
  })
  return {
    ...group,
    groupContext: { ...group.groupContext, epoch: origin.pskEpoch },
    tree: decodeRatchetTree(tree ?? EMPTY),
    reinit: { proposalType: ProposalType.reinit, groupId, version, cipherSuite, extensions },
    resumptionPsks: psks.filter(({ id }) => id === origin).map(({ secret }) => ({ epoch: origin.pskEpoch, secret })),
  }
}
