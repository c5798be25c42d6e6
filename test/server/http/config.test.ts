// Settings name what is wrong with a value, and survive a damaged file.
import { describe, expect, test } from 'vitest'
import { defaults, readSettings, validate } from '../../../server/settings/settings.ts'
import { settingsSchema, SETTINGS_SCHEMA } from '../../../server/settings/schema.ts'

describe('settings', () => {
  test('every field has a title, a description and a default that is right', () => {
    for (const [section, schema] of Object.entries(SETTINGS_SCHEMA.properties)) {
      for (const [field, rule] of Object.entries(
        schema.properties as Record<string, { title?: string; description?: string; default?: unknown }>,
      )) {
        expect([section, field, typeof rule.title, typeof rule.description]).toEqual([
          section,
          field,
          'string',
          'string',
        ])
        expect(rule.default).toBeDefined()
      }
    }
    expect(validate(defaults())).toEqual(defaults())
    expect(defaults().storage).toEqual({
      saveEverySeconds: 300,
      minuteHours: 48,
      hourDays: 35,
      dayDays: 730,
      diskBudgetMegabytes: 500,
    })
    expect(JSON.parse(JSON.stringify(settingsSchema()))).toMatchObject({
      properties: { storage: { properties: { saveEverySeconds: { minimum: 60, default: 300 } } } },
    })
  })

  test.each([
    [
      { storage: { saveEverySeconds: 59 } },
      'storage.saveEverySeconds ("Save every (seconds)") must be a whole number from 60 to 3600; 59 arrived.',
    ],
    [
      { storage: { minuteHours: '48' } },
      'storage.minuteHours ("Keep minutes for (hours)") must be a whole number from 1 to 336; "48" arrived.',
    ],
    [
      { sources: { interfaces: ['eth 0'] } },
      'sources.interfaces ("Interfaces of this machine") must be names of network interfaces such as eth0; "eth 0" arrived.',
    ],
    [
      { sources: { routers: ['-oProxyCommand=x br-lan'] } },
      'sources.routers ("Routers over ssh") must be routers with their interface, written like "root@192.168.1.1 br-lan"; "-oProxyCommand=x br-lan" arrived.',
    ],
    [
      { privacy: { newDevices: 'cloud' } },
      'privacy.newDevices ("Keep of a new device") must be one of everything, companies, totals, paused; "cloud" arrived.',
    ],
    [
      { home: { timeZone: 'Mars/Base' } },
      'home.timeZone ("Time zone") must be an IANA time zone such as Europe/London, or empty; "Mars/Base" arrived.',
    ],
    [
      { home: { networks: ['192.168.1.0/24', '10.0.0.0/33'] } },
      'home.networks ("Home networks") must be address ranges such as 192.168.1.0/24; "10.0.0.0/33" arrived.',
    ],
    [
      { access: { extraHostNames: ['a b'] } },
      'access.extraHostNames ("Further names of this machine") must be host names such as telltale.example; "a b" arrived.',
    ],
    [
      { access: { extraHostNames: 'pi.lan' } },
      'access.extraHostNames ("Further names of this machine") must be a list of at most 16 texts; "pi.lan" arrived.',
    ],
    [{ storage: { colour: 1 } }, 'There is no field "colour" in section storage of the settings.'],
    [{ paint: {} }, 'There is no section "paint" in the settings.'],
    [JSON.parse('{"__proto__":{"x":1}}'), 'There is no section "__proto__" in the settings.'],
    [
      { storage: JSON.parse('{"__proto__":1}') as object },
      'There is no field "__proto__" in section storage of the settings.',
    ],
    [{ storage: 5 }, 'Section storage holds fields; something else arrived.'],
    [null, 'Settings are sections of fields; something else arrived.'],
  ])('%j is refused with a sentence that names the field', (given, message) => {
    expect(() => validate(given)).toThrow(message)
  })

  test('what is not mentioned stays as it is, and what is given is not changed', () => {
    const current = validate({ home: { timeZone: 'Asia/Kolkata', networks: ['fd00::/8'] } })
    const next = validate({ home: { learningDays: 3 } }, current)
    expect(next.home).toEqual({ timeZone: 'Asia/Kolkata', networks: ['fd00::/8'], learningDays: 3 })
    expect(current.home.learningDays).toBe(7)
  })

  test('a stored file with missing, wrong and unknown parts is used as far as it can be', () => {
    const { settings, problems } = readSettings({
      storage: { minuteHours: 24, hourDays: -1, old: true },
      home: 7,
      gone: {},
    })
    expect(settings).toEqual({ ...defaults(), storage: { ...defaults().storage, minuteHours: 24 } })
    expect(problems.length).toBe(4)
    for (const nothing of [null, undefined, 5, [], 'x']) expect(readSettings(nothing).settings).toEqual(defaults())
  })
})
