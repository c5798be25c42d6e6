// A real MQTT broker on this machine's loopback, and somebody who listens to all of it.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type MqttClient } from 'mqtt'

const PROGRAMS = [
  '/usr/sbin/mosquitto',
  '/usr/local/sbin/mosquitto',
  '/usr/bin/mosquitto',
  '/opt/homebrew/sbin/mosquitto',
]

export const MOSQUITTO = PROGRAMS.find((path) => existsSync(path)) ?? null

/** Printed where tests are skipped for want of it. */
export const NO_MOSQUITTO = 'no mosquitto on this machine: apt-get install mosquitto, and the tests of MQTT run'

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

export class Mosquitto {
  readonly port: number
  readonly folder = mkdtempSync(join(tmpdir(), 'telltale-mosquitto-'))
  private readonly more: (folder: string) => string
  private readonly keeps: boolean
  private child: ChildProcess | null = null

  /**
   * `more` writes further lines of its configuration. Unless it `keeps` them, what was retained and who listens is lost
   * when it stops.
   */
  constructor(port: number, more: (folder: string) => string = () => 'allow_anonymous true', keeps = false) {
    this.port = port
    this.more = more
    this.keeps = keeps
  }

  async start(): Promise<void> {
    const path = join(this.folder, 'mosquitto.conf')
    writeFileSync(
      path,
      `listener ${this.port} 127.0.0.1\npersistence ${this.keeps}\npersistence_location ${this.folder}/\nuser root\nmax_queued_messages 0\nlog_dest stderr\nlog_type all\n${this.more(this.folder)}\n`,
    )
    const child = spawn(MOSQUITTO as string, ['-c', path], { stdio: ['ignore', 'ignore', 'pipe'] })
    this.child = child
    await new Promise<void>((resolve, reject) => {
      let text = ''
      child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
        if (/mosquitto version \S+ running/.test(text)) resolve()
      })
      child.on('exit', () => reject(new Error(`mosquitto ended: ${text}`)))
    })
  }

  async stop(): Promise<void> {
    const { child } = this
    this.child = null
    if (child === null || child.exitCode !== null) return
    const ended = new Promise((done) => child.on('exit', done))
    child.kill('SIGTERM')
    await ended
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Hears every message, and waits for the one that it is asked for. */
export class Listener {
  readonly heard: { topic: string; text: string; retained: boolean }[] = []
  private readonly client: MqttClient
  private wake: () => void = () => undefined

  private constructor(client: MqttClient) {
    this.client = client
    client.on('error', () => undefined)
    client.on('message', (topic, payload, { retain }) => {
      this.heard.push({ topic, text: payload.toString(), retained: retain })
      this.wake()
    })
  }

  static async at(port: number, options: { clientId?: string; clean?: boolean } = {}): Promise<Listener> {
    const client = connect(`mqtt://127.0.0.1:${port}`, { ...options, protocolVersion: 4 })
    // What the broker kept for it comes with the connection.
    const listener = new Listener(client)
    await new Promise<void>((done, fail) => client.once('connect', () => done()).once('error', fail))
    await listener.client.subscribeAsync('#', { qos: 1 })
    return listener
  }

  /** What the broker keeps for those who come later. */
  static async retainedAt(port: number): Promise<Map<string, string>> {
    const listener = await Listener.at(port)
    // Retained messages come before one that is published after the subscription.
    await listener.client.publishAsync('test/marker', 'end', { qos: 1 })
    await listener.until(({ topic }) => topic === 'test/marker')
    await listener.close()
    return new Map(listener.heard.filter(({ retained }) => retained).map(({ topic, text }) => [topic, text]))
  }

  async until(fits: (message: { topic: string; text: string }) => boolean): Promise<string> {
    for (;;) {
      const found = this.heard.find(fits)
      if (found !== undefined) return found.text
      await new Promise<void>((done) => (this.wake = done))
    }
  }

  async close(): Promise<void> {
    await this.client.endAsync(true)
  }
}

/** A certificate of 127.0.0.1's own in `folder`: certificate.pem and key.pem; false without openssl. */
export function makeCertificate(folder: string): boolean {
  const { status } = spawnSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '30',
      '-subj',
      '/CN=broker.home',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      join(folder, 'key.pem'),
      '-out',
      join(folder, 'certificate.pem'),
    ],
    { stdio: 'ignore' },
  )
  return status === 0
}
