// A page without a browser: its address, store, requests and socket, for tests of the page's state classes.
import { vi } from 'vitest'

export interface Asked {
  method: string
  path: string
  headers: Record<string, string>
  body: unknown
}

/** What the server answers: a value as JSON, or whatever a function of the request makes. */
type Answer = unknown

/** The live connection as the page sees it. `update` is what the server sends. */
export class FakeSocket {
  connected = false
  readonly emitted: unknown[][] = []
  readonly options: Record<string, unknown>
  private readonly listeners = new Map<string, ((...given: never[]) => void)[]>()

  constructor(options: Record<string, unknown>) {
    this.options = options
  }

  on(name: string, listener: (...given: never[]) => void): void {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener])
  }

  emit(...given: unknown[]): void {
    this.emitted.push(given.filter((one) => typeof one !== 'function'))
  }

  update(name: string, ...given: unknown[]): void {
    if (name === 'connect') this.connected = true
    if (name === 'disconnect') this.connected = false
    for (const listener of this.listeners.get(name) ?? []) listener(...(given as never[]))
  }

  connect(): void {
    this.emit('(connect)')
  }

  disconnect(): void {
    this.connected = false
    this.emit('(disconnect)')
  }

  removeAllListeners(): void {
    this.listeners.clear()
  }
}

function noDataset(): Record<string, string> {
  return {}
}

export class FakePage {
  readonly asked: Asked[] = []
  readonly sockets: FakeSocket[] = []
  readonly document = Object.assign(new EventTarget(), {
    hidden: false,
    documentElement: { dataset: noDataset() },
    dialogs: 0,
    querySelector: () => (this.document.dialogs > 0 ? {} : null),
  })
  readonly media = Object.assign(new EventTarget(), { matches: false })
  readonly store = new Map<string, string>()
  private readonly answers = new Map<string, Answer>()

  /** From now on `GET /api/x` (without its query) is answered so. */
  answer(request: string, answer: Answer): void {
    this.answers.set(request, answer)
  }

  refuse(request: string, status: number, code: string, message: string): void {
    this.answer(request, () => Response.json({ error: { code, message } }, { status }))
  }

  /** Holds the answer back until the function it gives is called. */
  hold(request: string): (answer: unknown) => void {
    let release: (answer: unknown) => void = () => undefined
    const held = new Promise((resolve) => (release = resolve))
    this.answer(request, () => held)
    return release
  }

  /** Paths asked so far, with their queries; of one request only where it is named. */
  paths(request?: string): string[] {
    return this.asked
      .map(({ method, path }) => `${method} ${path}`)
      .filter((one) => request === undefined || one.split('?')[0] === request)
  }

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1)
    if (socket === undefined) throw new Error('The page opened no socket.')
    return socket
  }

  show(hidden: boolean): void {
    this.document.hidden = hidden
    this.document.dispatchEvent(new Event('visibilitychange'))
  }

  async fetch(path: string, request: RequestInit = {}): Promise<Response> {
    const method = request.method ?? 'GET'
    const body = typeof request.body === 'string' ? (JSON.parse(request.body) as unknown) : null
    this.asked.push({ method, path, headers: { ...(request.headers as Record<string, string>) }, body })
    const key = `${method} ${path.split('?')[0]}`
    if (!this.answers.has(key)) return Response.json({ error: { code: 'not-found', message: key } }, { status: 404 })
    const answer = this.answers.get(key)
    const value = await (typeof answer === 'function'
      ? (answer as (asked: Asked | undefined) => unknown)(this.asked.at(-1))
      : answer)
    if (request.signal?.aborted === true) throw new DOMException('given up', 'AbortError')
    return value instanceof Response ? value : Response.json(value ?? null)
  }
}

/** Puts the page in the place of the browser. State classes are imported after it, each test anew. */
export function openPage(hash = '#/'): FakePage {
  vi.resetModules()
  const page = new FakePage()
  const window = new EventTarget()
  const location = {
    shown: hash,
    get hash(): string {
      return this.shown
    },
    set hash(next: string) {
      this.shown = next
      window.dispatchEvent(new Event('hashchange'))
    },
  }
  vi.stubGlobal('document', page.document)
  vi.stubGlobal('location', location)
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window))
  vi.stubGlobal('history', {
    state: null,
    replaceState: (_state: unknown, _title: string, next: string) => (location.shown = next),
  })
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => page.store.get(key) ?? null,
    setItem: (key: string, value: string) => page.store.set(key, value),
    removeItem: (key: string) => page.store.delete(key),
  })
  vi.stubGlobal('matchMedia', () => page.media)
  vi.stubGlobal('fetch', page.fetch.bind(page))
  vi.doMock('socket.io-client', () => ({
    io: (options: Record<string, unknown>) => {
      const socket = new FakeSocket(options)
      page.sockets.push(socket)
      return socket
    },
  }))
  return page
}
