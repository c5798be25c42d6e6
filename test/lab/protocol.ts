// The request of a lab device to the cloud's server: the bytes that it will send, and those it asks for.

export const REQUEST_LENGTH = 8
/** Where the cloud takes whatever comes, at every address: nothing there has a name. */
export const SINK_PORT = 8_443

/** Two numbers of 32 bits, network order; then come `up` bytes, and `down` bytes go back. */
export function request(up: number, down: number): Buffer {
  const bytes = Buffer.alloc(REQUEST_LENGTH)
  bytes.writeUInt32BE(up, 0)
  bytes.writeUInt32BE(down, 4)
  return bytes
}

export function readRequest(bytes: Buffer): { up: number; down: number } {
  return { up: bytes.readUInt32BE(0), down: bytes.readUInt32BE(4) }
}
