// One device of the lab: gets its address by DHCP, says who it is, and does what its plan says over the network.
import { execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { readFileSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import { announce } from './announce.ts'
import type { Answer, Lease, Order } from './messages.ts'
import { stopUploads, upload } from './upload.ts'
import { type DevicePlan, type Habit, hasIpv6 } from './plan.ts'
import { request } from './protocol.ts'
import { quicInitial } from './quic-initial.ts'

interface Life {
  plan: DevicePlan
  folder: string
  dhcpScript: string
  certificate: string
  quicPrograms: boolean
}

const life = JSON.parse(process.argv[2]) as Life
const { plan } = life
const authority = readFileSync(life.certificate)
const resolver = new Resolver({ timeout: 1000, tries: 4 })
let isBusy = false
const underWay = new Set<Promise<void>>()

process.on('message', (order: Order) => {
  obey(order).then(
    (result) => answer({ id: order.id, result }),
    (error: unknown) =>
      answer({ id: order.id, error: error instanceof Error ? `${plan.label}: ${error.message}` : String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))

function answer(words: Answer): void {
  process.send?.(words)
}

async function obey(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'switch-on':
      return switchOn()
    case 'everything-once':
      await Promise.all(plan.habits.map(doOnce))
      return null
    case 'carry-on':
      isBusy = true
      for (const habit of plan.habits) keep(carryOn(habit))
      return null
    case 'rest':
      isBusy = false
      await Promise.all(underWay)
      return null
    case 'marked-packet':
      return sendMarked(plan.habits[order.habit], order.bytes)
    case 'upload':
      return upload(order.address, order.bytes, order.seconds)
    case 'stop-upload':
      return stopUploads()
  }
}

/** A task whose end "rest" waits for. */
function keep(task: Promise<void>): void {
  const kept = task.finally(() => underWay.delete(kept))
  underWay.add(kept)
}

async function carryOn(habit: Habit): Promise<void> {
  while (isBusy) {
    // The network may be away for a while: the next time is another chance.
    await doOnce(habit).catch((error: unknown) => console.error(`${plan.label}: ${habit.host}: ${String(error)}`))
    for (let waited = 0; isBusy && waited < habit.everySeconds * 1000; waited += 100) await sleep(100)
  }
}

/** Answers once it has an IPv4 address, and an IPv6 one where it has IPv6. */
async function switchOn(): Promise<Lease> {
  execFileSync('ip', ['link', 'set', 'eth0', 'up'])
  const lease = await askForAddress()
  if (plan.announces !== null) await announce(lease.address, plan.label, plan.announces)
  if (hasIpv6(plan)) await untilIpv6()
  return lease
}

function askForAddress(): Promise<Lease> {
  const words = ['-f', '-i', 'eth0', '-t', '10', '-T', '1', '-s', life.dhcpScript]
  // As hexadecimal digits: the client would take spaces and quotes for its own.
  if (plan.hostName !== null) words.push('-x', `0x0c:${Buffer.from(plan.hostName).toString('hex')}`)
  if (plan.vendorClass !== null) words.push('-V', plan.vendorClass)
  const client = spawn('udhcpc', words, { stdio: ['ignore', 'pipe', 'ignore'] })
  process.on('exit', () => client.kill())
  return new Promise((resolve, reject) => {
    let output = ''
    client.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const match = /LEASE (\S+) (\S+)/.exec(output)
      if (match === null) return
      askAt(match[2])
      resolve({ address: match[1], at: Date.now() })
    })
    client.on('error', reject)
    client.on('exit', (code) => reject(new Error(`the DHCP client ended with code ${code}`)))
  })
}

/**
 * Where names are looked up, by us and by programs that we start. They read /etc/resolv.conf, and `ip netns exec` gave
 * us mounts of our own: a file of ours in its place is seen by nobody else.
 */
function askAt(server: string): void {
  resolver.setServers([server])
  const path = join(life.folder, `resolv-${plan.label}.conf`)
  writeFileSync(path, `nameserver ${server}\n`)
  execFileSync('mount', ['--bind', path, '/etc/resolv.conf'])
}

async function untilIpv6(): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const addresses = execFileSync('ip', ['-6', 'addr', 'show', 'dev', 'eth0', 'scope', 'global'], { encoding: 'utf8' })
    const routes = execFileSync('ip', ['-6', 'route', 'show', 'default'], { encoding: 'utf8' })
    if (addresses.includes('inet6') && !addresses.includes('tentative') && routes !== '') return
    await sleep(100)
  }
  throw new Error('no IPv6 address came')
}

function between([least, most]: [number, number]): number {
  return Math.round(least + Math.random() * (most - least))
}

async function addressOf({ host, family }: Habit): Promise<string> {
  const addresses = family === 4 ? await resolver.resolve4(host) : await resolver.resolve6(host)
  return addresses[0]
}

async function doOnce(habit: Habit): Promise<void> {
  const address = await addressOf(habit)
  switch (habit.via) {
    case 'tls':
      return overTls(habit, address)
    case 'http':
      return overHttp(habit, address)
    case 'udp':
      return overUdp(habit, address, Buffer.alloc(between(habit.up), 0x55))
    case 'quic':
      return life.quicPrograms ? overQuic(habit) : overUdp(habit, address, Buffer.from(quicInitial(habit.host)))
  }
}

async function overTls(habit: Habit, address: string): Promise<void> {
  const socket = connect({
    host: address,
    port: habit.port,
    servername: habit.host,
    ca: authority,
    minVersion: 'TLSv1.2',
  })
  const closed = new Promise<void>((resolve, reject) => {
    socket.on('close', () => resolve())
    socket.on('error', reject)
  })
  socket.setTimeout(15_000, () => socket.destroy())
  socket.resume()
  const pieces = pieceLengths(between(habit.up), habit.overSeconds ?? 0)
  socket.write(
    request(
      pieces.reduce((sum, length) => sum + length, 0),
      between(habit.down),
    ),
  )
  for (const length of pieces) {
    socket.write(Buffer.alloc(length, 0x56))
    if (pieces.length > 1) await Promise.race([sleep(100), closed])
  }
  await closed
}

/** A stream is sent in a piece each tenth of a second. */
function pieceLengths(bytes: number, overSeconds: number): number[] {
  const count = Math.max(1, Math.round(overSeconds * 10))
  return Array.from(
    { length: count },
    (_, place) => Math.floor((bytes * (place + 1)) / count) - Math.floor((bytes * place) / count),
  )
}

function overHttp({ host, port, down }: Habit, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ host: address, port, path: `/bytes/${between(down)}`, headers: { host }, agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve())
    }).on('error', reject)
  })
}

/** Sends one datagram and waits for the answer, as an application does that has timeouts of its own. */
async function overUdp({ port, family }: Habit, address: string, bytes: Uint8Array): Promise<void> {
  const socket = createSocket(family === 4 ? 'udp4' : 'udp6')
  const answered = new Promise<void>((resolve) => socket.once('message', () => resolve()))
  socket.send(bytes, port, address)
  await Promise.race([answered, sleep(2000)])
  socket.close()
}

async function sendMarked(habit: Habit, bytes: number): Promise<number> {
  const address = await addressOf(habit)
  const socket = createSocket('udp4')
  const at = await new Promise<number>((resolve, reject) => {
    const at = Date.now()
    socket.send(Buffer.alloc(bytes, 0x57), habit.port, address, (error) =>
      error === null ? resolve(at) : reject(error),
    )
  })
  socket.close()
  return at
}

/** Debian's client of ngtcp2 and GnuTLS looks the name up and asks for one file; the server's folder holds one. */
function overQuic({ host, port }: Habit): Promise<void> {
  const words = ['-q', '--exit-on-all-streams-close', '--timeout=5s', host, String(port), `https://${host}/body`]
  return new Promise((resolve, reject) => {
    const client = spawn('gtlsclient', words, { stdio: 'ignore' })
    client.on('error', reject)
    client.on('exit', () => resolve())
  })
}
