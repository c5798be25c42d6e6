// Persons and rooms: kept with decisions, shown on devices, undone, and gone with a forgotten device.
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer, Device, Person, PersonAdded, TrackedPerson, Undo } from '../../../server/api.ts'
import {
  type DecisionData,
  Decisions,
  noDecisions,
  readDecisions,
  salvagedDecisions,
} from '../../../server/app/decisions.ts'
import { listPeople, MAX_PEOPLE } from '../../../server/app/people.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { childrensDevices, personOf } from '../../../server/session/device-people.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import { arpFrom, CAMERA, PHONE, SERVER, tcpOut, tlsHello } from '../engine/lab.ts'

function open(data = noDecisions()): { decisions: Decisions; data: DecisionData } {
  return {
    data,
    decisions: new Decisions({ data, save: async () => {}, change: async (work) => work(data), purge: async () => 2 }),
  }
}
const alone = (id: string): string[] => [id]

describe('persons and rooms', () => {
  test('are made, renamed and removed, each taken back', async () => {
    const { decisions, data } = open()
    const { person, undo } = await decisions.addPerson({ name: ' Mia\u0000 ', role: 'child' })
    expect(listPeople(data)).toEqual([{ id: person.id, name: 'Mia', role: 'child' }])
    await decisions.change('a', { person: person.id })
    const renamed = await decisions.changePerson(person.id, { name: 'Mira', role: 'adult' })
    expect(personOf(data, 'a', [])).toEqual({ id: person.id, name: 'Mira', role: 'adult' })
    await decisions.undo(renamed)
    const removed = await decisions.removePerson(person.id)
    expect([data.devices['a'], personOf(data, 'a', [])]).toEqual([{}, null])
    await decisions.undo(removed)
    expect(personOf(data, 'a', [])).toMatchObject({ name: 'Mia', role: 'child' })
    await decisions.undo(undo)
    expect([data.people, data.devices]).toEqual([{}, { a: {} }])
  })

  test('have one name each, are no more than can be kept, and no device belongs to one that is not there', async () => {
    const { decisions } = open()
    for (let count = 0; count < MAX_PEOPLE; count++) await decisions.addPerson({ name: `P${count}`, role: 'adult' })
    await expect(decisions.addPerson({ name: 'More', role: 'adult' })).rejects.toMatchObject({
      code: 'too-many-people',
    })
    const [first] = listPeople(decisions.words)
    await decisions.removePerson(first.id)
    await expect(decisions.addPerson({ name: 'P1', role: 'room' })).rejects.toMatchObject({ code: 'same-name' })
    await expect(decisions.addPerson({ name: '\u0007', role: 'room' })).rejects.toMatchObject({ code: 'no-name' })
    await expect(decisions.change('a', { person: first.id })).rejects.toMatchObject({ code: 'no-such-person' })
    expect(decisions.words.devices).toEqual({})
  })

  test('keep a device that is merged into another, and make all its parts those of a child', async () => {
    const { decisions, data } = open()
    const { person } = await decisions.addPerson({ name: 'Mia', role: 'child' })
    await decisions.change('old', { person: person.id })
    await decisions.merge('old', 'new')
    const membersOf = (id: string): string[] => (id === 'new' ? ['new', 'old'] : [id])
    expect(personOf(data, 'new', ['new', 'old'])).toEqual(person)
    expect(childrensDevices(data, membersOf)).toEqual(['new', 'old'])
    expect(decisions.policy('everything', membersOf).children).toEqual(['new', 'old'])
    await decisions.changePerson(person.id, { role: 'guest' })
    expect(decisions.policy('everything', membersOf).children).toEqual([])
  })

  test('leave every decision of a version without them as it was, and what is wrong of them is left out', () => {
    const before = {
      devices: { a: { name: 'A', level: 'totals' } },
      merges: { d: 'a' },
      ignored: { salt: 's', hashes: [] },
    }
    expect(readDecisions(before)).toEqual(before)
    const mia = { name: 'Mia', role: 'child' }
    const people = { '0000000a': mia, '0000000b': { name: 'X', role: 'boss' }, odd: mia, '0000000c': null }
    const after = { ...before, devices: { a: { person: '0000000a' }, b: { person: '0000000b' } }, people }
    const read = readDecisions(after)
    expect(read.people).toEqual({ '0000000a': mia })
    expect([personOf(read, 'a', [])?.name, personOf(read, 'b', [])]).toEqual(['Mia', null])
    expect(salvagedDecisions([{ devices: 7, people }]).data.people).toEqual({ '0000000a': mia })
    expect(() => readDecisions({ ...after, devices: { a: { person: 7 } } })).toThrow(
      'what it says of a device is wrong',
    )
  })

  test('say nothing of a forgotten device', async () => {
    const { decisions, data } = open()
    const { person } = await decisions.addPerson({ name: 'Mia', role: 'child' })
    await decisions.change('02:00:00:00:00:0a', { person: person.id })
    await decisions.forget(['02:00:00:00:00:0a'], false)
    expect(JSON.stringify(data)).not.toContain('02:00')
    expect(decisions.policy('everything', alone).children).toEqual([])
  })
})

describe('of a home', () => {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-people-'))
  const captures = join(folder, 'captures')
  const stateFolder = join(folder, 'state')
  const begin = (): Promise<TestHome> => startHome({ stateFolder, sources: [planOfArgument(`folder:${captures}`)] })
  let home: TestHome
  beforeAll(async () => {
    mkdirSync(captures)
    writeFileSync(join(captures, 'home-1.pcap'), pcapHeader({}))
    home = await begin()
  })
  afterAll(async () => {
    await home.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const devices = (): Promise<Device[]> => home.client.get('/api/traffic/live/devices')
  const phone = async (): Promise<Device | undefined> => (await devices()).find(({ id }) => id === PHONE.mac)
  const child = async (): Promise<Answer> => {
    const now = Math.floor(Date.now() / 1_000)
    return home.client.get(`/api/traffic/live/questions/child?from=${now - 86_400}&to=${now + 2}`)
  }

  test('a device belongs to a child after a restart too, is asked about, and can be taken back', async () => {
    const seconds = Math.floor(Date.now() / 1_000) - 1
    const frames = [
      arpFrom(CAMERA),
      arpFrom(PHONE),
      tcpOut(PHONE, SERVER, { payload: tlsHello('googleads.g.doubleclick.net') }),
      tcpOut(PHONE, SERVER, { sequence: 4_000, payload: new Uint8Array(900) }),
    ]
    for (const bytes of frames) appendFileSync(join(captures, 'home-1.pcap'), pcapRecord({ seconds, nanos: 0, bytes }))
    await eventually(phone, (device) => device !== undefined)
    expect((await child()).sentence).toBe("No device belongs to a child yet: say on a device's screen whose it is.")
    const { person } = await home.client.send<PersonAdded>('POST', '/api/people', { name: 'Mia', role: 'child' })
    await home.client.send('PATCH', `/api/devices/${PHONE.mac}`, { person: person.id })
    expect((await phone())?.person).toEqual({ id: person.id, name: 'Mia', role: 'child' })
    await home.close()
    home = await begin()
    await eventually(phone, (device) => device?.person?.name === 'Mia')
    const now = Math.floor(Date.now() / 1_000)
    const rows = await eventually(
      () => home.client.get<TrackedPerson[]>(`/api/traffic/live/people?from=${now - 3_600}&to=${now + 60}`),
      (all) => (all.find((one) => one.person?.id === person.id)?.sent ?? 0) > 0,
    )
    const [own, nobodys] = rows
    expect([own.devices, own.companies.length, nobodys.person, nobodys.sent]).toEqual([[PHONE.mac], 1, null, 0])
    const answer = await child()
    expect(answer.asked.devices).toEqual([PHONE.mac])
    const moved = answer.figures.find(({ name }) => name === 'sent and received')?.value
    expect(moved).toBe(own.sent + own.received)
    expect(answer.evidence.reduce((sum, { value }) => sum + value, 0)).toBe(moved)

    const { undo } = await home.client.send<Undo>('DELETE', `/api/people/${person.id}`)
    expect((await phone())?.person).toBeUndefined()
    await home.client.send('POST', `/api/undo/${undo}`)
    expect((await phone())?.person?.name).toBe('Mia')
  })

  test('after Forget no file says of the device that it belonged to anybody', async () => {
    const [mia] = await home.client.get<Person[]>('/api/people')
    const inFiles = (text: string): string[] =>
      readdirSync(stateFolder, { recursive: true, encoding: 'utf8' })
        .map((name) => join(stateFolder, name))
        .filter((path) => statSync(path).isFile() && readFileSync(path).includes(text))
    expect(inFiles(PHONE.mac).length).toBeGreaterThan(0)
    await home.client.send('POST', `/api/devices/${PHONE.mac}/forget`, { ignore: true })
    expect(inFiles(PHONE.mac)).toEqual([])
    expect(inFiles(`"person":"${mia.id}"`)).toEqual([])
    expect(await home.client.get('/api/people')).toEqual([mia])
    await home.close()
    expect(inFiles(PHONE.mac)).toEqual([])
    home = await begin()
  })
})
