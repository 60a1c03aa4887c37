// The programs inside the documentation: the ```ts blocks of a page, in their order, are one module, and its comments of
// the form `// → text` say what it prints.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A page's code, each line where it stands in the page, so that a compiler's line numbers are the page's. */
export interface MarkdownProgram {
  /** Path of the page relative to the root. */
  readonly page: string
  readonly code: string
}

/** Collects the programs of README.md and of docs/, leaving out pages without ```ts blocks. */
export function markdownPrograms(root: string): MarkdownProgram[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  const pages = ['README.md', ...docs.map((path) => join('docs', path)).sort()].filter((path) => path.endsWith('.md'))
  return pages
    .map((page) => ({ page, code: programOf(readFileSync(join(root, page), 'utf8')) }))
    .filter(({ code }) => code.trim() !== '')
}

/** What a program says that it prints: all that follows `// → `, line by line. */
export function promisedOutput(code: string): string[] {
  return [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text = '']) => text.trim())
}

/** Blanks every line outside of ```ts blocks. */
export function programOf(markdown: string): string {
  let inside = false
  const lines = markdown.split('\n').map((line) => {
    const fence = /^```(\w*)/.exec(line)
    if (fence === null) return inside ? line : ''
    inside = !inside && fence[1] === 'ts'
    return ''
  })
  return lines.join('\n')
}
