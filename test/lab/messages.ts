// The messages between the lab's steward and its devices, over the channel between processes.

export type Order =
  | { id: number; do: 'switch-on' }
  /** Each habit once; answered when all are done. */
  | { id: number; do: 'everything-once' }
  /** Habits from now on, until "rest". */
  | { id: number; do: 'carry-on' }
  /** Answered when nothing is under way any more. */
  | { id: number; do: 'rest' }
  /** One datagram of this many bytes to the habit's host; answered with the wall-clock time at which it was sent. */
  | { id: number; do: 'marked-packet'; habit: number; bytes: number }
  /** Bytes to an address that has no name, over so many seconds; answered with an Uploaded when all is taken. */
  | { id: number; do: 'upload'; address: string; bytes: number; seconds: number }
  /** Ends each upload that is under way; they are answered with what went. */
  | { id: number; do: 'stop-upload' }

/** What only the receiver's own words differ in. */
export type OrderWords = Order extends infer One ? (One extends { id: number } ? Omit<One, 'id'> : never) : never

export interface Lease {
  address: string
  /** Wall-clock time of the lease, milliseconds. */
  at: number
}

/** Wall-clock times, milliseconds. */
export interface Uploaded {
  /** Of the first byte, and of when the last one was taken. */
  from: number
  until: number
  /** How many bytes had been handed to the kernel when, about twenty times a second. */
  progress: [at: number, bytes: number][]
}

export type Answer = { id: number; error: string } | { id: number; result: unknown }
