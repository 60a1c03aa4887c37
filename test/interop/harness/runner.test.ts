// The runner, against toy stacks that do as they should: it asks in the right order and passes what agrees.
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { play, scriptOf } from './fake/stage.ts'
import { Vault } from './fake/vault.ts'
import { configsFolder, loadScripts } from './load-scripts.ts'
import type { Script } from './script.ts'

const scripts = await loadScripts(fileURLToPath(new URL('./fixtures/every-action.json', import.meta.url)))

describe('stacks that agree', () => {
  it.each(scripts)('pass the script $name, and hold nothing afterwards', async (script) => {
    const vaults = new Map(script.actors.map((actor) => [actor, new Vault()]))
    expect(await play(script, { vaults })).toEqual({ result: 'passed' })
    expect([...vaults.values()].map((vault) => vault.states.size)).toEqual(script.actors.map(() => 0))
  })

  it('may be one stack that plays everybody', async () => {
    for (const script of scripts) {
      const vault = new Vault()
      const vaults = new Map(script.actors.map((actor) => [actor, vault]))
      expect(await play(script, { vaults })).toEqual({ result: 'passed' })
      expect(vault.states.size).toBe(0)
    }
  })

  const folder = configsFolder()
  it.runIf(folder !== undefined)('pass the eight configurations of the working group', async () => {
    for (const script of await loadScripts(folder ?? '')) {
      const outcome = await play(script)
      expect([script.config, script.name, outcome]).toEqual([script.config, script.name, { result: 'passed' }])
    }
  })
})

describe('the order of RPCs', () => {
  it('of a group’s creation and a commit', async () => {
    const script = scriptOf(
      { action: 'createGroup', actor: 'alice', members: ['bob'] },
      { action: 'updateProposal', actor: 'bob' },
      { action: 'fullCommit', actor: 'alice', byReference: [1], members: ['bob'] },
    )
    const agreement = [
      'alice StateAuth',
      'bob StateAuth',
      'alice Export',
      'bob Export',
      'alice Protect',
      'bob Unprotect',
    ]
    expect(await rpcsOf(script)).toEqual([
      'alice CreateGroup',
      'bob CreateKeyPackage',
      'alice Commit',
      'alice HandlePendingCommit',
      'bob JoinGroup',
      ...agreement,
      'bob UpdateProposal',
      'alice Commit',
      'alice HandlePendingCommit',
      'bob HandleCommit',
      ...agreement,
      'alice Free',
      'bob Free',
    ])
  })

  it('of a reinitialization, in which everyone has a turn', async () => {
    const script = scriptOf(
      { action: 'createGroup', actor: 'alice', members: ['bob', 'carol'] },
      { action: 'reinit', proposer: 'alice', committer: 'bob', welcomer: 'carol', changeGroupID: true },
    )
    const rpcs = await rpcsOf(script)
    expect(rpcs.slice(rpcs.indexOf('alice ReInitProposal'), rpcs.lastIndexOf('carol StateAuth'))).toEqual([
      'alice ReInitProposal',
      'bob ReInitCommit',
      'bob HandlePendingReInitCommit',
      'alice HandleReInitCommit',
      'carol HandleReInitCommit',
      'carol ReInitWelcome',
      'bob HandleReInitWelcome',
      'alice HandleReInitWelcome',
    ])
  })

  it('of a branch, after which the old group must still agree', async () => {
    const script = scriptOf(
      { action: 'createGroup', actor: 'alice', members: ['bob'] },
      { action: 'branch', actor: 'alice', members: ['bob'] },
    )
    const rpcs = await rpcsOf(script)
    const branched = rpcs.slice(rpcs.indexOf('bob HandleBranch') + 1)
    expect(branched.filter((rpc) => rpc.endsWith('StateAuth'))).toHaveLength(4)
    expect(branched.filter((rpc) => rpc === 'bob Unprotect')).toHaveLength(2)
    expect(branched.filter((rpc) => rpc.endsWith('Free'))).toHaveLength(4)
  })

  it('keeps the handshake mode, the identity and, after a ReInit, the new suite in the requests', async () => {
    const script = scripts.find(({ name }) => name === 'reinit')
    const requests: [string, unknown][] = []
    await play(script ?? scriptOf(), { encryptHandshake: true, onRequest: (...request) => requests.push(request) })
    const identity = (name: string) => Buffer.from(name)
    const created = requests.find(([rpc]) => rpc === 'alice CreateGroup')?.[1]
    expect(created).toMatchObject({ cipherSuite: 1, encryptHandshake: true })
    expect(requests.find(([rpc]) => rpc === 'alice ReInitProposal')?.[1]).toMatchObject({ cipherSuite: 2 })
    const offered = requests.find(([rpc]) => rpc === 'erin CreateKeyPackage')?.[1]
    expect(offered).toEqual({ cipherSuite: 2, identity: new Uint8Array(identity('erin')) })
    const joined = requests.find(([rpc]) => rpc === 'erin JoinGroup')?.[1]
    expect(joined).toMatchObject({ encryptHandshake: true, identity: new Uint8Array(identity('erin')) })
  })
})

describe('a script that asks for the impossible', () => {
  it.each([
    ['of a stranger', [{ action: 'updateProposal', actor: 'alice' }], 'is in no group at this step'],
    [
      'a Welcome for who has no key package',
      [
        { action: 'createGroup', actor: 'alice' },
        { action: 'fullCommit', actor: 'alice', joiners: ['bob'] },
      ],
      'has no unused key package at this step',
    ],
    [
      'a key package used twice',
      [
        { action: 'createGroup', actor: 'alice', members: ['bob'] },
        { action: 'fullCommit', actor: 'alice', joiners: ['bob'] },
      ],
      'has no unused key package at this step',
    ],
    [
      'a commit that nobody made',
      [
        { action: 'createGroup', actor: 'alice' },
        { action: 'handlePendingCommit', actor: 'alice' },
      ],
      'has no pending commit at this step',
    ],
    [
      'a PSK for who holds nothing',
      [{ action: 'installExternalPSK', clients: ['alice'] }],
      'has neither a group nor a key package that could hold a PSK',
    ],
    [
      'a proposal of who is no signer',
      [
        { action: 'createGroup', actor: 'alice' },
        {
          action: 'externalSignerProposal',
          actor: 'ds',
          member: 'alice',
          description: { proposalType: 'remove', removed: 'alice' },
        },
      ],
      'is no external signer at this step',
    ],
  ])('fails: %s', async (_, steps, message) => {
    const outcome = await play(scriptOf(...steps))
    expect(outcome).toMatchObject({ result: 'failed', failure: { step: steps.length - 1, message } })
  })
})

describe('stacks that lack a suite', () => {
  const script = scriptOf({ action: 'createGroup', actor: 'alice', members: ['bob'] })

  it('are skipped', async () => {
    expect(await play(script, { suite: 3 })).toEqual({
      result: 'skipped',
      reason: 'stack of alice at nowhere has no suite 3',
    })
  })

  it('are skipped where the script changes the suite and there is no other', async () => {
    const changing = scripts.find(({ name }) => name === 'outsiders') ?? scriptOf()
    expect(await play(changing, { suites: [1] })).toEqual({ result: 'skipped', reason: 'no second suite in common' })
    expect(await play(script, { suites: [1] })).toEqual({ result: 'passed' })
  })
})

async function rpcsOf(script: Script): Promise<readonly string[]> {
  const rpcs: string[] = []
  expect(await play(script, { onRequest: (rpc) => rpcs.push(rpc) })).toEqual({ result: 'passed' })
  return rpcs.filter((rpc) => !rpc.endsWith(' Name') && !rpc.endsWith(' SupportedCiphersuites'))
}
