// Which PSKs a client finds among those that it has at hand (RFC 9420 §8.4, §8.6).
import { expect, test } from 'vitest'
import { suite1 } from '../../../src/crypto-noble.ts'
import {
  basicCredential,
  commit,
  createGroup,
  externalPskId,
  groupId,
  knownPsks,
  lifetimeOfDays,
  resumptionPskId,
  Secret,
} from '../../../src/mls.ts'

const name = (text: string): Uint8Array => new TextEncoder().encode(text)
const founder = {
  credential: basicCredential(name('alice')),
  signatureKeyPair: await suite1.signature.generateKeyPair(),
  lifetime: lifetimeOfDays(0, 1),
}

test('external ones by their name', () => {
  const [first, second] = [new Secret(suite1.randomBytes(32)), new Secret(suite1.randomBytes(32))]
  const find = knownPsks({
    external: [
      { pskId: name('first'), secret: first },
      { pskId: name('second'), secret: second },
    ],
  })
  expect(find(externalPskId(suite1, name('second')))).toBe(second)
  expect(find(externalPskId(suite1, name('firs')))).toBeUndefined()
  expect(find(resumptionPskId(suite1, name('first'), 0n))).toBeUndefined()
  expect(knownPsks({})(externalPskId(suite1, name('first')))).toBeUndefined()
})

test('those of groups by group and epoch', async () => {
  const before = await createGroup(suite1, founder)
  const { state } = await commit(before, { nowMs: 0 })
  const find = knownPsks({ groups: [await createGroup(suite1, founder), state] })
  expect(find(resumptionPskId(suite1, groupId(state), 1n))).toBe(state.secrets.resumptionPsk)
  expect(find(resumptionPskId(suite1, groupId(state), 0n))).toBe(before.secrets.resumptionPsk)
  expect(find(resumptionPskId(suite1, groupId(state), 2n))).toBeUndefined()
  expect(find(resumptionPskId(suite1, name('another'), 1n))).toBeUndefined()
})
