// "telltale sensor": keys are made, shown and exchanged, in files that only their user can read.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keyOfCode, readSensorKeys } from '../../../capture/sources/sensor-key.ts'
import { sensorCommand } from '../../../server/service-units/sensor-command.ts'

let folder = ''
let said: string[] = []
let complained: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-sensor-command-'))
  said = []
  complained = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** `answer`: what is pasted. */
function sensor(args: string[], answer = ''): Promise<number> {
  return sensorCommand(args, (named) => Promise.resolve(named ?? folder), {
    say: (line) => said.push(line),
    complain: (line) => complained.push(line),
    ask: () => Promise.resolve(answer),
  })
}

async function codeOf(name: string, word = 'code'): Promise<string> {
  expect(await sensor([word, '--key', join(folder, name)])).toBe(0)
  return said.at(-1) ?? ''
}

test('the pairing code stays the same until a new one is asked for, in a file that only its user can read', async () => {
  const code = await codeOf('there/key')
  expect(keyOfCode(code)).toHaveLength(32)
  expect(await codeOf('there/key')).toBe(code)
  expect(statSync(join(folder, 'there/key')).mode & 0o777).toBe(0o600)
  const other = await codeOf('there/key', 'new-code')
  expect(other).not.toBe(code)
  expect(await codeOf('there/key')).toBe(other)
  expect(readFileSync(join(folder, 'there/key'), 'utf8')).not.toContain(code)
})

test('a code is taken for one sensor, replaced by a newer one, and deleted', async () => {
  const [one, other] = [await codeOf('one'), await codeOf('other')]
  const state = join(folder, 'state')
  expect(await sensor(['pair', '192.168.1.7:7443', '--state', state], one)).toBe(0)
  expect(await sensor(['pair', '[fd00::7]:7443', '--state', state], other)).toBe(0)
  expect(await sensor(['pair', '192.168.1.7:7443', '--state', state], ` ${other.toUpperCase()} `)).toBe(0)
  expect(readSensorKeys(state)).toEqual(
    new Map([
      ['192.168.1.7:7443', keyOfCode(other)],
      ['[fd00::7]:7443', keyOfCode(other)],
    ]),
  )
  expect(statSync(join(state, 'sensor-keys.json')).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(state, 'sensor-keys.json'), 'utf8')).not.toContain(one)
  expect(existsSync(join(state, 'sensor-keys.json.bak'))).toBe(false)
  expect(said.slice(2).join()).not.toContain(other)
  expect(await sensor(['unpair', '192.168.1.7:7443', '--state', state])).toBe(0)
  expect([...readSensorKeys(state).keys()]).toEqual(['[fd00::7]:7443'])
  expect(await sensor(['unpair', '192.168.1.7:7443', '--state', state])).toBe(2)
})

test('a mistyped code changes nothing', async () => {
  const code = await codeOf('key')
  expect(await sensor(['pair', '192.168.1.7:7443'], code)).toBe(0)
  expect(await sensor(['pair', '192.168.1.7:7443'], code.slice(0, -2))).toBe(2)
  expect(complained).toEqual(['this is no pairing code, or one that was mistyped: nothing was changed'])
  expect(readSensorKeys(folder).get('192.168.1.7:7443')).toEqual(keyOfCode(code))
})

test('a damaged key is none', async () => {
  writeFileSync(join(folder, 'key'), 'abc')
  expect(await sensor(['code', '--key', join(folder, 'key')])).toBe(2)
  expect(complained[0]).toContain('holds no key of a sensor')
})

test.each([
  [['pair'], /such as 192\.168\.1\.7:7443/],
  [['pair', 'pi.local:7443'], /such as 192\.168\.1\.7:7443/],
  [[], /name an interface/],
  [['--interface', 'x;y', '--listen', '127.0.0.1:1'], /name an interface/],
  [['--interface', 'nflog:5', '--listen', '127.0.0.1:1'], /name an interface/],
  [['--interface', 'lo', '--listen', '7443'], /--listen 7443/],
  [['--interface', 'lo', '--listen', '192.168.1.7:7443'], /name the machine that may have the packets/],
  [['--interface', 'lo', '--listen', '192.168.1.7:7443', '--for', 'home.lan'], /--for home\.lan/],
  [['--interface', 'lo', '--listen', '127.0.0.1:7443', '--limit', '0'], /--limit 0/],
  [['--interface', 'lo', '--listen', '192.0.2.99:7443', '--for', '192.0.2.1'], /does not have the address/],
])('%j is refused with a sentence', async (args, sentence) => {
  expect(await sensor([...args, ...(args[0] === '--interface' ? ['--key', join(folder, 'key')] : [])])).toBe(2)
  expect(complained.join()).toMatch(sentence)
})
