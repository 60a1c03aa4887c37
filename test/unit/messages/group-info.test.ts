// Group infos and contexts (RFC 9420 §8.1, §12.4.3): what the signature covers, and encoding a context once.
import { describe, expect, it } from 'vitest'
import { encode } from '../../../src/codec/writer.ts'
import { verifyWithLabel } from '../../../src/crypto/labels.ts'
import { suite1 as suite } from '../../../src/crypto/providers/noble/suites.ts'
import { encodedGroupContext, encodeGroupContext, type GroupContext } from '../../../src/messages/group-context.ts'
import { groupInfoSignature, signGroupInfo } from '../../../src/messages/group-info.ts'
import { rejectionCode } from '../../support/errors.ts'
import { sampleBytes } from '../../support/wire-samples.ts'

const groupContext: GroupContext = {
  version: 1,
  cipherSuite: 1,
  groupId: sampleBytes(1, 8),
  epoch: 3n,
  treeHash: sampleBytes(2),
  confirmedTranscriptHash: sampleBytes(3),
  extensions: [],
}

describe('a group info', () => {
  it('is signed over context, extensions, tag and signer', async () => {
    const pair = await suite.signature.generateKeyPair()
    const content = { groupContext, extensions: [], confirmationTag: sampleBytes(4), signer: 0 }
    const groupInfo = await signGroupInfo(suite, pair, content)
    const verified = (info: typeof groupInfo) =>
      verifyWithLabel(suite, groupInfoSignature(info, pair.publicKey), 'JOIN_GROUP_INFO_SIGNATURE')
    await verified(groupInfo)
    for (const changed of [
      { groupContext: { ...groupContext, epoch: 4n } },
      { extensions: [{ extensionType: 9, data: sampleBytes(1, 4) }] },
      { confirmationTag: sampleBytes(5) },
      { signer: 1 },
    ]) {
      expect(await rejectionCode(verified({ ...groupInfo, ...changed }))).toBe('JOIN_GROUP_INFO_SIGNATURE')
    }
  })
})

describe('a group context', () => {
  it('is encoded once, and anew when it is another', () => {
    const first = encodedGroupContext(groupContext)
    expect(first).toEqual(encode(encodeGroupContext, groupContext))
    expect(encodedGroupContext(groupContext)).toBe(first)
    expect(encodedGroupContext({ ...groupContext, epoch: 4n })).not.toEqual(first)
  })
})
