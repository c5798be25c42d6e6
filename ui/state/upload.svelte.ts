// The upload of a recording and its progress. XMLHttpRequest, because fetch reports no progress of what was sent.
import type { Replay } from '../../server/api.ts'
import { csrfToken } from './api.ts'

export type UploadState = 'idle' | 'sending' | 'failed' | 'cancelled'

export class Upload {
  state = $state<UploadState>('idle')
  name = $state('')
  sent = $state(0)
  size = $state(0)
  /** The server's sentence; null where contact was lost. */
  problem = $state<string | null>(null)
  #request: XMLHttpRequest | null = null

  /** Sends the file as it is. Resolves to the replay, or null where it failed or was cancelled. */
  send(file: File): Promise<Replay | null> {
    this.cancel()
    this.name = file.name
    this.sent = 0
    this.size = file.size
    this.problem = null
    this.state = 'sending'
    return new Promise((resolve) => {
      const request = new XMLHttpRequest()
      this.#request = request
      request.open('POST', '/api/replays')
      request.setRequestHeader('content-type', 'application/octet-stream')
      request.setRequestHeader('x-file-name', encodeURIComponent(file.name.slice(-200)))
      request.setRequestHeader('x-csrf-token', csrfToken() ?? '')
      request.upload.onprogress = (event) => (this.sent = event.loaded)
      request.onload = () => resolve(this.#answered(request))
      request.onerror = () => resolve(this.#end('failed'))
      request.onabort = () => resolve(this.#end('cancelled'))
      request.send(file)
    })
  }

  cancel(): void {
    this.#request?.abort()
    this.#request = null
  }

  #answered(request: XMLHttpRequest): Replay | null {
    const body = bodyOf(request.responseText)
    if (request.status >= 200 && request.status < 300 && body !== null && 'id' in body) {
      this.#end('idle')
      return body
    }
    this.problem = body !== null && 'error' in body ? (body.error?.message ?? null) : null
    return this.#end('failed')
  }

  #end(state: UploadState): null {
    this.#request = null
    this.state = state
    return null
  }
}

function bodyOf(text: string): Replay | null {
  try {
    return JSON.parse(text) as Replay | null
  } catch {
    return null
  }
}
