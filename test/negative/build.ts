// Makes the files of the negative suite from its chapters. Deterministic: the same chapters make the same bytes.
import type { NegativeCase, NegativeFile, Start } from './case-format.ts'
import type { CaseSpec, Chapter, Scene } from './cases/scene.ts'
import { seeded } from './cases/suites.ts'
import { reseeded, startOf } from './cast.ts'

export async function buildFile(chapter: Chapter): Promise<NegativeFile> {
  const scenes = await chapter.scenes()
  const starts: Record<string, Start> = {}
  for (const [name, { cast, receiver, start }] of Object.entries(scenes)) starts[name] = startOf(cast, receiver, start)
  const cases: NegativeCase[] = []
  for (const spec of chapter.cases) cases.push(await buildCase(chapter, spec, scenes))
  return { description: chapter.description, starts, cases }
}

async function buildCase(
  chapter: Chapter,
  spec: CaseSpec,
  scenes: Readonly<Record<string, Scene>>,
): Promise<NegativeCase> {
  const scene = scenes[spec.start]
  if (scene === undefined) throw new Error(`${spec.name} begins nowhere`)
  const make = async (broken: boolean) => {
    const seed = `${chapter.file} ${spec.name}`
    return spec.make(reseeded(scene.cast, seeded(scene.cast.suite.id, seed)), broken)
  }
  try {
    const { outcome: _, ...bad } = await make(true)
    const { outcome, ...control } = await make(false)
    if (outcome === undefined) throw new Error('the control has no outcome')
    const { name, about, rows, traps = [], sections, start, witness, code } = spec
    const optional = witness === undefined ? {} : { witness }
    return { name, about, rows, traps, sections, start, ...optional, bad, code, control: { ...control, outcome } }
  } catch (cause) {
    throw new Error(`${chapter.file}: ${spec.name} cannot be made`, { cause })
  }
}

/** As the file is written. */
export function fileText(file: NegativeFile): string {
  return `${JSON.stringify(file, undefined, 1)}\n`
}
