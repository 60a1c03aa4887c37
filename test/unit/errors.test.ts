// The error class: codes with their origins, retryable ones, and its recognition across copies of the package.
import { describe, expect, it } from 'vitest'
import { CoterieError, ERROR_CODES, type ErrorCode, fail } from '../../src/errors.ts'

describe('CoterieError', () => {
  it('has the code, its origin, and the cause', () => {
    const cause = new Error('below')
    const error = new CoterieError('FRAMING_SIGNATURE', 'what is wrong', { cause, details: { leafIndex: 0 } })
    expect(error).toMatchObject({
      name: 'CoterieError',
      message: 'what is wrong',
      code: 'FRAMING_SIGNATURE',
      origin: 'peer',
      retryable: false,
      details: { leafIndex: 0 },
      cause,
    })
    expect(error).toBeInstanceOf(Error)
  })

  it('has no cause of its own accord', () => {
    expect('cause' in new CoterieError('ARGUMENT_INVALID', 'x')).toBe(false)
  })

  it('gives every code an origin, and a name of capitals', () => {
    for (const [code, origin] of Object.entries(ERROR_CODES)) {
      expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/)
      expect(['peer', 'caller', 'environment', 'internal']).toContain(origin)
      expect(new CoterieError(code as ErrorCode, 'x').origin).toBe(origin)
    }
  })

  it('calls retryable what further input can cure', () => {
    for (const code of ['GROUP_EPOCH_AHEAD', 'COMMIT_PROPOSAL_UNKNOWN', 'PSK_UNKNOWN', 'JOIN_TREE_MISSING'] as const) {
      expect(new CoterieError(code, 'x').retryable).toBe(true)
    }
    expect(new CoterieError('GROUP_EPOCH_PAST', 'x').retryable).toBe(false)
  })
})

describe('CoterieError.is', () => {
  it('knows the error of another copy of the package', () => {
    const foreign = Object.assign(new Error('x'), { code: 'TREE_FULL', [Symbol.for('coterie.error')]: true })
    expect(CoterieError.is(foreign)).toBe(true)
    expect(CoterieError.is(foreign, 'TREE_FULL')).toBe(true)
    expect(CoterieError.is(foreign, 'TREE_MALFORMED')).toBe(false)
  })

  it('is not misled by what only looks alike', () => {
    const values = [undefined, null, 'TREE_FULL', 0, {}, new Error('x'), { code: 'TREE_FULL', name: 'CoterieError' }]
    for (const value of values) expect(CoterieError.is(value)).toBe(false)
  })
})

describe('fail', () => {
  it('throws', () => {
    expect(() => fail('TREE_FULL', 'no room')).toThrow(new CoterieError('TREE_FULL', 'no room'))
  })
})
