// The script loader: what it makes of the format, and that it refuses everything else.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { configsFolder, loadScripts, parseScripts } from './load-scripts.ts'
import { participants, type Script, type Step } from './script.ts'
import { ScriptError } from './script-fields.ts'

const everyAction = fileURLToPath(new URL('./fixtures/every-action.json', import.meta.url))

describe('a configuration in the format', () => {
  it('is loaded script by script, with the actors in the order of first mention', async () => {
    const scripts = await loadScripts(everyAction)
    expect(scripts.map(({ config, name, actors }) => [config, name, actors])).toEqual([
      ['every-action.json', 'members', ['alice', 'bob', 'carol', 'dave']],
      ['every-action.json', 'one_by_one', ['alice', 'bob']],
      ['every-action.json', 'outsiders', ['alice', 'bob', 'carol', 'first', 'second', 'dave']],
      ['every-action.json', 'reinit', ['alice', 'bob', 'carol', 'dave', 'erin']],
      ['every-action.json', 'branch', ['alice', 'bob', 'carol']],
    ])
  })

  it('gives every field, with the defaults of those that are missing', () => {
    const [created, offered, committed] = one(
      { action: 'createGroup', actor: 'alice' },
      { action: 'createKeyPackage', actor: 'bob' },
      { action: 'fullCommit', actor: 'alice', byValue: [{ proposalType: 'add', keyPackage: 1 }], joiners: ['bob'] },
    ).steps
    expect(created).toEqual({ action: 'createGroup', actor: 'alice', members: [] })
    expect(offered).toEqual({ action: 'createKeyPackage', actor: 'bob' })
    expect(committed).toEqual({
      action: 'fullCommit',
      actor: 'alice',
      members: [],
      joiners: ['bob'],
      byReference: [],
      byValue: [{ type: 'add', keyPackage: 1 }],
      forcePath: false,
      externalTree: false,
    })
  })

  it('may spell its fields with underscores and in other cases', () => {
    const { steps } = one(
      { action: 'commit', actor: 'alice', force_path: true, external_tree: true },
      { action: 'branch', actor: 'alice', forcePath: true, EXTERNALTREE: true },
      { action: 'reinit', proposer: 'a', committer: 'b', welcomer: 'c', changeCiphersuite: true, changeGroupId: true },
    )
    expect(steps[0]).toMatchObject({ forcePath: true, externalTree: true })
    expect(steps[1]).toMatchObject({ forcePath: true, externalTree: true })
    expect(steps[2]).toMatchObject({ source: { proposer: 'a', changeCipherSuite: true, changeGroupId: true } })
  })

  it('has extension data in base64 and epochs as decimal text', () => {
    const extensions = [{ extension_type: 65535, extension_data: 'AQID' }]
    const { steps } = one(
      { action: 'groupContextExtensionsProposal', actor: 'alice', extensions },
      { action: 'resumptionPSKProposal', actor: 'alice', epochID: 9007199254740991 },
    )
    expect(steps[0]).toMatchObject({
      extensions: [{ extensionType: 65535, extensionData: Buffer.from([1, 2, 3]) }],
    })
    expect(steps[1]).toMatchObject({ epoch: '9007199254740991' })
  })

  it('names everyone in a reinitialization once, the committer first', () => {
    const [step] = one({ action: 'reinit', proposer: 'a', committer: 'b', welcomer: 'a', members: ['b', 'c'] }).steps
    expect(step?.action === 'reinit' && participants(step)).toEqual(['b', 'a', 'c'])
  })
})

describe('what is not in the format', () => {
  const alice = { action: 'createGroup', actor: 'alice' }
  const keyPackage = { action: 'createKeyPackage', actor: 'bob' }
  const extension = (type: unknown, data: unknown) => ({
    action: 'groupContextExtensionsProposal',
    actor: 'alice',
    extensions: [{ extension_type: type, extension_data: data }],
  })
  const reinit = { action: 'reinit', committer: 'alice', welcomer: 'alice' }
  const rows: readonly (readonly [string, readonly unknown[], string])[] = [
    ['an unknown action', [{ action: 'toString', actor: 'alice' }], 's[0]: does not know the action toString'],
    ['a step without action', [{ actor: 'alice' }], 's[0]: lacks action'],
    ['a step without actor', [{ action: 'createGroup' }], 's[0]: lacks actor'],
    ['a nameless actor', [{ action: 'createGroup', actor: '' }], 's[0]: actor must not be empty'],
    ['an unknown field', [{ ...alice, member: ['bob'] }], 's[0]: does not know the field member'],
    ['a field of another action', [{ ...alice, keyPackage: 0 }], 's[0]: does not know the field keyPackage'],
    ['a field in two spellings', [{ ...alice, members: [], Members: [] }], 's[0]: has Members twice'],
    ['a member twice', [{ ...alice, members: ['bob', 'bob'] }], 's[0]: members has a name twice'],
    ['members that are no list', [{ ...alice, members: 'bob' }], 's[0]: members must be a list'],
    ['a flag as text', [{ action: 'commit', actor: 'a', force_path: 'yes' }], 's[0]: forcePath must be true or false'],
    ['a step that is no object', [['createGroup']], 's[0]: is not an object'],
    [
      'a reference to the step itself',
      [alice, { action: 'addProposal', actor: 'alice', keyPackage: 1 }],
      's[1]: keyPackage must be the position of an earlier step',
    ],
    [
      'a reference to a step that makes something else',
      [alice, { action: 'addProposal', actor: 'alice', keyPackage: 0 }],
      's[1]: keyPackage refers to step 0, which makes no keyPackage',
    ],
    [
      'a proposal referred to twice',
      [
        { action: 'updateProposal', actor: 'a' },
        { action: 'commit', actor: 'b', byReference: [0, 0] },
      ],
      's[1]: byReference has a step twice',
    ],
    [
      'the Welcome of an external commit',
      [alice, { action: 'externalJoin', actor: 'alice', joiner: 'b' }, { action: 'joinGroup', actor: 'c', welcome: 1 }],
      's[2]: welcome refers to step 1, which makes no welcome',
    ],
    [
      'a ReInit by value in a commit',
      [{ action: 'commit', actor: 'a', byValue: [{ proposalType: 'reinit' }] }],
      's[0].byValue[0]: a ReInit is committed by the action reinit',
    ],
    [
      'an unknown proposal type',
      [{ action: 'commit', actor: 'a', byValue: [{ proposalType: 'update' }] }],
      's[0].byValue[0]: does not know the proposal type update',
    ],
    [
      'an unknown field of a proposal',
      [keyPackage, { action: 'commit', actor: 'a', byValue: [{ proposalType: 'add', keyPackage: 0, removed: 'b' }] }],
      's[1].byValue[0]: does not know the field removed',
    ],
    ['a negative epoch', [{ action: 'resumptionPSKProposal', actor: 'a', epochID: -1 }], 's[0]: epochID must be'],
    ['an epoch that is rounded', [{ action: 'resumptionPSKProposal', actor: 'a', epochID: 2 ** 53 }], 's[0]: epochID'],
    ['an extension type that is no uint16', [extension(65536, '')], 's[0].extensions[0]: extensionType must be'],
    ['extension data that is not base64', [extension(3, 'A')], 's[0].extensions[0]: extensionData must be base64'],
    ['a reinit of nobody’s proposal', [reinit], 's[0]: lacks externalReinitProposal'],
    [
      'a reinit of two proposals',
      [{ ...reinit, proposer: 'alice', externalReinitProposal: 0 }],
      's[0]: does not know the field externalReinitProposal',
    ],
    [
      'changes that the external proposal has made already',
      [
        { action: 'externalSignerProposal', actor: 'ds', member: 'a', description: { proposalType: 'reinit' } },
        { ...reinit, externalReinitProposal: 0, changeGroupID: true },
      ],
      's[1]: does not know the field changeGroupID',
    ],
    [
      'an external ReInit committed like any proposal',
      [
        { action: 'externalSignerProposal', actor: 'ds', member: 'a', description: { proposalType: 'reinit' } },
        { action: 'commit', actor: 'a', byReference: [0] },
      ],
      's[1]: byReference refers to step 0, which makes no proposal',
    ],
    ['a script without steps', [], 's: must be a list of steps'],
  ]
  it.each(rows)('is refused: %s', (_, steps, message) => {
    const parse = () => parseScripts(JSON.stringify({ scripts: { s: steps } }), 'c.json')
    expect(parse).toThrow(ScriptError)
    expect(parse).toThrow(`c.json ${message}`)
  })

  it.each([
    ['text that is not JSON', '{', 'c.json: is not JSON'],
    ['a file without scripts', '{"scripts":{}}', 'c.json: has no scripts'],
    ['a file with something else', '{"scripts":{"s":[{"action":"createGroup","actor":"a"}]},"mode":"random"}', 'mode'],
    ['scripts that are a list', '{"scripts":[]}', 'c.json: scripts must be an object'],
  ])('is refused: %s', (_, json, message) => {
    expect(() => parseScripts(json, 'c.json')).toThrow(message)
  })

  it('is refused: a folder without configurations', async () => {
    await expect(loadScripts(fileURLToPath(new URL('./steps', import.meta.url)))).rejects.toThrow('has no *.json')
  })
})

const folder = configsFolder()

describe.runIf(folder !== undefined)('the eight configurations of the working group', () => {
  it('are loaded whole', async () => {
    const scripts = await loadScripts(folder ?? '')
    const configs = [...new Set(scripts.map(({ config }) => config))]
    expect(configs).toHaveLength(8)
    const loaded = scripts.map(({ config, name, steps }) => [config, name, steps.map(({ action }) => action)])
    const raw = configs.flatMap((config) => {
      const json = JSON.parse(readFileSync(`${folder}/${config}`, 'utf8')) as {
        scripts: Record<string, { action: string }[]>
      }
      return Object.entries(json.scripts).map(([name, steps]) => [config, name, steps.map(({ action }) => action)])
    })
    expect(loaded).toHaveLength(40)
    expect(loaded).toEqual(raw)
  })

  it('keep the flags that are spelled in three ways', async () => {
    const scripts = await loadScripts(folder ?? '')
    const last = (config: string, name: string): Step | undefined =>
      scripts.find((script) => script.config === config && script.name === name)?.steps.at(-1)
    expect(last('branch.json', 'external_tree')).toMatchObject({ externalTree: true })
    expect(last('branch.json', 'force_path')).toMatchObject({ forcePath: true })
    expect(last('welcome_join.json', 'with_external_tree')).toMatchObject({ externalTree: true })
    expect(last('welcome_join.json', 'with_path_secret')).toMatchObject({ forcePath: true })
    expect(last('reinit.json', 'change_ciphersuite')).toMatchObject({ source: { changeCipherSuite: true } })
  })
})

function one(...steps: readonly unknown[]): Script {
  const [script] = parseScripts(JSON.stringify({ scripts: { s: steps } }), 'c.json')
  if (script === undefined) throw new Error('no script')
  return script
}
