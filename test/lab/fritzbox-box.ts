// The stand-in for a FRITZ!Box as a program: its capture page streams what tcpdump captures on interfaces here.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import { FritzboxStandIn } from '../support/fritzbox-stand-in.ts'

const USAGE = `npx tsx test/lab/fritzbox-box.ts --listen ADDRESS:PORT --password-file FILE [--user NAME]
    --interface NAME=INTERFACE… [--md5] [--tls FOLDER] [--feedback]

--interface lan=br0 offers br0 as 1-lan. --md5: the log-in of FRITZ!OS before 7.24. --tls: FOLDER holds key.pem and cert.pem.
--feedback: the stream itself is captured too, unless the start names a filter. Prints a line once it listens; needs the
right to capture. Ends on SIGTERM.`

const { values } = parseArgs({
  options: {
    listen: { type: 'string' },
    'password-file': { type: 'string' },
    user: { type: 'string', default: 'anna' },
    interface: { type: 'string', multiple: true, default: [] },
    md5: { type: 'boolean', default: false },
    tls: { type: 'string' },
    feedback: { type: 'boolean', default: false },
  },
})
const [, host, port] = /^\[?([\da-f.:]+?)\]?:(\d+)$/i.exec(values.listen ?? '') ?? []
const passwordFile = values['password-file']
if (host === undefined || passwordFile === undefined || values.interface.length === 0) {
  console.error(USAGE)
  process.exit(2)
}

const interfaces = new Map(
  values.interface.map((text) => {
    const [name = '', device = name] = text.split('=')
    return [`1-${name}`, { name, device }]
  }),
)

/** tcpdump as on a router: without the stream itself, unless that is asked for. */
function capture({ id, filter, client }: { id: string; filter: string | null; client: Socket }): Readable {
  const { device } = interfaces.get(id) ?? { device: id }
  const { remoteAddress, remotePort, localPort } = client
  const own = `not (tcp and host ${remoteAddress} and port ${remotePort} and port ${localPort})`
  const expression = filter ?? (values.feedback ? '' : own)
  const options = ['-i', device, '-n', '-U', '--immediate-mode', '-s', '1600', '-B', '16384', '-w', '-']
  const child = spawn('tcpdump', [...options, ...(expression === '' ? [] : [expression])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.on('close', () => child.kill())
  return child.stdout
}

const box = await FritzboxStandIn.open({
  password: readFileSync(passwordFile, 'utf8').split('\n')[0] ?? '',
  user: values.user,
  login: values.md5 ? 'md5' : 'pbkdf2',
  interfaces: [...interfaces].map(([id, { name }]) => ({ id, label: name })),
  host,
  port: Number(port),
  capture,
  ...(values.tls === undefined
    ? {}
    : { tls: { key: readFileSync(`${values.tls}/key.pem`), cert: readFileSync(`${values.tls}/cert.pem`) } }),
})
console.log(`A stand-in for a FRITZ!Box listens at ${values.listen}`)
process.once('SIGTERM', () => void box.close().then(() => process.exit(0)))
