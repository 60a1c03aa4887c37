// What an epoch gives to applications (RFC 9420 §8.5, §8.7).
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import * as mls from '../../../src/mls.ts'
import { codeOf } from '../../support/errors.ts'
import { commitIn, pair } from './group-fixtures.ts'

describe('exported secrets', () => {
  it('are the same for all members, and for nobody else', async () => {
    const [alice, bob] = await pair()
    const [stranger] = await pair()
    const of = (state: mls.GroupState, label = 'label', context = 'context', length = 48) =>
      mls.exportSecret(state, label, utf8(context), length).bytes
    expect(of(alice)).toEqual(of(bob))
    expect(of(alice)).toHaveLength(48)
    const others = [of(stranger), of(alice, 'other'), of(alice, 'label', 'other'), of(alice, 'label', 'context', 47)]
    for (const other of others) expect(other.subarray(0, 32)).not.toEqual(of(alice).subarray(0, 32))
  })

  it('change with the epoch', async () => {
    const states = await pair()
    const { states: next } = await commitIn(states, 0)
    const [before, after] = [states[0], next[0] as mls.GroupState].map(
      (state) => mls.exportSecret(state, 'x', utf8(''), 32).bytes,
    )
    expect(before).not.toEqual(after)
  })

  it('are bounded in length', async () => {
    const [alice] = await pair()
    expect(mls.exportSecret(alice, 'x', utf8(''), 255 * 32).length).toBe(255 * 32)
    for (const length of [0, -1, 1.5, 255 * 32 + 1]) {
      expect(codeOf(() => mls.exportSecret(alice, 'x', utf8(''), length))).toBe('ARGUMENT_INVALID')
    }
  })

  it('are secrets of their own: wiping one leaves the state as it was', async () => {
    const [alice] = await pair()
    mls.exportSecret(alice, 'x', utf8(''), 32).wipe()
    expect(mls.exportSecret(alice, 'x', utf8(''), 32).wiped).toBe(false)
  })
})

describe('the epoch authenticator', () => {
  it('is a copy', async () => {
    const [alice, bob] = await pair()
    mls.epochAuthenticator(alice).fill(0)
    expect(mls.epochAuthenticator(alice)).toEqual(mls.epochAuthenticator(bob))
  })
})
