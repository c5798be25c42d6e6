// A whole Telltale on a free port of this machine, with its own state folder, and a client that has logged in.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '../../server/log.ts'
import { type Running, start } from '../../server/main.ts'
import type { LiveSourcePlan } from '../../server/model/source-plan.ts'

export const PASSWORD = 'correct horse battery'

export interface Client {
  origin: string
  cookie: string
  csrf: string
  get<Value>(path: string): Promise<Value>
  send<Value>(method: string, path: string, body?: unknown): Promise<Value>
  upload<Value>(name: string, bytes: Uint8Array): Promise<Value>
}

export interface TestHome {
  running: Running
  stateFolder: string
  client: Client
  close(): Promise<void>
}

/** Starts a service and sets its password. Everything it wrote is removed on close, unless the folder was given. */
export async function startHome(
  options: {
    stateFolder?: string
    pcap?: string
    sources?: LiveSourcePlan[]
    engineWorkerFile?: URL
    lateAfterMs?: number
  } = {},
): Promise<TestHome> {
  const stateFolder = options.stateFolder ?? mkdtempSync(join(tmpdir(), 'telltale-state-'))
  const running = await start({
    port: 0,
    stateFolder,
    lan: false,
    pcap: options.pcap ?? null,
    sources: options.sources ?? [],
    version: 'test',
    ...(options.engineWorkerFile === undefined ? {} : { engineWorkerFile: options.engineWorkerFile }),
    ...(options.lateAfterMs === undefined ? {} : { lateAfterMs: options.lateAfterMs }),
    log: createLog('text', (line) => console.log(line.trimEnd())),
  })
  const client = await logIn(running)
  return {
    running,
    stateFolder,
    client,
    close: async () => {
      await running.close()
      if (options.stateFolder === undefined) rmSync(stateFolder, { recursive: true, force: true })
    },
  }
}

/** Claims the box where it has no password yet, else logs in. */
export async function logIn({ port, url }: Pick<Running, 'port' | 'url'>): Promise<Client> {
  const origin = `http://localhost:${port}`
  const token = new URL(url).searchParams.get('token')
  const response = await fetch(`${origin}/api/${token === null ? 'login' : 'claim'}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ password: PASSWORD, ...(token === null ? {} : { token }) }),
  })
  if (!response.ok) throw new Error(`Could not log in: ${response.status} ${await response.text()}`)
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const ask = async (path: string, init: RequestInit = {}): Promise<never> => {
    const answer = await fetch(`${origin}${path}`, { ...init, headers: { cookie, origin, ...init.headers } })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${init.method ?? 'GET'} ${path}: ${answer.status} ${text}`)
    return (text === '' ? null : JSON.parse(text)) as never
  }
  const { csrf } = (await ask('/api/session')) as { csrf: string }
  return {
    origin,
    cookie,
    csrf,
    get: (path) => ask(path),
    send: (method, path, body) =>
      ask(path, {
        method,
        headers: { 'x-csrf-token': csrf, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    upload: (name, bytes) =>
      ask('/api/replays', {
        method: 'POST',
        headers: {
          'x-csrf-token': csrf,
          'content-type': 'application/octet-stream',
          'x-file-name': encodeURIComponent(name),
        },
        body: bytes as Uint8Array<ArrayBuffer>,
      }),
  }
}

/** Asks again and again until the answer is as wanted. Rejects after `milliseconds`. */
export async function eventually<Value>(
  ask: () => Promise<Value>,
  isWanted: (value: Value) => boolean,
  milliseconds = 20_000,
): Promise<Value> {
  const end = performance.now() + milliseconds
  for (;;) {
    const value = await ask()
    if (isWanted(value)) return value
    if (performance.now() > end) throw new Error(`Still not as wanted: ${JSON.stringify(value).slice(0, 500)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
