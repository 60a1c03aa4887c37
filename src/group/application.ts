// Application messages (RFC 9420 §15).

import { copyBytes } from '../bytes.ts'
import { fail } from '../errors.ts'
import { ContentType } from '../messages/code-points.ts'
import { framed, protect, type SendOptions, type SentMessage, signAsMember } from './handshake.ts'
import { ownOptions } from './own-copy.ts'
import { type GroupState, requireActive } from './state.ts'

/**
 * Encrypts application data to the group. The returned state has to replace the old one, durably, before the message is
 * sent: it no longer holds the key.
 * @throws CoterieError `GROUP_PENDING_PROPOSALS`, `GROUP_FROZEN`, `GROUP_REMOVED` (caller)
 */
export async function encryptMessage(
  state: GroupState,
  applicationData: Uint8Array,
  options: Omit<SendOptions, 'wireFormat'> = {},
): Promise<SentMessage> {
  requireActive(state)
  const own = ownOptions(options)
  // RFC 9420 §12.4: a member that has observed valid proposals MUST commit before it sends application data.
  if (state.proposals.size > 0) {
    fail('GROUP_PENDING_PROPOSALS', 'proposals are pending: commit them, or discard those that are not to be')
  }
  const content = framed(
    state,
    { contentType: ContentType.application, applicationData: copyBytes(applicationData) },
    own,
  )
  const signature = await signAsMember(state, content, own)
  const sent = protect(state, content, { signature, confirmationTag: undefined }, own)
  return { state: sent.state, message: sent.message }
}
