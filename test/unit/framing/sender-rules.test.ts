// Which sender may say what in which wire format (RFC 9420 §6, §6.1): the whole table.
import { describe, expect, it } from 'vitest'
import { checkSender } from '../../../src/framing/sender-rules.ts'
import { type SenderType, WireFormat } from '../../../src/messages/code-points.ts'
import type { Content, FramedContent, Sender } from '../../../src/messages/framed-content.ts'
import { codeOf } from '../schedule/schedule-fixtures.ts'
import {
  addition,
  application,
  emptyCommit,
  external,
  member,
  newMemberCommit,
  newMemberProposal,
  removal,
} from './framing-fixtures.ts'

const contents = { application, addition, removal, emptyCommit } satisfies Record<string, Content>
const senders = { member, external, newMemberProposal, newMemberCommit } satisfies Record<string, Sender>

function verdict(sender: Sender, content: Content, wireFormat: WireFormat): string {
  const framed: FramedContent = {
    groupId: new Uint8Array(),
    epoch: 0n,
    sender,
    authenticatedData: new Uint8Array(),
    content,
  }
  try {
    checkSender(framed, wireFormat)
    return 'allowed'
  } catch {
    return codeOf(() => checkSender(framed, wireFormat))
  }
}

/** Rows: content. Columns: the verdicts on member, external, newMemberProposal, newMemberCommit. */
const inPublic: Record<keyof typeof contents, readonly string[]> = {
  application: [
    'FRAMING_APPLICATION_IN_PUBLIC',
    'FRAMING_APPLICATION_IN_PUBLIC',
    'FRAMING_APPLICATION_IN_PUBLIC',
    'FRAMING_APPLICATION_IN_PUBLIC',
  ],
  addition: ['allowed', 'allowed', 'allowed', 'FRAMING_SENDER'],
  removal: ['allowed', 'allowed', 'FRAMING_SENDER', 'FRAMING_SENDER'],
  emptyCommit: ['allowed', 'FRAMING_SENDER', 'FRAMING_SENDER', 'allowed'],
}

describe('sender rules (RFC 9420 §6.1)', () => {
  it.each(Object.entries(inPublic))('%s in a PublicMessage', (name, expected) => {
    const content = contents[name as keyof typeof contents]
    expect(Object.values(senders).map((sender) => verdict(sender, content, WireFormat.publicMessage))).toEqual(expected)
  })

  it.each(Object.entries(contents))('%s in a PrivateMessage comes from members only', (_name, content) => {
    expect(Object.values(senders).map((sender) => verdict(sender, content, WireFormat.privateMessage))).toEqual([
      'allowed',
      'FRAMING_SENDER',
      'FRAMING_SENDER',
      'FRAMING_SENDER',
    ])
  })

  it('nothing else frames content', () => {
    for (const wireFormat of [WireFormat.welcome, WireFormat.groupInfo, WireFormat.keyPackage]) {
      expect(verdict(member, removal, wireFormat)).toBe('FRAMING_WIRE_FORMAT')
    }
  })

  it('covers every sender type', () => {
    const types: SenderType[] = Object.values(senders).map(({ senderType }) => senderType)
    expect(types).toEqual([1, 2, 3, 4])
  })
})
