// Requests to the server, and the error where it cannot answer.
import type { ApiError } from '../../server/api.ts'

/** A failed request. `code` is the server's, or `unreachable` where it gave no response. */
export class ApiFailure extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, error: ApiError) {
    super(error.message)
    this.status = status
    this.code = error.code
  }
}

let csrf: string | null = null
let whenLoggedOut: () => void = () => undefined

export function setCsrf(token: string | null): void {
  csrf = token
}

export function csrfToken(): string | null {
  return csrf
}

/** Called when a response shows that the login has ended. */
export function onLoggedOut(listener: () => void): void {
  whenLoggedOut = listener
}

/** True for the error of a request that was given up on purpose. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

function errorIn(body: unknown, status: number): ApiError {
  const error = (body as { error?: Partial<ApiError> } | null)?.error
  return { code: error?.code ?? `http-${status}`, message: error?.message ?? `The server answered ${status}.` }
}

async function answerOf<T>(response: Response): Promise<T> {
  const text = await response.text()
  let body: unknown = null
  try {
    body = text === '' ? null : JSON.parse(text)
  } catch {
    if (response.ok)
      throw new ApiFailure(response.status, { code: 'unreadable', message: 'The answer could not be read.' })
  }
  if (response.ok) return body as T
  if (response.status === 401) whenLoggedOut()
  throw new ApiFailure(response.status, errorIn(body, response.status))
}

async function ask<T>(path: string, request: RequestInit): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, { credentials: 'same-origin', cache: 'no-store', ...request })
  } catch (error) {
    if (isAbort(error)) throw error
    throw new ApiFailure(0, { code: 'unreachable', message: 'Telltale does not answer.' })
  }
  return answerOf<T>(response)
}

export type Query = Record<string, string | number | undefined>

export function pathWith(path: string, query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string | number] => entry[1] !== undefined)
  if (given.length === 0) return path
  return `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`
}

export function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return ask<T>(pathWith(path, query), signal === undefined ? {} : { signal })
}

/** A change: carries the CSRF token. */
export function send<T>(method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = csrf === null ? {} : { 'x-csrf-token': csrf }
  if (body === undefined) return ask<T>(path, { method, headers })
  return ask<T>(path, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

/** The path of a request to a scope's traffic history. */
export function trafficPath(scope: string, rest: string): string {
  return `/api/traffic/${encodeURIComponent(scope)}/${rest}`
}
