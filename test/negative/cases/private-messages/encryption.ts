// Nonces, headers and sender data that do not fit the ciphertext (RFC 9420 §6.3).
import { utf8 } from '../../../../src/bytes.ts'
import type { CaseSpec } from '../scene.ts'
import { sealingCase } from './make.ts'

export const encryptionCases: CaseSpec[] = [
  sealingCase(
    {
      name: 'nonce-without-reuse-guard',
      about: 'the content is encrypted under the nonce of the key schedule, without the reuse guard',
      rows: [17],
      sections: ['6.3.1'],
    },
    { unguarded: true },
  ),
  sealingCase(
    {
      name: 'reuse-guard-changed',
      about: 'the sender data name another reuse guard than was used',
      rows: [17],
      sections: ['6.3.1'],
    },
    { senderData: (data) => ({ ...data, reuseGuard: data.reuseGuard.map((byte) => byte ^ 1) }) },
  ),
  sealingCase(
    {
      name: 'authenticated-data-changed',
      about: 'the authenticated data of the message are not those that it was encrypted with',
      rows: [18],
      sections: ['6.3.1'],
    },
    { sealed: (message) => ({ ...message, authenticatedData: utf8('added on the way') }) },
  ),
  sealingCase(
    {
      name: 'content-type-changed',
      about: 'the content type of the message is changed on the way',
      rows: [18],
      sections: ['6.3.1', '6.3.2'],
    },
    { sealed: (message) => ({ ...message, contentType: 2 }) },
  ),
  sealingCase(
    {
      name: 'content-aad-of-another-epoch',
      about: 'the content is authenticated with another epoch',
      rows: [18],
      sections: ['6.3.1'],
    },
    { aad: (header) => ({ ...header, epoch: header.epoch + 1n }) },
  ),
  sealingCase(
    {
      name: 'content-aad-of-another-group',
      about: 'the content is authenticated with another group id',
      rows: [18],
      sections: ['6.3.1'],
    },
    { aad: (header) => ({ ...header, groupId: utf8('another') }) },
  ),
  sealingCase(
    {
      name: 'sender-data-aad-of-another-epoch',
      about: 'the sender data are authenticated with another epoch',
      rows: [18],
      sections: ['6.3.2'],
    },
    { senderDataAad: (header) => ({ ...header, epoch: header.epoch - 1n }) },
  ),
  sealingCase(
    {
      name: 'sender-data-aad-of-another-type',
      about: 'the sender data are authenticated with another content type',
      rows: [18],
      sections: ['6.3.2'],
    },
    { senderDataAad: (header) => ({ ...header, contentType: 3 }) },
  ),
  sealingCase(
    {
      name: 'ciphertext-empty',
      about: 'the ciphertext is empty',
      rows: [18],
      traps: ['decoder-past-the-end'],
      sections: ['6.3.2'],
    },
    { sealed: (message) => ({ ...message, ciphertext: new Uint8Array(0) }) },
  ),
  sealingCase(
    {
      name: 'sender-data-cut',
      about: 'the encrypted sender data are shorter than a tag',
      rows: [18],
      traps: ['decoder-past-the-end', 'tag-lengths'],
      sections: ['6.3.2'],
    },
    { sealed: (message) => ({ ...message, encryptedSenderData: message.encryptedSenderData.slice(0, 15) }) },
  ),
  sealingCase(
    {
      name: 'private-message-of-another-group',
      about: 'a PrivateMessage is for another group',
      rows: [6],
      sections: ['6'],
      code: 'GROUP_ID_MISMATCH',
    },
    { sealed: (message) => ({ ...message, groupId: utf8('another') }) },
  ),
  sealingCase(
    {
      name: 'private-message-of-the-next-epoch',
      about: 'a PrivateMessage is of an epoch that has not begun',
      rows: [7],
      sections: ['6'],
      code: 'GROUP_EPOCH_AHEAD',
    },
    { sealed: (message) => ({ ...message, epoch: message.epoch + 1n }) },
  ),
]
