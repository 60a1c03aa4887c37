// Serves the test page, its program and the vectors on the loopback interface, and nothing else.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export interface PageServer extends AsyncDisposable {
  readonly port: number
  /** Where a file is to be had, relative to the page. */
  urlOf(path: string): string
}

/** @param paths - the files that may be fetched */
export async function servePage(paths: readonly string[]): Promise<PageServer> {
  const program = await bundlePage()
  const served = new Map(paths.map((path, index) => [`/file/${index}.json`, path]))
  const urls = new Map([...served].map(([url, path]) => [path, url]))

  const server = createServer(async (request, response) => {
    const path = served.get(request.url ?? '')
    if (request.url === '/') response.setHeader('content-type', 'text/html').end(PAGE)
    else if (request.url === '/program.js') response.setHeader('content-type', 'text/javascript').end(program)
    else if (path !== undefined) response.setHeader('content-type', 'application/json').end(await readFile(path))
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    urlOf(path) {
      const url = urls.get(path)
      if (url === undefined) throw new Error(`${path} is not served`)
      return url
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const PAGE =
  '<!doctype html><meta charset="utf-8"><title>coterie</title><script type="module" src="/program.js"></script>'

async function bundlePage(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page-program.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    // What is not for every runtime does not resolve.
    platform: 'neutral',
    write: false,
  })
  const [output] = outputFiles
  if (output === undefined) throw new Error('the page has no program')
  return output.contents
}
