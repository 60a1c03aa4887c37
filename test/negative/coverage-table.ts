// The tables of spec/vectors/negative/README.md: which cases and tests there are for each check and each trap.
import type { Chapter } from './cases/scene.ts'
import { CHECKS, OWN_TESTS, type OwnTest, TRAPS } from './checklist.ts'

export const TABLES_BEGIN = '<!-- Made by `npm run negative:generate` from here on. -->'

/** Both tables, in Markdown. */
export function coverageTables(chapters: readonly Chapter[]): string {
  const cases = chapters.flatMap(({ file, cases }) => cases.map((spec) => ({ ...spec, file })))
  const checks = Object.entries(CHECKS).map(([number, text]) => {
    const row = Number(number)
    const found = cases.filter(({ rows }) => rows.includes(row))
    return line(number, text, found, (own) => own.row === row)
  })
  const traps = Object.entries(TRAPS).map(([trap, text]) => {
    const found = cases.filter((spec) => spec.traps?.includes(trap))
    return line(`\`${trap}\``, text, found, (own) => own.trap === trap)
  })
  return [
    '## Checks',
    '',
    '| # | check | cases | tests of this library alone |',
    '|---|---|---|---|',
    ...checks,
    '',
    '## Traps',
    '',
    '| trap | what goes wrong | cases | tests of this library alone |',
    '|---|---|---|---|',
    ...traps,
    '',
  ].join('\n')
}

function line(
  first: string,
  text: string,
  cases: readonly { readonly file: string; readonly name: string }[],
  isOwn: (own: OwnTest) => boolean,
): string {
  const byFile = new Map<string, string[]>()
  for (const { file, name } of cases) byFile.set(file, [...(byFile.get(file) ?? []), name])
  const listed = [...byFile].map(([file, names]) => `**${file}**: ${names.map((name) => `\`${name}\``).join(', ')}`)
  const own = OWN_TESTS.filter(isOwn).map(({ title }) => title)
  return `| ${first} | ${text} | ${listed.join('; ')} | ${own.join('; ')} |`
}
