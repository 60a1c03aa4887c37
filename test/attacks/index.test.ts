// Each attack has its script, and each script its attack.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const ATTACKS = [
  'grinding a commit',
  'always committing first',
  'a late commit on an old epoch',
  'a removed member rewinding its removal',
  'a long private chain of self-updates',
  'a withheld branch released at the pruning edge',
  'two commits by one device on one parent, each to half of the group',
  'two commits in each epoch, without end',
  'a commit malformed for one subtree',
  'a commit malformed for exactly half',
  'a commit malformed for more than half',
  'a commit malformed for nearly all, while they talk',
  'malformed commits without end',
  'two statements with one number',
  'a vote for an epoch far ahead that nobody has made',
  'replayed frames and votes',
  'a flood of valid commits',
  'a flood of valid commits, all in one batch',
  'a flood of valid commits, one after the other, beside the way',
  'a flood of valid commits, one after the other, from where the group stands, while it forks there',
  'a flood of commits that nobody can decrypt',
  'a flood of votes',
  'a flood of far-future generations',
  'junk from non-members',
  'a false re-add request: replayed',
  'a false re-add request: forged',
  'a false re-add request: a true one with another inbox',
  'a false re-add request: of a removed one',
  'a request to leave: repeated by another',
  'a stolen Welcome',
  'a Welcome to a group of its own: with another past',
  'a Welcome to a group of its own: as if it led on from where all stand',
  'a Welcome to a group of its own: as if it led on from where the others stand',
  'a stolen store: epochs that others began, and those that its device began',
  'a stolen store: what has not been read',
  'a stolen store: epochs that are over',
  'a stolen store: the key package of a contact card',
  'a stolen store: the key package of a return',
  'mutual removal',
  'remove ∥ add ∥ update of one member',
  'joiner on the losing branch',
]

test('every attack is shown to fail, or how far it gets', () => {
  const folder = new URL('.', import.meta.url)
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== 'index.test.ts')
  const names = scripts.flatMap((name) => {
    const text = readFileSync(new URL(name, folder), 'utf8')
    return [...text.matchAll(/^test\('([^']+)', async/gm)].map(([, title]) => title)
  })
  expect(names.toSorted()).toEqual(ATTACKS.toSorted())
})
