// The subpaths that the package exports, read from the one place that lists them: `exports` in package.json.
import { readFileSync } from 'node:fs'

/** One exported subpath: `coterie/crypto/noble` is built from `src/crypto-noble.ts` to `dist/crypto-noble.js`. */
export interface PackageEntry {
  readonly subpath: string
  readonly name: string
  readonly source: string
  readonly types: string
}

/** Lists every exported subpath that is code, in the order of package.json. */
export function packageEntries(): PackageEntry[] {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const { exports: subpaths } = manifest as { exports: Record<string, string | { types: string; default: string }> }
  return Object.entries(subpaths).flatMap(([subpath, target]) => {
    if (typeof target === 'string') return []
    const name = target.default.replace(/^\.\/dist\/(.+)\.js$/, '$1')
    return [{ subpath, name, source: `src/${name}.ts`, types: target.types }]
  })
}
