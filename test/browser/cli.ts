// `npm run test:browser`: runs the vectors, the conformance suite of providers and the life of a group in headless Chromium,
// and a group where there is no `crypto.subtle`. Prints a line for each, and ends with `N passed, N failed, N skipped`.
import { existsSync } from 'node:fs'
import { Command, Option } from 'commander'
import { type Browser, chromium, type Page } from 'playwright-core'
import { defaultFolders, findVectors } from '../conformance/vector-files.ts'
import type { BrowserProviderName, PageOutcome, PageTests } from './page-program.ts'
import { type PageServer, servePage } from './page-server.ts'

const PROVIDERS: readonly BrowserProviderName[] = ['noble', 'webcrypto']
const SHOWN_FAILURES = 5
/** Resolves to the loopback interface in this browser. By this name a page is no secure context, and has no subtle. */
const INSECURE_HOST = 'coterie.test'
const CHROMIUM_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const total = { passed: 0, failed: 0, skipped: 0 }

await new Command('npm run test:browser --')
  .description('runs in headless Chromium what the other tests run in Node.js')
  .argument('[folders...]', 'folders to search for *.json, or files (default: all vectors that are on this machine)')
  .addOption(new Option('--provider <name>', 'the crypto provider (default: both)').choices(PROVIDERS))
  .action(run)
  .parseAsync()

async function run(folders: readonly string[], options: { readonly provider?: BrowserProviderName }): Promise<void> {
  try {
    const found = await findVectors(folders.length > 0 ? folders : defaultFolders())
    await using server = await servePage(found.flatMap(({ files }) => files.map(({ path }) => path)))
    const browser = await launch()
    console.log(`Chromium ${browser.version()}`)
    try {
      const names = options.provider === undefined ? PROVIDERS : [options.provider]
      await Promise.all(names.map((name) => runProvider(browser, server, name, found)))
      await runWithoutSubtle(browser, server)
    } finally {
      await browser.close()
    }
  } catch (error) {
    fail('the run', error instanceof Error ? error.message : String(error))
  }
  if (total.passed === 0 || total.failed > 0) process.exitCode = 1
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
}

/** Everything that there is, on a page with `crypto.subtle`. */
async function runProvider(
  browser: Browser,
  server: PageServer,
  name: BrowserProviderName,
  folders: Awaited<ReturnType<typeof findVectors>>,
): Promise<void> {
  const page = await openPage(browser, `http://127.0.0.1:${server.port}/`)
  const { hasSubtle, implementers } = await call(page, 'describe', name)
  console.log(`${name}: suites by ${implementers.join(', ')}`)
  // Without this, noble would be tested twice.
  if (name === 'webcrypto' && !(hasSubtle && implementers.includes('webcrypto'))) {
    fail(name, 'no suite uses crypto.subtle')
  }
  count('provider', name, await call(page, 'runProviderConformance', name))
  count('groups', name, await call(page, 'runGroups', name))
  for (const { files } of folders) {
    for (const file of files) {
      const related = files.filter((other) => other !== file).map(({ path }) => server.urlOf(path))
      count(file.name, name, await call(page, 'runVectors', name, server.urlOf(file.path), related))
    }
  }
  await page.close()
}

/** A page that is no secure context, as one from a device in the local network: browsers give it no `crypto.subtle`. */
async function runWithoutSubtle(browser: Browser, server: PageServer): Promise<void> {
  const page = await openPage(browser, `http://${INSECURE_HOST}:${server.port}/`)
  const { isSecure, hasSubtle } = await call(page, 'describe', 'noble')
  if (isSecure || hasSubtle) fail('insecure page', 'it has crypto.subtle, so that nothing is shown by what runs there')
  for (const name of PROVIDERS) {
    const { implementers } = await call(page, 'describe', name)
    if (implementers.some((implementer) => implementer !== 'noble')) fail('insecure page', `${name} is not noble there`)
    count('insecure page: provider', name, await call(page, 'runProviderConformance', name))
    count('insecure page: groups', name, await call(page, 'runGroups', name))
  }
  await page.close()
}

async function launch(): Promise<Browser> {
  const named = process.env.COTERIE_CHROMIUM
  const executablePath = named ?? CHROMIUM_PATHS.find((path) => existsSync(path))
  if (executablePath === undefined) {
    throw new Error('there is no Chromium: install one, or name its program in COTERIE_CHROMIUM')
  }
  return chromium.launch({
    executablePath,
    args: [
      // Containers seldom let it have a sandbox, and it sees nothing but this repository's own page.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`,
    ],
  })
}

async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage()
  page.on('pageerror', (error) => fail(url, error.message))
  await page.goto(url)
  await page.waitForFunction('globalThis.tests !== undefined')
  return page
}

/** Calls a function of the page. */
async function call<M extends keyof PageTests>(
  page: Page,
  method: M,
  ...args: Parameters<PageTests[M]>
): Promise<Awaited<ReturnType<PageTests[M]>>> {
  return (await page.evaluate(`tests.${method}(...${JSON.stringify(args)})`)) as Awaited<ReturnType<PageTests[M]>>
}

function count(what: string, provider: BrowserProviderName, outcome: PageOutcome): void {
  const { module, passed, failures, skipped, skipReasons } = outcome
  const counts = `${passed} passed, ${failures.length} failed, ${skipped} skipped`
  console.log(`${what}  ${provider}  ${module}  ${counts}`)
  for (const [reason, times] of skipReasons) console.log(`    skipped ${times}: ${reason}`)
  for (const failure of failures.slice(0, SHOWN_FAILURES)) console.log(`    failed: ${failure}`)
  if (failures.length > SHOWN_FAILURES) console.log(`    … and ${failures.length - SHOWN_FAILURES} more`)
  total.passed += passed
  total.failed += failures.length
  total.skipped += skipped
}

function fail(what: string, message: string): void {
  console.log(`${what}\n    failed: ${message}`)
  total.failed++
}
