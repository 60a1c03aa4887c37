// The runner, against toy stacks of which one answers wrongly: every comparison that it makes can fail, and says where.
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type Alteration, alter, play, scriptOf } from './fake/stage.ts'
import { Vault } from './fake/vault.ts'
import { loadScripts } from './load-scripts.ts'

const scripts = await loadScripts(fileURLToPath(new URL('./fixtures/every-action.json', import.meta.url)))

describe('stacks that do not agree', () => {
  const flipped =
    <K extends string>(key: K) =>
    (response: Record<K, Uint8Array>) => ({ [key]: flip(response[key]) })
  const emptied = (key: string) => () => ({ [key]: new Uint8Array(0) })
  const authenticator = flipped('epochAuthenticator')
  const differs = 'disagrees on the epoch authenticator: '
  interface Row {
    readonly what: string
    readonly script: string
    readonly at: Alteration
    readonly fails: { readonly step: number; readonly actor: string; readonly message: string }
  }
  const row = (what: string, script: string, at: Alteration, step: number, actor: string, message: string): Row => ({
    what,
    script,
    at,
    fails: { step, actor, message },
  })
  const rows: readonly Row[] = [
    row('after a commit', 'members', alter('bob', 'HandleCommit', authenticator), 8, 'bob', differs),
    row('with the committer', 'members', alter('alice', 'HandlePendingCommit', authenticator), 0, 'bob', differs),
    row('after joining a new group', 'members', alter('bob', 'JoinGroup', authenticator), 0, 'bob', differs),
    row('after joining by a commit', 'members', alter('dave', 'JoinGroup', authenticator), 8, 'dave', differs),
    row('after an external commit', 'outsiders', alter('dave', 'ExternalJoin', authenticator), 8, 'alice', differs),
    row(
      'when handling one by one',
      'one_by_one',
      alter('alice', 'HandlePendingCommit', authenticator, 2),
      9,
      'alice',
      differs,
    ),
    row('when joining one by one', 'one_by_one', alter('bob', 'JoinGroup', authenticator), 5, 'bob', differs),
    row('on the end by ReInit', 'reinit', alter('alice', 'HandleReInitCommit', authenticator), 1, 'alice', differs),
    row('on the start by ReInit', 'reinit', alter('alice', 'HandleReInitWelcome', authenticator), 1, 'alice', differs),
    row('on a branch', 'branch', alter('alice', 'HandleBranch', authenticator), 1, 'alice', differs),
    row(
      'with themselves',
      'one_by_one',
      alter('bob', 'HandleCommit', authenticator),
      8,
      'bob',
      'disagrees on the epoch authenticator in StateAuth: ',
    ),
    row(
      'in StateAuth',
      'members',
      alter('bob', 'StateAuth', flipped('stateAuthSecret')),
      0,
      'bob',
      'disagrees on the epoch authenticator in StateAuth: ',
    ),
    row(
      'in StateAuth after an external commit',
      'outsiders',
      alter('dave', 'StateAuth', flipped('stateAuthSecret')),
      8,
      'dave',
      'disagrees on the epoch authenticator in StateAuth: ',
    ),
    row(
      'on the old group of a branch',
      'branch',
      alter('alice', 'StateAuth', flipped('stateAuthSecret'), 3),
      1,
      'alice',
      'disagrees on the epoch authenticator in StateAuth: ',
    ),
    row(
      'on exported secrets',
      'members',
      alter('carol', 'Export', flipped('exportedSecret')),
      8,
      'carol',
      'disagrees on the exported secret: ',
    ),
    row(
      'on the length of exported secrets',
      'one_by_one',
      alter('alice', 'Export', emptied('exportedSecret')),
      0,
      'alice',
      'exported 0 bytes instead of 32',
    ),
    row(
      'on the plaintext of a script’s message',
      'one_by_one',
      alter('alice', 'Unprotect', flipped('plaintext')),
      11,
      'alice',
      'got the plaintext 48656c6c6e of 48656c6c6f',
    ),
    row(
      'on its authenticated data',
      'one_by_one',
      alter('alice', 'Unprotect', flipped('authenticatedData')),
      11,
      'alice',
      'got the authenticated data ',
    ),
    row(
      'on the message after a step',
      'members',
      alter('dave', 'Unprotect', flipped('plaintext')),
      8,
      'dave',
      'got the plaintext ',
    ),
    row(
      'on having an authenticator',
      'branch',
      alter('alice', 'HandleBranch', emptied('epochAuthenticator')),
      1,
      'alice',
      'gave no epoch authenticator',
    ),
    row('to commit', 'members', alter('alice', 'Commit', emptied('commit')), 0, 'alice', 'gave no commit'),
    row(
      'to commit a ReInit',
      'reinit',
      alter('bob', 'ReInitCommit', emptied('commit')),
      1,
      'bob',
      'gave no commit of the ReInit',
    ),
    row(
      'to welcome',
      'members',
      alter('alice', 'Commit', emptied('welcome')),
      0,
      'bob',
      'is to join by a commit that came without Welcome',
    ),
    row(
      'to give the tree of a Welcome',
      'members',
      alter('alice', 'Commit', emptied('ratchetTree'), 2),
      8,
      'alice',
      'gave no ratchet tree',
    ),
    row(
      'to give the tree of a ReInit',
      'reinit',
      alter('carol', 'ReInitWelcome', emptied('ratchetTree')),
      1,
      'carol',
      'gave no ratchet tree',
    ),
    row(
      'to give the tree of a branch',
      'branch',
      alter('bob', 'CreateBranch', emptied('ratchetTree')),
      1,
      'bob',
      'gave no ratchet tree',
    ),
    row(
      'to give the tree of a GroupInfo',
      'members',
      alter('alice', 'GroupInfo', emptied('ratchetTree')),
      14,
      'alice',
      'gave no ratchet tree',
    ),
    row(
      'to give the tree to a joiner',
      'outsiders',
      alter('alice', 'GroupInfo', emptied('ratchetTree'), 2),
      8,
      'alice',
      'gave no ratchet tree beside the GroupInfo',
    ),
    row(
      'to give a GroupInfo',
      'members',
      alter('carol', 'GroupInfo', emptied('groupInfo')),
      13,
      'carol',
      'gave no GroupInfo',
    ),
    row(
      'to leave out the tree',
      'members',
      alter('alice', 'Commit', () => ({ ratchetTree: new Uint8Array(1) })),
      0,
      'alice',
      'gave a ratchet tree that was not asked for',
    ),
    row('to answer', 'members', alter('bob', 'HandleCommit', refuse), 8, 'bob', 'HandleCommit: I will not'),
    row('to free', 'members', alter('bob', 'Free', refuse), 15, 'bob', 'Free: I will not'),
  ]

  it.each(rows)('fail: $what', async ({ script: name, at, fails }) => {
    const script = scripts.find((candidate) => candidate.name === name) ?? scriptOf()
    const outcome = await play(script, { alteration: at })
    expect(outcome).toEqual({
      result: 'failed',
      failure: {
        step: fails.step,
        action: script.steps[fails.step]?.action ?? 'release',
        actor: fails.actor,
        peer: `stack of ${fails.actor} at nowhere`,
        message: expect.stringContaining(fails.message),
      },
    })
  })

  it('fail when all authenticators are empty, though they are the same', async () => {
    const script = scriptOf({ action: 'createGroup', actor: 'alice' })
    const outcome = await play(script, { alteration: alter('alice', 'StateAuth', emptied('stateAuthSecret'), 'every') })
    expect(outcome).toMatchObject({
      result: 'failed',
      failure: { message: 'gave no epoch authenticator in StateAuth' },
    })
  })

  it('still free what they hold', async () => {
    const script = scripts.find(({ name }) => name === 'members') ?? scriptOf()
    const vaults = new Map(script.actors.map((actor) => [actor, new Vault()]))
    await play(script, { vaults, alteration: alter('bob', 'HandleCommit', authenticator, 2) })
    expect([...vaults.values()].map((vault) => vault.states.size)).toEqual([0, 0, 0, 0])
  })
})

function flip(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte))
}

function refuse(): never {
  throw new Error('I will not')
}
