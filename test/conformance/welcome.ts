// Opening a Welcome without its group's tree (RFC 9420 §12.4.3.1): welcome.json of the working group.
import { toHex } from '../../src/bytes.ts'
import { verifyWithLabel } from '../../src/crypto/labels.ts'
import { WireFormat } from '../../src/messages/code-points.ts'
import { groupInfoSignature } from '../../src/messages/group-info.ts'
import { decodeMlsMessage } from '../../src/messages/mls-message.ts'
import { deriveEpochSecrets } from '../../src/schedule/key-schedule.ts'
import { derivePskSecret } from '../../src/schedule/psk.ts'
import { confirmationTag } from '../../src/schedule/transcript.ts'
import { hex, isListWith, object, runShapedCases, uint } from './json-shape.ts'
import { openGroupInfo, openGroupSecrets } from './open-welcome.ts'
import type { VectorSuite } from './suite.ts'
import { bytes, expectBytes, expectTrue } from './vector-cases.ts'

const readVector = object({ cipher_suite: uint, init_priv: hex, signer_pub: hex, key_package: hex, welcome: hex })

export const welcome: VectorSuite = {
  name: 'welcome',
  recognises: (json) => isListWith(json, ['cipher_suite', 'init_priv', 'key_package', 'signer_pub', 'welcome']),
  run: (json, provider, report) =>
    runShapedCases(json, readVector, provider, report, async (suite, vector) => {
      const own = decodeMlsMessage(bytes(vector.key_package))
      if (own.wireFormat !== WireFormat.keyPackage) throw new Error('key_package is another kind of message')
      const message = decodeMlsMessage(bytes(vector.welcome))
      if (message.wireFormat !== WireFormat.welcome) throw new Error('welcome is another kind of message')
      expectTrue('the Welcome is for the cipher suite', message.welcome.cipherSuite === vector.cipher_suite)
      const initKeyPair = await suite.kem.importPrivateKey(bytes(vector.init_priv))
      expectBytes('the init key', initKeyPair.publicKey, toHex(own.keyPackage.initKey))
      const { joinerSecret, psks } = await openGroupSecrets(suite, message.welcome, own.keyPackage, initKeyPair)
      expectTrue('the Welcome needs no PSKs', psks.length === 0)
      const pskSecret = derivePskSecret(suite, [])
      const groupInfo = openGroupInfo(suite, message.welcome, joinerSecret, pskSecret)

      await verifyWithLabel(suite, groupInfoSignature(groupInfo, bytes(vector.signer_pub)), 'JOIN_GROUP_INFO_SIGNATURE')
      const { groupContext } = groupInfo
      const { confirmationKey } = deriveEpochSecrets(suite, joinerSecret, pskSecret, groupContext)
      const tag = confirmationTag(suite, confirmationKey, groupContext.confirmedTranscriptHash)
      expectBytes('the confirmation tag', tag, toHex(groupInfo.confirmationTag))
    }),
}
