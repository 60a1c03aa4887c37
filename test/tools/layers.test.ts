// The import rule is enforced: forbidden imports planted in a copy of the project are reported, and an empty run fails.
import { describe, expect, test } from 'vitest'
import { scratchProject } from './scratch-project.ts'

const checker = 'test/tools/check-layers.ts'

const target = (room: string): string => (room.includes('.') ? room : `${room}/planted.ts`)
const upwards = (from: string, to: string): [path: string, text: string] => {
  const climb = '../'.repeat(from.split('/').length)
  return [
    `src/${from}/planted-${to.replace(/\W/g, '-')}.ts`,
    `import { planted } from '${climb}${target(to)}'\nexport const copy: number = planted\n`,
  ]
}
const outwards = (from: string, name: string): [path: string, text: string] => [
  `src/${from}/planted-${name.replace(/\W/g, '-')}.ts`,
  `import * as planted from '${name}'\nexport const copy: unknown = planted\n`,
]

const rooms = ['codec', 'crypto', 'crypto/providers/noble', 'messages', 'tree', 'schedule', 'framing', 'group', 'x509']
const laterRooms = ['session', 'client', 'transport', 'storage', 'testing']
const targets = Object.fromEntries(
  [...rooms, ...laterRooms].map((room) => [`src/${room}/planted.ts`, 'export const planted: number = 1\n']),
)

const forbidden = [
  upwards('codec', 'crypto'),
  upwards('crypto', 'messages'),
  upwards('crypto', 'crypto/providers/noble'),
  upwards('crypto/providers/noble', 'group'),
  upwards('messages', 'tree'),
  upwards('tree', 'schedule'),
  upwards('schedule', 'tree'),
  upwards('framing', 'tree'),
  upwards('framing', 'group'),
  upwards('group', 'crypto/providers/noble'),
  upwards('group', 'x509'),
  upwards('group', 'testing'),
  upwards('session', 'transport'),
  upwards('session', 'storage'),
  upwards('session', 'client'),
  upwards('transport', 'group'),
  upwards('storage', 'messages'),
  outwards('group', 'node:fs'),
  outwards('crypto/providers/noble', 'node:crypto'),
  outwards('crypto/providers/webcrypto', 'node:crypto'),
  outwards('schedule', '@noble/hashes/sha2.js'),
  outwards('group', '@peculiar/x509'),
  outwards('tree', 'typescript'),
  outwards('messages', 'no-such-package'),
]

const permitted = [
  upwards('crypto', 'codec'),
  upwards('crypto/providers/node', 'crypto'),
  upwards('tree', 'messages'),
  upwards('schedule', 'messages'),
  upwards('framing', 'schedule'),
  upwards('group', 'tree'),
  upwards('group', 'framing'),
  upwards('x509', 'group'),
  upwards('client', 'session'),
  upwards('testing', 'group'),
  outwards('crypto/providers/node', 'node:crypto'),
  outwards('crypto/providers/noble', '@noble/curves/ed25519.js'),
  outwards('x509', '@peculiar/x509'),
]

describe('check:layers', () => {
  test('reports every forbidden import and no permitted one', async () => {
    await using project = await scratchProject()
    await project.plant({ ...targets, ...Object.fromEntries([...forbidden, ...permitted]) })
    const { code, output } = await project.run(checker)
    const reported = (path: string): boolean => output.includes(`${path} → `)
    expect(forbidden.map(([path]) => path).filter((path) => !reported(path))).toEqual([])
    expect(permitted.map(([path]) => path).filter(reported)).toEqual([])
    expect(code).toBe(1)
  })

  test('reports a cycle inside one room', async () => {
    await using project = await scratchProject({ withSource: false })
    await project.plant({
      'src/tree/planted-a.ts': "import { b } from './planted-b.ts'\nexport const a = (): number => b()\n",
      'src/tree/planted-b.ts': "import { a } from './planted-a.ts'\nexport const b = (): number => a()\n",
    })
    const { code, output } = await project.run(checker)
    expect(output).toContain('(no-circular)')
    expect(code).toBe(1)
  })

  test('passes a tree without forbidden imports', async () => {
    await using project = await scratchProject({ withSource: false })
    await project.plant({ ...targets, ...Object.fromEntries(permitted) })
    expect(await project.run(checker)).toMatchObject({ code: 0 })
  })

  test('fails when no module was read', async () => {
    await using project = await scratchProject({ withSource: false })
    await project.plant({ 'src/README.md': 'nothing to import\n', 'docs/planted.ts': 'export {}\n' })
    const { code, output } = await project.run(checker)
    expect(output).toContain('no module of src was read')
    expect(code).toBe(1)
  })
})
