// A crowd of hosts for tests: each address of 127.0.0.0/8 but 127.0.0.1 is a machine of its own on the network.
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect, type Socket } from 'node:net'
import { openLab, type Lab } from './lab.ts'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** By name, with everything behind the name. */
  cookies: Record<string, string>
}

export interface Ask {
  from?: string
  method?: string
  body?: unknown
  headers?: Record<string, string>
}

export class Crowd {
  readonly lab: Lab
  readonly base: string
  private readonly sockets: Socket[] = []

  private constructor(lab: Lab, base: string) {
    this.lab = lab
    this.base = base
  }

  static async open(options: Parameters<typeof openLab>[0] = {}): Promise<Crowd> {
    const lab = await openLab(options)
    return new Crowd(lab, await lab.listen())
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await this.lab.close()
  }

  /** A request over a connection of its own. */
  ask(path: string, { from = '127.0.0.1', method = 'GET', body, headers = {} }: Ask = {}): Promise<Answer> {
    const bytes = body === undefined ? '' : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const request = httpRequest(`${this.base}${path}`, {
        method,
        localAddress: from,
        agent: false,
        headers: {
          origin: this.base,
          ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': bytes.length }),
          ...headers,
        },
      })
      request.on('error', reject)
      request.on('response', (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
        response.on('error', reject)
        response.on('end', () => {
          const lines = (response.headers['set-cookie'] ?? []).map((line) => line.split('=') as [string, string])
          const cookies = Object.fromEntries(lines.map(([name, ...rest]) => [name, rest.join('=')]))
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, cookies })
        })
      })
      request.end(bytes)
    })
  }

  logIn(password: string, from: string, cookie = '', headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask('/api/login', { method: 'POST', from, body: { password }, headers: { cookie, ...headers } })
  }

  /** A connection that is open and has sent this much. */
  dial(from: string, text = ''): Promise<Socket> {
    return new Promise((resolve) => {
      const socket = connect({ port: Number(new URL(this.base).port), host: '127.0.0.1', localAddress: from })
      this.sockets.push(socket)
      socket.on('error', () => undefined)
      // Unread, the end of a connection would not be seen.
      socket.on('data', () => undefined)
      socket.on('connect', () => {
        if (text === '') return resolve(socket)
        socket.write(text, () => resolve(socket))
      })
    })
  }

  /** Connections that the server holds. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.lab.app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
    })
  }
}

/** Name and value of a cookie, to be sent back. */
export function cookieOf({ cookies }: Answer, name: string): string {
  return `${name}=${(cookies[name] ?? '').split(';')[0]}`
}

export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 5))
}
