// The leaves that members get, RFC 9420 §7.7, §12.1.1 and §12.1.3.
import { expect, test } from 'vitest'
import { leftHalfIsBlank, withMembers, withoutMembers } from './leaves.ts'

const letters = (leaves: readonly (string | undefined)[]): string => leaves.map((one) => one ?? '_').join('')

test('newcomers take the leftmost blank leaf, and double a full tree', () => {
  expect(letters(withMembers(['a'], ['b']))).toBe('ab')
  expect(letters(withMembers(['a'], ['b', 'c']))).toBe('abc_')
  expect(letters(withMembers(['a', undefined, 'c', 'd'], ['e', 'f']))).toBe('aecdf___')
})

test('removals halve the tree while its right half is blank', () => {
  expect(letters(withoutMembers([...'abcd'], ['b']))).toBe('a_cd')
  expect(letters(withoutMembers([...'abcd'], ['c', 'd']))).toBe('ab')
  expect(letters(withoutMembers([...'abcdefgh'], [...'bcdefgh']))).toBe('a')
  expect(letters(withoutMembers([...'abcd'], ['a', 'b']))).toBe('__cd')
})

test('a blank left half is noticed', () => {
  expect(leftHalfIsBlank([undefined, undefined, 'c', undefined])).toBe(true)
  expect(leftHalfIsBlank([undefined, 'b', 'c', undefined])).toBe(false)
  expect(leftHalfIsBlank(['a'])).toBe(false)
})
