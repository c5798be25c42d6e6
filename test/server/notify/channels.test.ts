// Every file of the channels' folder is in the index, and every channel of the index keeps what its definition says.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, test } from 'vitest'
import { defaults } from '../../../server/settings/settings.ts'
import { CHANNEL_NAMES, channelOf, DEVICE_CHANNELS, isSetUp } from '../../../server/notify/channels/index.ts'
import { noChannelState, readChannelState } from '../../../server/app/channel-state.ts'
import { openChannel } from './open-channel.ts'
import { settingsSchema } from '../../../server/settings/schema.ts'

const folder = fileURLToPath(new URL('../../../server/notify/channels/', import.meta.url))
const sections = settingsSchema()['properties'] as Record<string, { properties: Record<string, unknown> }>

/** Keys of the state file that are no channel's. */
const TAKEN = ['waiting', 'told']

test('every file or folder of server/notify/channels is a channel of the index', () => {
  const found = readdirSync(folder)
    .map((name) => name.replace(/\.ts$/, ''))
    .filter((name) => name !== 'index')
  const sentences = [
    ...found
      .filter((name) => !(CHANNEL_NAMES as string[]).includes(name))
      .map((name) => `server/notify/channels/${name} is not in server/notify/channels/index.ts: add it to ALL there.`),
    ...CHANNEL_NAMES.filter((name) => !found.includes(name)).map(
      (name) =>
        `Channel ${name} of the index has no file server/notify/channels/${name}.ts: a file has its channel's name.`,
    ),
  ]
  expect(sentences).toEqual([])
})

describe.each(CHANNEL_NAMES)('channel %s', (name) => {
  const definition = channelOf(name)
  const section = defaults()[name]

  it('has the name that it has in the index, and one that is free in settings and state', () => {
    expect(definition.name).toBe(name)
    expect(TAKEN).not.toContain(name)
    expect(Object.keys(sections).filter((one) => one === name)).toEqual([name])
  })

  it('has its section in the settings form, with a title and a help text for every field', () => {
    expect(sections[name]).toMatchObject({ title: definition.title, 'x-channel': name, 'x-needs': definition.needs })
    for (const field of Object.values(sections[name].properties))
      expect(field).toMatchObject({ title: expect.stringMatching(/\w/), description: expect.stringMatching(/\w/) })
  })

  it('is off by default, and on once the fields that it needs are filled in', () => {
    expect(definition.needs.length).toBeGreaterThan(0)
    expect(isSetUp(name, section)).toBe(false)
    const filled = Object.fromEntries(definition.needs.map((field) => [field, 'filled-in']))
    expect(isSetUp(name, { ...section, ...filled })).toBe(true)
  })

  it('begins its reasons with its label', () => {
    expect(openChannel(name, {}).name).toBe(definition.label)
  })

  it('shows devices where its definition says so, and has a place and a part of the state then', () => {
    const shows = openChannel(name, {}).devices !== undefined
    expect(definition.showsDevices).toBe(shows)
    expect(definition.place !== undefined).toBe(shows)
    expect(Object.hasOwn(noChannelState(), name)).toBe(shows)
  })
})

test('what a channel keeps of shown devices is read from where it always was in the file', () => {
  expect(DEVICE_CHANNELS).toEqual(['mqtt'])
  const mqtt = { identity: '0123456789abcdef'.repeat(2), devices: ['0123456789abcdef'], clearing: ['fedcba9876543210'] }
  expect(readChannelState({ waiting: {}, told: {}, mqtt })).toEqual({ waiting: {}, told: {}, mqtt })
})

test.each(['notice', 'notification'])('what waits is read, whether the file calls it %s', (key) => {
  const alert = { unit: 'bytes', seen: 1_495_296, from: 1_767_637_895, to: 1_767_637_910 }
  const notification = { id: 'alert-1-1767637895', alert, title: 'Telltale', text: 'A sentence' }
  const times = { since: 1, attempts: 2, next: 3 }
  const stored = { waiting: { webhook: [{ [key]: notification, ...times }, { [key]: { id: 7 }, ...times }, null] } }
  expect(readChannelState(stored).waiting).toEqual({ webhook: [{ notification, ...times }] })
})
