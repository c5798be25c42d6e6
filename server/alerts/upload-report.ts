// What a meter of uploads reports: what a device and an endpoint moved, and the upload that it is part of.

/** An upload: what a row sent without a pause of 20 s. */
export interface Upload {
  /** First and last second in which a part of it was sent. */
  from: number
  last: number
  sent: number
  received: number
  /** Most within ten seconds. */
  peak: number
}

/** What a row moved since its last report. */
export interface Report {
  /** The first second of what it holds. */
  from: number
  /** The last second in which it moved something; of an upload that has ended, 20 s after its last part. */
  second: number
  device: number
  endpoint: number
  sent: number
  received: number
  /** The upload that goes on; null where what is sent is no upload of note. */
  upload: Upload | null
  /** The upload has ended. */
  isEnd: boolean
}

/** The device moved `USE_BYTES` or more with the endpoint in the second. */
export type Use = (device: number, endpoint: number, second: number) => void
