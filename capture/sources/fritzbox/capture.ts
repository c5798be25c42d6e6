// One run of a capture on a FRITZ!Box: log-in, interface, the stream, and what ends it.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { withoutZone } from '../../ip-address.ts'
import type { StreamEvents } from '../restarting-source.ts'
import type { FritzboxPlace } from './address.ts'
import type { FritzboxClient } from './client.ts'
import { type CaptureInterface, chooseInterface, interfacesSentence, parseInterfaces } from './interfaces.ts'
import { beginsAsCapture, WithoutConnection } from './own-connection.ts'
import { FritzboxProblem } from './problem.ts'
import { type FritzboxSession, missingRightSentence, redirectSentence } from './session.ts'

const CAPTURE = '/cgi-bin/capture_notimeout'
/** What the capture page itself proposes: whole frames of Ethernet. */
const SNAP_LENGTH = 1600
/** A box that has sent nothing for so long is asked whether it is still there. */
const ASK_AFTER_MS = 5000
const STOP_MS = 1500
/** While it waits it looks at the clock this often. */
const LOOK_MS = 250
/** While a stream is open. */
const WATCH_MS = 1000
/** On a quiet interface the answer may begin with the first packet. */
const HEAD_MS = 60_000
/** A first answer that is no capture is read up to here, to say what it is. */
const MOST_WORDS = 4096
/** A capture with a filter that has given nothing for so long is taken to be one that the box did not understand. */
const FILTER_MS = 20_000

/** What is known of the box from one run to the next. */
export interface BoxMemory {
  /** Chosen from the page's list. */
  chosen: CaptureInterface | null
  /** A stream broke: its capture may still run on the box. */
  isLeft: boolean
  /** The box captures its own stream: it is asked to leave it out. */
  wantsFilter: boolean
  /** It was asked, and gave nothing, or its stream all the same. */
  cannotFilter: boolean
}

/** Local ports of the streams of all boxes: two captures of one box would feed each other. */
const streamPorts = new Set<number>()

export class FritzboxCapture {
  private readonly place: FritzboxPlace
  private readonly client: FritzboxClient
  private readonly session: FritzboxSession
  private readonly memory: BoxMemory
  private readonly events: StreamEvents
  private readonly onOwnPackets: (count: number) => void
  private readonly ending = new AbortController()
  private readonly run: Promise<void>
  private sieve: WithoutConnection | null = null
  private heardAt = performance.now()
  private isStopping = false
  private isAsking = false

  constructor(
    parts: {
      place: FritzboxPlace
      client: FritzboxClient
      session: FritzboxSession
      memory: BoxMemory
      /** Packets of the stream itself were among those of the stream. */
      onOwnPackets: (count: number) => void
    },
    events: StreamEvents,
  ) {
    this.place = parts.place
    this.client = parts.client
    this.session = parts.session
    this.memory = parts.memory
    this.onOwnPackets = parts.onOwnPackets
    this.events = events
    this.run = this.capture()
  }

  /** Resolves when the stream is closed and the box was told to end it. */
  async stop(): Promise<void> {
    this.isStopping = true
    this.ending.abort()
    await this.run
  }

  private async capture(): Promise<void> {
    const { session, memory, ending } = this
    const { signal } = ending
    let problem = `${this.client.name} ended the capture. It is started again.`
    try {
      while (session.waitMs > 0) await sleep(Math.min(session.waitMs, LOOK_MS), undefined, { signal })
      const sid = await session.id(signal)
      if (memory.isLeft) await this.stopOnBox(sid)
      memory.chosen ??= await this.choose(sid)
      await this.stream(sid, memory.chosen)
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error)
      if (error instanceof FritzboxProblem && !signal.aborted) session.rest(error.waitMs)
      if (error instanceof FritzboxProblem && error.isSessionLost) session.lose()
    }
    if (signal.reason instanceof FritzboxProblem) problem = signal.reason.message
    ending.abort()
    if (!this.isStopping) this.events.onEnd(problem)
    else if (memory.isLeft && session.standing !== null) await this.stopOnBox(session.standing)
  }

  private async choose(sid: string): Promise<CaptureInterface> {
    const { client, place } = this
    const { signal } = this.ending
    const page = await client.ask({ path: '/data.lua', form: { sid, page: 'cap', lang: 'en', xhr: '1' }, signal })
    let list = page.status === 200 ? parseInterfaces(page.body) : []
    if (list.length === 0) {
      // Before FRITZ!OS 6.50.
      const older = await client.ask({ path: '/capture.lua', form: { sid }, signal })
      if (older.status === 200) list = parseInterfaces(older.body)
    }
    const chosen = chooseInterface(place.interfaceName, list)
    if (chosen !== null) return chosen
    throw new FritzboxProblem(
      `${client.name} has no interface ${place.interfaceName}, or several. Write one of these behind its name, such as ` +
        `"${client.name} ${list[0]?.id}": ${interfacesSentence(list)}.`,
    )
  }

  private async stream(sid: string, { id }: CaptureInterface): Promise<void> {
    const { client, memory } = this
    const { signal } = this.ending
    const isFiltered = memory.wantsFilter && !memory.cannotFilter
    const path = (socket: Socket): string => {
      const query = new URLSearchParams({ sid, capture: 'Start', snaplen: String(SNAP_LENGTH), ifaceorminor: id })
      if (isFiltered) query.set('filter', filterOf(socket))
      memory.isLeft = true
      return `${CAPTURE}?${query.toString()}`
    }
    const watch = setInterval(() => void this.ask(), WATCH_MS)
    const patience = isFiltered ? setTimeout(() => this.giveUpFilter(), FILTER_MS) : undefined
    try {
      const { response, socket } = await client.open(path, { signal, timeoutMs: HEAD_MS })
      await this.read(response, socket).finally(() => socket.destroy())
    } finally {
      clearInterval(watch)
      clearTimeout(patience)
    }
  }

  private async read(response: IncomingMessage, socket: Socket): Promise<void> {
    const { statusCode = 0, headers } = response
    response.on('error', () => undefined)
    if (statusCode !== 200) throw this.notStarted(statusCode, headers.location ?? '', '')
    const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = socket
    const connection = { remoteAddress, remotePort, localAddress, localPort, streamPorts }
    streamPorts.add(localPort)
    socket.once('close', () => streamPorts.delete(localPort))
    const sieve = new WithoutConnection(connection, (piece) => this.events.onBytes(piece))
    this.sieve = sieve
    let head: Buffer | null = Buffer.alloc(0)
    try {
      for await (const piece of response as AsyncIterable<Buffer>) {
        this.heard()
        const bytes: Buffer = head === null ? piece : Buffer.concat([head, piece])
        const isCapture: boolean | null = head === null || beginsAsCapture(bytes)
        if (isCapture === true) this.take(sieve, bytes)
        head = isCapture === true ? null : bytes
        if (isCapture === false && bytes.length >= MOST_WORDS) break
      }
      this.memory.isLeft = false
    } catch (error) {
      const { code = 'closed' } = error as NodeJS.ErrnoException
      throw new FritzboxProblem(`${this.client.name} broke the capture off (${code}). It is started again.`)
    }
    if (head !== null) throw this.notStarted(200, '', head.toString('utf8'))
  }

  private take(sieve: WithoutConnection, piece: Buffer): void {
    const before = sieve.streamPackets
    sieve.push(piece)
    if (sieve.streamPackets === before) return
    this.onOwnPackets(sieve.streamPackets - before)
    const { memory } = this
    if (memory.cannotFilter) return
    // It was asked already, and does not.
    if (memory.wantsFilter) memory.cannotFilter = true
    else {
      memory.wantsFilter = true
      this.end(`${this.client.name} captures its own stream to Telltale. The capture is started again without it.`)
    }
  }

  /** What has come so far is complete: nothing is held back. */
  private heard(): void {
    this.heardAt = performance.now()
    this.events.onFlushed?.(Date.now() / 1000)
  }

  private end(problem: string): void {
    this.ending.abort(new FritzboxProblem(problem))
  }

  /** Keeps the session alive, and finds out where nothing comes whether the box is still there. */
  private async ask(): Promise<void> {
    const { session, ending } = this
    const isSilent = performance.now() - this.heardAt >= ASK_AFTER_MS
    if (this.isAsking || (!isSilent && !session.isDueForCheck)) return
    this.isAsking = true
    try {
      const stands = await session.check(ending.signal)
      if (stands && isSilent) this.heard()
      else if (!stands && isSilent) this.end(`The session on ${this.client.name} is over. It is logged in anew.`)
      // What comes goes on coming; the new session is for the end of it.
      else if (!stands) await session.id(ending.signal)
    } catch (error) {
      if (isSilent && performance.now() - this.heardAt >= ASK_AFTER_MS)
        this.end(error instanceof Error ? error.message : String(error))
    } finally {
      this.isAsking = false
    }
  }

  private giveUpFilter(): void {
    if ((this.sieve?.seen ?? 0) > 0) return
    this.memory.cannotFilter = true
    this.end(`${this.client.name} gives no packets with a filter. The capture is started again without one.`)
  }

  /** Why the answer to a start is no capture. */
  private notStarted(status: number, location: string, words: string): FritzboxProblem {
    const { client, place } = this
    const { name } = client
    const { chosen } = this.memory
    // It may be called otherwise by now.
    this.memory.chosen = null
    if (status === 401 || status === 403)
      return new FritzboxProblem(missingRightSentence(name, place.user ?? ''), { isSessionLost: true, waitMs: 60_000 })
    if (status === 404)
      return new FritzboxProblem(
        `${name} has no capture: this FRITZ!OS does not offer it, as on some boxes that a provider manages. Choose another place under README › Where to put it.`,
        { waitMs: 60_000 },
      )
    if (status >= 300 && status < 400)
      return new FritzboxProblem(redirectSentence(name, location), { isSessionLost: true })
    if (/two.?factor|2fa|zwei.?faktor/i.test(words))
      return new FritzboxProblem(
        `${name} wants the capture to be confirmed (a key on the box, or a code). Switch the confirmation off for this user, or start the capture page once in a browser: System › FRITZ!Box Users.`,
        { waitMs: 60_000 },
      )
    if (/<SID>0{16}<|"sid":\s*"0{16}"|<html|<!doctype/i.test(words))
      return new FritzboxProblem(
        `${name} answers with a page instead of a capture of ${chosen?.id ?? place.interfaceName}. It is logged in anew; if this stays, see whether its capture page (http://${name}/html/capture.html) works in a browser.`,
        { isSessionLost: true },
      )
    return new FritzboxProblem(
      `${name} began no capture of ${chosen?.id ?? place.interfaceName} (${status === 200 ? 'its answer was empty' : `status ${status}`}). It is tried again.`,
      { isSessionLost: status !== 200 },
    )
  }

  /** As the capture page does it: by interface and number, and by what started it. */
  private async stopOnBox(sid: string): Promise<void> {
    const { memory, place } = this
    const { id, label } = memory.chosen ?? { id: place.interfaceName, label: '' }
    const [, type = '1', minor = id] = /^(\d+)-(.*)$/.exec(id) ?? []
    const names = type === '1' ? { iface: minor, minor: '-1' } : { iface: label, minor }
    const query = new URLSearchParams({ sid, capture: 'Stop', ifaceorminor: id, ...names, type })
    const answer = await this.client
      .ask({ path: `${CAPTURE}?${query.toString()}`, timeoutMs: STOP_MS })
      .catch(() => null)
    if (answer !== null && answer.status < 400) memory.isLeft = false
  }
}

/** For tcpdump's filters, as the box takes them: the counterpart of WithoutConnection. */
function filterOf({ remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 }: Socket): string {
  const [remote, local] = [withoutZone(remoteAddress), withoutZone(localAddress)]
  return `not (tcp and host ${remote} and port ${remotePort} and (host ${local} or port ${localPort}))`
}
