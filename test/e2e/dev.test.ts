// `npm run dev` in a real browser: log-in through the development server, hot reload, and restarts of the service.
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../support/imports.ts'
import { chromiumPath, logIn, NO_CHROMIUM, openContext, startBrowser, watchedPage } from './browser.ts'
import { claim, isBuilt, NOT_BUILT, PASSWORD } from './real-server.ts'

const here = chromiumPath() !== null && isBuilt()
if (!here) console.log(isBuilt() ? NO_CHROMIUM : NOT_BUILT)

const START_MS = 120_000
const COMPONENT = 'ui/screens/Home.svelte'

/** A copy of the repository, whose sources may be changed. The packages stay where they are; Vite's cache does not. */
function copyRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), 'telltale-dev-'))
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.json', 'vite.config.ts'])
    cpSync(join(root, name), join(copy, name))
  for (const name of ['capture', 'dist', 'rules', 'server', 'ui'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  mkdirSync(join(copy, 'node_modules'))
  for (const name of readdirSync(join(root, 'node_modules')).filter((name) => !name.startsWith('.')))
    symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name))
  return copy
}

function whenSaid(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const tooLong = setTimeout(() => reject(new Error(`Not said: ${pattern}, but ${said}`)), START_MS)
    const onOutput = (chunk: Buffer): void => {
      said += chunk.toString()
      const found = pattern.exec(said)
      if (found === null) return
      clearTimeout(tooLong)
      resolve(found[0])
    }
    child.stdout?.on('data', onOutput)
    child.stderr?.on('data', onOutput)
    child.once('exit', (code) => reject(new Error(`It ended with ${code}: ${said}`)))
  })
}

describe.skipIf(!here)('the development server', () => {
  let copy: string
  let child: ChildProcess
  let url: string
  let browser: Browser
  let page: Page

  const change = (file: string, before: string, after: string): void => {
    const text = readFileSync(join(copy, file), 'utf8')
    expect(text).toContain(before)
    writeFileSync(join(copy, file), text.replaceAll(before, after))
  }

  beforeAll(async () => {
    copy = copyRepository()
    child = spawn(process.execPath, ['server/dev.mjs', '--page-port', '0', '--state', join(copy, 'state')], {
      cwd: copy,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    url = await whenSaid(child, /http:\/\/localhost:\d+\/\?token=\S+/)
    browser = await startBrowser()
    page = (await watchedPage(await openContext(browser, { width: 1440, height: 900, theme: 'light' }), url)).page
  }, 2 * START_MS)
  afterAll(async () => {
    await browser?.close()
    if (child?.exitCode === null) await new Promise((done) => child.once('exit', done) && child.kill('SIGTERM'))
    if (copy !== undefined) rmSync(copy, { recursive: true, force: true })
  })

  test('prints the address where the first password is set, and a log-in goes through', async () => {
    await claim(page, url)
    const other = await browser.newContext()
    const again = await other.newPage()
    await logIn(again, new URL('/', url).href, PASSWORD)
    await other.close()
  })

  test('a change of a component is on the logged-in page within 2 s, without loading it again', async () => {
    await page.goto(new URL('/', url).href)
    await page.locator('[role="slider"]').first().waitFor()
    await page.evaluate(() => document.body.setAttribute('data-same-page', ''))
    const times: number[] = []
    // Other programs may hold up some rounds, not all.
    for (const round of ['first', 'second', 'third', 'fourth', 'fifth']) {
      const started = performance.now()
      writeFileSync(
        join(copy, COMPONENT),
        `${readFileSync(join(root, COMPONENT), 'utf8')}\n<p data-round="${round}">Changed.</p>\n`,
      )
      await page.locator(`[data-round="${round}"]`).waitFor()
      times.push(Math.round(performance.now() - started))
    }
    console.log(`a change of a component was on the page after ${times.join(', ')} ms`)
    expect(await page.locator('body[data-same-page]').count()).toBe(1)
    expect(Math.min(...times)).toBeLessThan(2000)
  })

  test('a change of the server restarts it, and the page stays logged in', async () => {
    const restarted = whenSaid(child, /The service was restarted/)
    change('server/http/routes/page.ts', 'There is nothing at this address.', 'There is nothing here any more.')
    await restarted
    const answer = await page.evaluate(async () => {
      const [nowhere, session] = await Promise.all([fetch('/api/nowhere'), fetch('/api/session')])
      return { text: await nowhere.text(), role: ((await session.json()) as { role: string }).role }
    })
    expect(answer.text).toContain('There is nothing here any more.')
    expect(answer.role).toBe('admin')
  })

  test('the page of another site gets nothing through it', async () => {
    const headers = { 'content-type': 'application/json', origin: 'http://other.example' }
    const body = JSON.stringify({ password: PASSWORD })
    const answer = await fetch(new URL('/api/login', url), { method: 'POST', headers, body })
    expect(answer.status).toBe(403)
  })
})
