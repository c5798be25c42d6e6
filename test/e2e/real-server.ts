// Starts the built program as people do: `telltale serve` in a process of its own, and the URL that it prints.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { openScreen } from './browser.ts'
import { build } from '../../server/build.mjs'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
export const NOT_BUILT = 'dist/ is not built: run `npm run build` first. Tests of the built program are left out.'
const PATIENCE_MS = 60_000
const STOP_MS = 10_000
export const PASSWORD = 'correct horse battery'

export interface RealServer {
  /** As it was printed: with the token of the first visit while nobody has claimed the box. */
  url: string
  /** Without token and path. */
  origin: string
  port: number
  stateFolder: string
  /** Ends the program and leaves its state folder for another start. */
  pause(): Promise<void>
  stop(): Promise<void>
}

export function isBuilt(): boolean {
  return existsSync(CLI)
}

/**
 * Starts the built program, built again where a source changed. Without `stateFolder` it gets one that is removed at
 * the end.
 */
export async function startRealServer(
  options: { stateFolder?: string; port?: number; args?: string[] } = {},
): Promise<RealServer> {
  await build()
  const stateFolder = options.stateFolder ?? mkdtempSync(join(tmpdir(), 'telltale-e2e-'))
  const child = spawn(
    process.execPath,
    [CLI, 'serve', '--port', String(options.port ?? 0), '--state', stateFolder, ...(options.args ?? [])],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const url = await printedUrl(child)
  return {
    url,
    origin: new URL(url).origin,
    port: Number(new URL(url).port),
    stateFolder,
    pause: () => ended(child),
    stop: async () => {
      await ended(child)
      if (options.stateFolder === undefined) rmSync(stateFolder, { recursive: true, force: true })
    },
  }
}

function printedUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const tooLong = setTimeout(() => reject(new Error(`No URL was printed: ${said}`)), PATIENCE_MS)
    const onOutput = (chunk: Buffer): void => {
      said += chunk.toString()
      const url = /http:\/\/localhost:\d+\/\S*/.exec(said)?.[0]
      if (url === undefined) return
      clearTimeout(tooLong)
      resolve(url)
    }
    child.stdout?.on('data', onOutput)
    child.stderr?.on('data', onOutput)
    child.once('exit', (code) => {
      clearTimeout(tooLong)
      reject(new Error(`The program ended with ${code}: ${said}`))
    })
  })
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const patience = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    child.once('exit', () => {
      clearTimeout(patience)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

/** Runs a command of the built program and answers what it printed. */
export async function runCli(args: string[]): Promise<string> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const pieces: Buffer[] = []
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`telltale ${args.join(' ')} ended with ${code}`)
  return Buffer.concat(pieces).toString()
}

/** Sets the first password through the printed URL, as the owner does. */
export async function claim(page: Page, url: string, password = PASSWORD): Promise<void> {
  await page.goto(url)
  const fields = page.locator('input[type="password"]')
  await fields.first().waitFor()
  for (const field of await fields.all()) await field.fill(password)
  await fields.last().press('Enter')
  await page.locator('#main').waitFor()
}

/** Puts a recording in through the page's file chooser and plays it as fast as it goes; answers its id. */
export async function replayThroughPage(
  page: Page,
  origin: string,
  file: string | { name: string; mimeType: string; buffer: Buffer },
): Promise<string> {
  await openScreen(page, `${origin}/`, '#/replay')
  const before = await page.locator('article').count()
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.locator('button', { hasText: 'Choose a file' }).click(),
  ])
  await chooser.setFiles(file)
  await page.locator('article').nth(before).waitFor()
  const player = page.locator('article').first()
  await player.getByRole('button', { name: 'Max' }).click()
  await player.getByRole('button', { name: 'Play', exact: true }).click()
  await player.getByText('At the end').waitFor()
  const home = await player.getByRole('link', { name: 'Home of this recording' }).getAttribute('href')
  const id = /#\/replay\/([^/?]+)/.exec(home ?? '')?.[1]
  if (id === undefined) throw new Error(`The recording has no address: ${home}`)
  return id
}
