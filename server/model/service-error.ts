// Error of a request that cannot be fulfilled.
/** Thrown for a wrong request; `status` is the HTTP status, `code` stable, the message one sentence. */
export class ServiceError extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}
