// A stand-in for a FRITZ!Box, built from AVM's published log-in and what public programs know of its capture page.
import { createHash, pbkdf2Sync, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { ethernet, ETHERTYPE, ip, PROTOCOL, tcp } from '../../server/sample/packets/packet-builder.ts'

export interface StandInOptions {
  password: string
  user?: string
  /** The box's own user, which it proposes where none is named. */
  proposed?: string
  login?: 'pbkdf2' | 'md5'
  /** Of BoxAdmin: 2 is the right to change settings. */
  access?: number
  page?: 'json' | 'html' | 'none'
  interfaces?: { id: string; label: string }[]
  tls?: { key: Buffer; cert: Buffer }
  host?: string
  port?: number
  /** Kuznetzov's format of pcap, which FRITZ!OS writes. */
  isModified?: boolean
  /** The capture shows its own stream, too; `understandsFilter`: unless it is asked not to. */
  feedsBack?: boolean
  understandsFilter?: boolean
  /** What stands in for the box's capture: bytes of a pcap file. Absent: what `send` is given. */
  capture?: (start: { id: string; filter: string | null; client: Socket }) => Readable
}

interface Stream {
  id: string
  filter: string | null
  response: ServerResponse
  socket: Socket
}

const NOBODY = '0000000000000000'
const CAPTURE = '/cgi-bin/capture_notimeout'
const BOX_MAC = '02:00:00:00:00:01'
const OWN_MAC = '02:00:00:00:00:02'
export const LAN = { id: '1-lan', label: 'lan' }

export class FritzboxStandIn {
  readonly options: StandInOptions
  /** Of each request: method and path, without what is a secret of the session. */
  readonly requests: string[] = []
  readonly starts: { id: string; filter: string | null; snaplen: string }[] = []
  readonly stops: string[] = []
  logIns = 0
  refusals = 0
  logOuts = 0
  /** Where an answer is replaced: status, headers, body. */
  answerStart: { status: number; location?: string; body?: string } | null = null
  private readonly server: Server
  private readonly sockets = new Set<Socket>()
  private readonly sessions = new Set<string>()
  private readonly challenges = new Set<string>()
  private streams: Stream[] = []
  private blockedUntil = 0
  private isMute = false

  private constructor(options: StandInOptions) {
    this.options = options
    const handle = (request: IncomingMessage, response: ServerResponse): void => void this.handle(request, response)
    this.server = options.tls === undefined ? createServer(handle) : createTlsServer(options.tls, handle)
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => this.sockets.delete(socket))
    })
  }

  static async open(options: StandInOptions): Promise<FritzboxStandIn> {
    const box = new FritzboxStandIn(options)
    await new Promise<void>((resolve, reject) => {
      box.server.once('error', reject)
      box.server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve)
    })
    return box
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  get openStreams(): number {
    return this.streams.length
  }

  get openSessions(): number {
    return this.sessions.size
  }

  /** Captured packets, to every stream. */
  send(frames: readonly Uint8Array[], at = Date.now() / 1000): void {
    for (const stream of this.streams) {
      for (const frame of frames) this.write(stream, frame, at)
    }
  }

  /** The sessions time out; a stream goes on. */
  loseSessions(): void {
    this.sessions.clear()
  }

  blockFor(seconds: number): void {
    this.blockedUntil = Date.now() + seconds * 1000
  }

  /** What it was asked is left without an answer, and streams give nothing, as behind a pulled cable. */
  setMute(isMute: boolean): void {
    this.isMute = isMute
  }

  breakStreams(): void {
    for (const { socket } of this.streams) socket.destroy()
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    for (const socket of this.sockets) socket.destroy()
    await closed
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://box')
    let body = ''
    for await (const piece of request) body += String(piece)
    this.requests.push(`${request.method} ${url.pathname}`)
    if (this.isMute) return
    const fields = new URLSearchParams([...url.searchParams, ...new URLSearchParams(body)])
    if (url.pathname === '/login_sid.lua') return this.logIn(fields, response)
    const sid = fields.get('sid') ?? ''
    if (url.pathname === CAPTURE) return this.capture(fields, this.sessions.has(sid), request, response)
    if (!this.sessions.has(sid) || this.options.page === 'none') return answer(response, 403, '<html>Forbidden</html>')
    if (url.pathname === '/data.lua' && (this.options.page ?? 'json') === 'json')
      return answer(response, 200, this.jsonPage(), 'application/json')
    if (url.pathname === '/capture.lua' && this.options.page === 'html') return answer(response, 200, this.htmlPage())
    answer(response, 404, '<html>Not found</html>')
  }

  /** AVM Technical Note: Session ID. */
  private logIn(fields: URLSearchParams, response: ServerResponse): void {
    const sid = fields.get('sid')
    if (fields.has('logout') && sid !== null) {
      if (this.sessions.delete(sid)) this.logOuts++
      return this.answerSession(response, NOBODY, fields)
    }
    const given = fields.get('response')
    if (given === null) {
      const stands = sid !== null && this.sessions.has(sid)
      return this.answerSession(response, stands ? sid : NOBODY, fields)
    }
    this.logIns++
    const challenge = [...this.challenges].find((one) => given === this.expected(one))
    this.challenges.clear()
    const { user = 'anna', proposed = user } = this.options
    const isUser = [user, proposed].includes(fields.get('username') ?? '')
    if (challenge === undefined || !isUser || this.blockSeconds > 0) {
      this.refusals++
      this.blockFor(2 ** this.refusals)
      return this.answerSession(response, NOBODY, fields)
    }
    const session = randomBytes(8).toString('hex')
    this.sessions.add(session)
    this.answerSession(response, session, fields)
  }

  private get blockSeconds(): number {
    return Math.max(0, Math.ceil((this.blockedUntil - Date.now()) / 1000))
  }

  private answerSession(response: ServerResponse, sid: string, fields: URLSearchParams): void {
    const { login = 'pbkdf2', user = 'anna', proposed = user, access = 2 } = this.options
    const isNew = login === 'pbkdf2' && fields.get('version') === '2'
    const challenge = isNew
      ? `2$10000$${randomBytes(16).toString('hex')}$1000$${randomBytes(16).toString('hex')}`
      : randomBytes(4).toString('hex')
    this.challenges.add(challenge)
    const rights =
      sid === NOBODY ? '' : `<Name>NAS</Name><Access>2</Access><Name>BoxAdmin</Name><Access>${access}</Access>`
    answer(
      response,
      200,
      `<?xml version="1.0" encoding="utf-8"?><SessionInfo><SID>${sid}</SID><Challenge>${challenge}</Challenge>` +
        `<BlockTime>${this.blockSeconds}</BlockTime><Rights>${rights}</Rights>` +
        `<Users><User>other</User><User last="1">${proposed}</User></Users></SessionInfo>`,
      'text/xml',
    )
  }

  private expected(challenge: string): string {
    const { password } = this.options
    if (!challenge.startsWith('2$')) {
      const hash = createHash('md5')
        .update(Buffer.from(`${challenge}-${password}`, 'utf16le'))
        .digest('hex')
      return `${challenge}-${hash}`
    }
    const [, rounds1, salt1, rounds2, salt2] = challenge.split('$')
    const fixed = pbkdf2Sync(password, Buffer.from(salt1, 'hex'), Number(rounds1), 32, 'sha256')
    return `${salt2}$${pbkdf2Sync(fixed, Buffer.from(salt2, 'hex'), Number(rounds2), 32, 'sha256').toString('hex')}`
  }

  private capture(
    fields: URLSearchParams,
    isAllowed: boolean,
    { socket }: IncomingMessage,
    response: ServerResponse,
  ): void {
    const id = fields.get('ifaceorminor') ?? ''
    if (!isAllowed) return answer(response, 403, '<html>Forbidden</html>')
    if (fields.get('capture') === 'Stop') {
      this.stops.push(id)
      for (const stream of this.streams) if (stream.id === id) stream.response.end()
      return answer(response, 200, '')
    }
    const filter = fields.get('filter')
    this.starts.push({ id, filter, snaplen: fields.get('snaplen') ?? '' })
    if (this.answerStart !== null) {
      const { status, location, body = '' } = this.answerStart
      response.writeHead(status, location === undefined ? {} : { location })
      response.end(body)
      return
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream' })
    const stream = { id, filter, response, socket }
    this.streams.push(stream)
    response.on('close', () => (this.streams = this.streams.filter((one) => one !== stream)))
    const bytes = this.options.capture?.({ id, filter, client: socket })
    if (bytes === undefined) {
      response.write(this.fileHeader())
      return
    }
    bytes.pipe(response)
    response.on('close', () => bytes.destroy())
  }

  private fileHeader(): Buffer {
    const header = Buffer.alloc(24)
    header.writeUInt32LE(this.options.isModified === false ? 0xa1b2c3d4 : 0xa1b2cd34, 0)
    header.writeUInt16LE(2, 4)
    header.writeUInt16LE(4, 6)
    header.writeUInt32LE(1600, 16)
    header.writeUInt32LE(1, 20)
    return header
  }

  private write(stream: Stream, frame: Uint8Array, at: number): void {
    if (this.isMute) return
    const length = this.options.isModified === false ? 16 : 24
    const record = Buffer.alloc(length)
    record.writeUInt32LE(Math.floor(at), 0)
    record.writeUInt32LE(Math.floor((at % 1) * 1e6), 4)
    record.writeUInt32LE(frame.length, 8)
    record.writeUInt32LE(frame.length, 12)
    stream.response.write(Buffer.concat([record, frame]))
    const { feedsBack = false, understandsFilter = false } = this.options
    const isLeftOut = understandsFilter && stream.filter !== null
    const own = feedsBack && !isLeftOut ? ownFrame(stream.socket, record.length + frame.length) : null
    if (own === null) return
    record.writeUInt32LE(own.length, 8)
    record.writeUInt32LE(own.length, 12)
    stream.response.write(Buffer.concat([record, own]))
  }

  private jsonPage(): string {
    const { interfaces = [LAN] } = this.options
    const list = interfaces.map(({ id, label }) => ({ name: id, displayname: label, minor: id.split('-')[1] }))
    return JSON.stringify({ pid: 'cap', hide: {}, data: { snapshot: { interfaces: list } }, sid: NOBODY })
  }

  private htmlPage(): string {
    const { interfaces = [LAN] } = this.options
    const rows = interfaces.map(
      ({ id, label }) =>
        `<tr>\n<th>${label}</th>\n<td class="buttonrow">\n<button type="submit" name="start" id="uiStart_x" value="${id}">Start</button></td></tr>`,
    )
    return `<html><table class="zebra">${rows.join('\n')}</table></html>`
  }
}

/** A packet of the stream, as the box would capture it. */
function ownFrame(
  { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 }: Socket,
  length: number,
): Uint8Array {
  const ends = { source: localAddress, destination: remoteAddress }
  const segment = tcp({
    ...ends,
    sourcePort: localPort,
    destinationPort: remotePort,
    sequence: 1,
    payload: new Uint8Array(length),
  })
  return ethernet(BOX_MAC, OWN_MAC, ETHERTYPE.ipv4, ip(ends.source, ends.destination, PROTOCOL.tcp, segment))
}

function answer(response: ServerResponse, status: number, body: string, type = 'text/html'): void {
  response.writeHead(status, { 'content-type': type })
  response.end(body)
}
