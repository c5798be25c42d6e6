// The check of the rules notices what is wrong with a rule of events, and says what to change.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EVENT_KINDS } from '../../server/events/event.ts'
import { checkRules } from '../../server/rulebook/check.ts'
import { sentence } from '../../server/rulebook/command.ts'
import { readRules } from '../../server/rulebook/read.ts'

const RULES = fileURLToPath(new URL('../../rules', import.meta.url))

const GOOD = `title: Lamp report
rules:
  - kind: telemetry-upload
    confidence: 0.6
    reason: a lamp reports to its maker
    source: https://acme.example
    when:
      device: [bulb]
      sent: {from: 5000, to: 90000}
    examples:
      - {device: bulb, sent: 6000, received: 100, seconds: 1}
    never:
      - {device: bulb, sent: 600, received: 100, seconds: 1}
`

describe('the check of event rules', () => {
  let folder = ''

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'telltale-events-'))
    for (const name of readdirSync(RULES))
      if (!['companies', 'devices', 'events'].includes(name))
        cpSync(join(RULES, name), join(folder, name), { recursive: true })
    for (const name of ['companies', 'devices', 'events']) mkdirSync(join(folder, name))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const say = (text: string): string[] => {
    writeFileSync(join(folder, 'events', 'lamp.yaml'), text)
    return checkRules(folder).map(sentence)
  }

  it('finds nothing wrong with a good one', () => {
    expect(say(GOOD)).toEqual([])
  })

  it.each([
    [
      'a kind that is not in the list',
      'telemetry-upload',
      'telemetry-uplod',
      'rules/events/lamp.yaml, rules[0].kind: "telemetry-uplod" is not in the closed list of events: did you mean telemetry-upload? the closed list of events lists all',
    ],
    [
      'a kind of device nobody knows',
      'device: [bulb]',
      'device: [blub]',
      'rules/events/lamp.yaml, rules[0].when.device[0]: "blub" is not in rules/kinds.yaml',
    ],
    [
      'a company without a file',
      'device: [bulb]',
      'company: [acme]',
      'rules/events/lamp.yaml, rules[0].when.company[0]: there is no rules/companies/acme.yaml: add that file',
    ],
    [
      'a purpose nobody knows',
      'device: [bulb]',
      'purpose: [contrl]',
      'rules/events/lamp.yaml, rules[0].when.purpose[0]: "contrl" is not in rules/purposes.yaml: did you mean control?',
    ],
    [
      'bounds the wrong way round',
      '{from: 5000, to: 90000}',
      '{from: 90000, to: 5000}',
      'rules/events/lamp.yaml, rules[0].when.sent: from 90000 to 5000 fits nothing: exchange the two',
    ],
    [
      'a field nobody knows',
      'sent: {from',
      'snet: {from',
      'rules/events/lamp.yaml, rules[0].when.snet: is not a field of this kind of file: remove it, or use one of device,',
    ],
    [
      'too much certainty',
      'confidence: 0.6',
      'confidence: 1.5',
      'rules/events/lamp.yaml, rules[0].confidence: 1.5 should be between 0.05 and 0.99',
    ],
    [
      'an example that is too small',
      'sent: 6000',
      'sent: 4000',
      'rules/events/lamp.yaml, rules[0].examples[0]: is taken for nothing, not for telemetry-upload: mend the example, or what the rule asks for',
    ],
    [
      'a burst that never should be it',
      'sent: 600,',
      'sent: 7000,',
      'rules/events/lamp.yaml, rules[0].never[0]: is taken for telemetry-upload all the same: ask for more under when',
    ],
    [
      'no source',
      '    source: https://acme.example\n',
      '',
      'rules/events/lamp.yaml, rules[0].source: is missing: add it (Where this is known from',
    ],
  ])('says what to change about %s', (_what, from, to, message) => {
    expect(say(GOOD.replace(from, to))).toEqual([expect.stringContaining(message)])
  })

  it('names the surer rule that takes an example away', () => {
    const rival = GOOD.slice(GOOD.indexOf('  - kind'))
      .replace('telemetry-upload', 'backup')
      .replace('0.6', '0.9')
      .replace('sent: 600,', 'sent: 6,')
    expect(say(GOOD + rival)).toEqual([
      'rules/events/lamp.yaml, rules[0].examples[0]: is taken for backup, not for telemetry-upload: mend the example, or what the rule asks for, or its confidence',
    ])
  })
})

describe('the event rules of this repository', () => {
  it('have every kind but the heartbeat, which is learned', () => {
    const given = new Set([...readRules(RULES).events.values()].flatMap(({ rules }) => rules.map(({ kind }) => kind)))
    expect(EVENT_KINDS.filter((kind) => !given.has(kind))).toEqual(['heartbeat'])
  })

  it('give a reason for every threshold', () => {
    for (const name of readdirSync(join(RULES, 'events')))
      expect(readFileSync(join(RULES, 'events', name), 'utf8')).toMatch(/^# [A-Z].*\?$/m)
  })
})
