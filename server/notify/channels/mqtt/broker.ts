// One connection to an MQTT broker, opened with the next message after each loss.
import { lookup } from 'node:dns/promises'
import { connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { IClientOptions, MqttClient } from 'mqtt'
import { isHomeAddress, isPrivateAddress } from '../../../../capture/ip-address.ts'
import type { Retained } from './home-assistant.ts'

export interface BrokerSettings {
  host: string
  /** 1883 is usual without TLS, 8883 with. */
  port: number
  tls: boolean
  /**
   * Certificates (PEM) to trust in place of the usual ones, for a broker that has a certificate of its own; empty: the
   * usual ones.
   */
  authority: string
  /** Empty: the broker asks for none. */
  user: string
  password: string
  /** The broker is at home, which the owner has to say. */
  privateAddresses: boolean
}

/** Why nothing went out: a sentence without secrets, and whether it is worth another try. */
export class BrokerError extends Error {
  readonly again: boolean

  constructor(message: string, again: boolean) {
    super(message)
    this.again = again
  }
}

const TIMEOUT_MS = 10_000
const KEEPALIVE_SECONDS = 60
/** MQTT 3.1.1, section 3.2.2.3: bad user or password; not allowed. */
const REFUSED_USER = [4, 5]

/**
 * Connects with the first message and after each loss with the next: callers repeat what failed. While connected
 * `online` stands under the availability topic; the broker's last will says `offline`.
 */
export class Broker {
  private readonly settings: BrokerSettings
  private readonly availability: string
  private client: MqttClient | null = null
  private opening: Promise<MqttClient> | null = null

  constructor(settings: BrokerSettings, availability: string) {
    this.settings = settings
    this.availability = availability
  }

  /** Changes with each connection; null without one. What was said over another one may be lost. */
  get connection(): object | null {
    return this.client
  }

  /** Resolves once there is a connection; throws a BrokerError. */
  async open(): Promise<void> {
    await this.connected()
  }

  /** Resolves once the broker has acknowledged the message; throws a BrokerError. */
  async publish({ topic, payload }: Retained, retain: boolean): Promise<void> {
    const client = await this.connected()
    await this.acknowledged(client, topic, payload, retain)
  }

  /** Says that we are away, as the last will would. */
  async close(): Promise<void> {
    await this.opening?.catch(() => undefined)
    const { client } = this
    if (client === null) return
    await this.acknowledged(client, this.availability, 'offline', true).catch(() => undefined)
    this.client = null
    await client.endAsync().catch(() => undefined)
  }

  private connected(): Promise<MqttClient> {
    if (this.client !== null) return Promise.resolve(this.client)
    this.opening ??= this.connect().finally(() => (this.opening = null))
    return this.opening
  }

  private async connect(): Promise<MqttClient> {
    const client = await begin(this.settings, await allowedAddress(this.settings), this.availability)
    // Whatever ends it, the next message begins anew; what was not acknowledged is for the caller to repeat.
    const drop = (): void => {
      if (this.client === client) this.client = null
      client.end(true)
    }
    client.on('close', drop)
    client.on('error', drop)
    this.client = client
    await this.acknowledged(client, this.availability, 'online', true)
    return client
  }

  private acknowledged(client: MqttClient, topic: string, payload: string, retain: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (): void => {
        settle()
        // Half a connection would answer nothing for ever.
        if (this.client === client) this.client = null
        client.end(true)
        reject(new BrokerError('the broker did not take the message', true))
      }
      const timer = setTimeout(fail, TIMEOUT_MS)
      const settle = (): void => {
        clearTimeout(timer)
        client.off('close', fail)
      }
      client.on('close', fail)
      client.publish(topic, payload, { qos: 1, retain }, (error) => {
        if (error !== null && error !== undefined) return fail()
        settle()
        resolve()
      })
    })
  }
}

/** The address is looked at once and is the one connected to, so that a second look-up cannot lead into the home. */
async function allowedAddress({ host, tls, privateAddresses }: BrokerSettings): Promise<string> {
  let addresses: string[]
  try {
    addresses = isIP(host) === 0 ? (await lookup(host, { all: true })).map(({ address }) => address) : [host]
  } catch {
    throw new BrokerError('the name of the broker is not known at the moment', true)
  }
  const [first] = addresses
  if (first === undefined) throw new BrokerError('the name of the broker has no address', true)
  if (!privateAddresses && addresses.some(isPrivateAddress))
    throw new BrokerError(
      'the broker is in a home network: allow private addresses in its settings if that is meant',
      false,
    )
  if (!tls && !isHomeAddress(first))
    throw new BrokerError(
      'the broker is on the internet, where everybody on the way could read along: switch on TLS',
      false,
    )
  return first
}

async function begin(
  { host, port, tls, authority, user, password }: BrokerSettings,
  address: string,
  availability: string,
): Promise<MqttClient> {
  // Loaded with the first message: most homes have no broker.
  const { MqttClient } = await import('mqtt')
  const trust = { ...(isIP(host) === 0 ? { servername: host } : {}), ...(authority === '' ? {} : { ca: authority }) }
  const options: IClientOptions = {
    ...(user === '' ? {} : { username: user, password }),
    reconnectPeriod: 0,
    clean: true,
    keepalive: KEEPALIVE_SECONDS,
    connectTimeout: TIMEOUT_MS,
    protocolVersion: 4,
    manualConnect: true,
    will: { topic: availability, payload: Buffer.from('offline'), qos: 1, retain: true },
  }
  // The certificate is checked against the name the owner gave, or the address where that is all there is.
  const client = new MqttClient(
    () => (tls ? connectTls({ host: address, port, ...trust }) : connectTcp({ host: address, port })),
    options,
  )
  return new Promise((resolve, reject) => {
    const fail = (error?: unknown): void => {
      settle()
      client.end(true)
      reject(describe(error))
    }
    const greet = (): void => {
      settle()
      resolve(client)
    }
    const timer = setTimeout(fail, TIMEOUT_MS)
    const settle = (): void => {
      clearTimeout(timer)
      client.off('connect', greet).off('error', fail).off('close', fail)
    }
    // One that nobody listens to would end the process.
    client.on('error', () => undefined)
    client.on('connect', greet).on('error', fail).on('close', fail)
    client.connect()
  })
}

/** What broker and system wrote may hold names and addresses, so only the kind of failure is reported. */
function describe(error: unknown): BrokerError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (REFUSED_USER.includes(code as number)) return new BrokerError('the broker refuses user or password', false)
  if (typeof code === 'string' && /CERT|SELF_SIGNED|VERIFY|ISSUER/.test(code))
    return new BrokerError('the certificate of the broker is not one to trust for this name', true)
  return new BrokerError('the broker cannot be reached at the moment', true)
}
