// A small home is reported correctly, live and with no file involved. The lab's smallest household, when there is a
// root to build it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Finding } from './findings.ts'
import { run } from './namespaces.ts'
import { whatIsMissing } from './programs.ts'

const built = existsSync(new URL('../../dist/cli.js', import.meta.url))
const why = whatIsMissing() ?? (built ? null : 'The lab runs the built program: npm run build')
if (why !== null) console.log(`skipped: ${why}`)

const script = fileURLToPath(new URL('run.ts', import.meta.url))

/** Runs the lab to its end and answers what it found. */
function findings(words: string[]): Promise<{ all: Finding[]; pid: number }> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  return new Promise((resolve, reject) => {
    child.once('close', () => {
      try {
        resolve({ all: JSON.parse(output) as Finding[], pid: child.pid as number })
      } catch {
        reject(new Error(`The lab said: ${output}`))
      }
    })
  })
}

describe.skipIf(why !== null)('a home in a box', () => {
  test('shows two devices by name, with their bytes, companies and purposes, and nothing leaves or stays behind', async () => {
    const { all, pid } = await findings(['--two', '--json'])
    expect(all.filter(({ ok }) => ok !== true)).toEqual([])
    // Two devices by name, their bytes, their companies, and what left.
    expect(all).toHaveLength(7)
    expect(run('ip', ['netns', 'list'])).not.toContain(`ttlab-${pid}-`)
  }, 150_000)
})
