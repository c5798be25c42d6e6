// Logs of other programs reach the traffic history: Suricata's bytes, Technitium's look-ups, names of exports, leases.
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DevicePage, Overview, TrafficStatus } from '../../../server/api.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'

let folder = ''
let home: TestHome | null = null

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-other-logs-'))
})
afterEach(async () => {
  await home?.close()
  home = null
  rmSync(folder, { recursive: true, force: true })
})

const START = Math.floor(Date.now() / 1000) - 600

async function open(...sources: string[]): Promise<TestHome> {
  home = await startHome({ stateFolder: join(folder, 'state'), sources: sources.map(planOfArgument) })
  return home
}
const get = <Value>(path: string): Promise<Value> => (home as TestHome).client.get<Value>(path)
const status = (): Promise<TrafficStatus> => get('/api/traffic/live/status')
const RANGE = `from=${START - 3600}&to=${START + 1200}`
const overview = (): Promise<Overview> => get(`/api/traffic/live/overview?${RANGE}`)
const devicePage = (id: string): Promise<DevicePage> =>
  get(`/api/traffic/live/devices/${encodeURIComponent(id)}?${RANGE}`)

test("Suricata's events bring bytes by device and host, look-ups and MACs, once over a restart", async () => {
  const eve = join(folder, 'eve.json')
  const at = (second: number): string => new Date((START + second) * 1000).toISOString().replace('Z', '000+0000')
  const event = (type: string, flowId: number, fields: object): string =>
    `${JSON.stringify({ timestamp: at(40), flow_id: flowId, event_type: type, src_ip: '192.168.7.5', src_port: 40_000, dest_ip: '198.51.100.7', dest_port: 443, proto: 'TCP', ...fields })}\n`
  const flow = (flowId: number, up: number, down: number, fields: object = {}): string =>
    event('flow', flowId, {
      flow: { pkts_toserver: 9, pkts_toclient: 9, bytes_toserver: up, bytes_toclient: down, start: at(0), end: at(30) },
      ether: { src_macs: ['02:00:00:00:00:05'], dest_macs: ['02:00:00:00:00:01'] },
      ...fields,
    })
  writeFileSync(
    eve,
    event('stats', 0, { stats: {} }) +
      event('dns', 3, {
        dest_ip: '192.168.7.1',
        dest_port: 53,
        ether: { src_mac: '02:00:00:00:00:05', dest_mac: '02:00:00:00:00:01' },
        dns: {
          version: 2,
          type: 'answer',
          id: 1,
          rcode: 'NOERROR',
          rrname: 'api.amazonalexa.com',
          rrtype: 'A',
          answers: [{ rrname: 'api.amazonalexa.com', rrtype: 'A', rdata: '198.51.100.8' }],
        },
      }) +
      event('tls', 1, { tls: { sni: 'www.example.com' } }) +
      flow(1, 1001, 50_003) +
      flow(2, 700, 900, { dest_ip: '198.51.100.8' }) +
      flow(4, 70, 80, { dest_ip: '192.168.7.9', ether: undefined }),
  )
  await open(`dns:suricata:${eve}`)
  const { sent, received, lookups } = await eventually(
    overview,
    (answer) => answer.sent > 0 && (answer.lookups ?? 0) > 0,
  )
  expect([sent, received, lookups]).toEqual([1701, 50_903, 1])
  const { device, endpoints } = await devicePage('02:00:00:00:00:05')
  expect(device).toMatchObject({ mac: '02:00:00:00:00:05' })
  const rows = endpoints.map(({ host, sent: up, received: down, namedBy }) => ({ host, up, down, namedBy }))
  expect(rows).toContainEqual({ host: 'www.example.com', up: 1001, down: 50_003, namedBy: 'tls' })
  expect(rows).toContainEqual(expect.objectContaining({ host: 'api.amazonalexa.com', up: 700, down: 900 }))
  const { sources, lookupsOnly } = await status()
  expect(sources).toMatchObject([{ state: 'running', problem: null }])
  expect(lookupsOnly).toBeUndefined()
  await home?.close()
  appendFileSync(eve, flow(5, 1000, 1))
  await open(`dns:suricata:${eve}`)
  expect((await eventually(overview, (answer) => answer.sent > 1701)).sent).toBe(2701)
})

test("Technitium's log is found out by itself, and its next day's file is gone on to", async () => {
  const stamp = (second: number): string =>
    new Date((START + second) * 1000).toISOString().slice(0, 19).replace('T', ' ')
  const line = (client: string, name: string): string =>
    `[${stamp(0)} UTC] [${client}:40000] [UDP] QNAME: ${name}; QTYPE: A; QCLASS: IN; RCODE: NoError; ANSWER: [198.51.100.7]\n`
  writeFileSync(join(folder, '2026-11-23.log'), line('192.168.7.9', 'before.example'))
  writeFileSync(
    join(folder, '2026-11-24.log'),
    `[${stamp(0)} UTC] Logging started.\n${line('192.168.7.5', 'a.example')}`,
  )
  await open(`dns:auto:${join(folder, 'YYYY-MM-DD.log')}`)
  await eventually(overview, (answer) => answer.lookups === 1)
  writeFileSync(join(folder, '2026-11-25.log'), line('192.168.7.5', 'b.example') + line('192.168.7.6', 'b.example'))
  await eventually(overview, (answer) => answer.lookups === 3)
  expect((await devicePage('192.168.7.5')).endpoints.map(({ host }) => host).sort()).toEqual(['a.example', 'b.example'])
  expect((await status()).sources).toMatchObject([{ state: 'running', problem: null }])
})

test('devices that an export only names are devices with that name and no address, and go when they are forgotten', async () => {
  const csv = join(folder, 'nextdns.csv')
  const row = (name: string, device: string, status = ''): string =>
    `${new Date(START * 1000).toISOString()},${name},A,false,DNS-over-HTTPS,8.8.4.4,${status},,US,${name},${device},,,,\n`
  writeFileSync(
    csv,
    'timestamp,domain,query_type,dnssec,protocol,client_ip,status,reasons,destination_country,root_domain,device_id,device_name,device_model,device_local_ip,matched_name,client_name\n' +
      row('a.example', 'ABC12,garden-camera') +
      row('b.example', 'ABC12,garden-camera', 'blocked') +
      row('c.example', 'DEF34,tv'),
  )
  await open(`dns:nextdns:${csv}`)
  const { devices } = await eventually(overview, (answer) => answer.lookups === 3)
  const pages = await Promise.all(devices.map(({ id }) => devicePage(id)))
  const camera = pages.find(({ device }) => device.name === 'garden-camera')
  expect(camera?.device.addresses).toEqual([])
  expect(camera?.endpoints.map(({ host }) => host).sort()).toEqual(['a.example', 'b.example'])
  await home?.client.send('POST', `/api/devices/${encodeURIComponent(camera?.device.id ?? '')}/forget`, {
    ignore: false,
  })
  await home?.close()
  home = null
  for (const name of readdirSync(join(folder, 'state'))) {
    const bytes = readFileSync(join(folder, 'state', name))
    for (const needle of ['garden-camera', 'b.example', camera?.device.id ?? '?'])
      expect(`${name} ${bytes.includes(needle)}`).toBe(`${name} false`)
  }
})

test('leases of any kind that the owner names tell whose an address is', async () => {
  const log = join(folder, 'query.log')
  const leases = join(folder, 'leases')
  writeFileSync(leases, '')
  writeFileSync(log, '')
  await open(`dns:dnscrypt-proxy:${log}`)
  await home?.client.send('PATCH', '/api/settings', { sources: { leases } })
  writeFileSync(
    leases,
    'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n' +
      '192.168.7.5,02:00:00:00:00:05,,3600,1900000000,1,0,0,kitchen-speaker,0,,0\n',
  )
  writeFileSync(
    log,
    `time:${START}\thost:192.168.7.5\tmessage:a.example\ttype:A\treturn:PASS\tcached:0\tduration:1\tserver:x\n`,
  )
  await eventually(overview, ({ devices }) => devices.some(({ id }) => id === '02:00:00:00:00:05'))
  expect((await devicePage('02:00:00:00:00:05')).device.name).toBe('kitchen-speaker')
})

test('a log that is another one, or none that can be read, is named at its first line', async () => {
  const write = (name: string, line: string): string => {
    writeFileSync(join(folder, name), `${line}\n`)
    return join(folder, name)
  }
  const resolved = write(
    'resolved.log',
    'Nov 24 10:00:00 host systemd-resolved[500]: Positive cache hit for a.example IN A',
  )
  const technitium = write(
    't.log',
    '[2026-11-24 10:00:00 UTC] [192.168.7.5:1] [UDP] QNAME: a.example; QTYPE: A; QCLASS: IN; RCODE: NoError; ANSWER: []',
  )
  await open(`dns:?:${resolved}`, `dns:dnsmasq:${technitium}`)
  const { sources } = await eventually(
    status,
    ({ sources: all }) => all.length === 2 && all.every(({ state }) => state === 'failed'),
  )
  expect(sources.map(({ problem }) => problem)).toEqual([
    `${resolved} looks like systemd-resolved's log: not supported. It names no device. Follow the log of the resolver that your devices ask.`,
    `${technitium} looks like Technitium's log: give it as dns:technitium:${technitium}.`,
  ])
})
