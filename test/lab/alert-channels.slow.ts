// What a camera of the lab uploads to an address without a name is told on every channel, and in full once it is over.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Finding } from './findings.ts'
import { whatIsMissing } from './programs.ts'

const built = existsSync(new URL('../../dist/cli.js', import.meta.url))
const why = whatIsMissing() ?? (built ? null : 'The lab runs the built program: npm run build')
if (why !== null) console.log(`skipped: ${why}`)

const script = fileURLToPath(new URL('alert-channels.ts', import.meta.url))

function findings(): Promise<Finding[]> {
  const args = ['--import', 'tsx', script, '--short', '--json']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  return new Promise((resolve, reject) => {
    child.once('close', () => {
      try {
        resolve(JSON.parse(output) as Finding[])
      } catch {
        reject(new Error(`The lab said: ${output}`))
      }
    })
  })
}

describe.skipIf(why !== null)('alerts in a home in a box', () => {
  test('are told on every channel within seconds, and at the end with the bytes that the router counted', async () => {
    const all = await findings()
    expect(all.filter(({ ok }) => ok === false)).toEqual([])
    // One open incident, and three uploads on three channels at least.
    expect(all.filter(({ ok }) => ok === true).length).toBeGreaterThanOrEqual(10)
  }, 400_000)
})
