// The ClientHello in QUIC Initials outside of the packet core, read by capture/core/quic/initial.ts.
import { PlacedBytes } from './placed-bytes.ts'
import { ClientHello } from './tls-hello.ts'

/** The ClientHello is whole. */
export const COMPLETE = 1
/** No Initial of this datagram can be decrypted, or they carry no ClientHello; a later one may. (0 is NEED_MORE.) */
export const UNREADABLE = -1
/** No Initial of a known version is in this datagram. */
export const NOT_INITIAL = -2

const placed = new PlacedBytes()
/** Frees the core's records of readers that were garbage-collected. */
const abandoned = new FinalizationRegistry<number>((initials) => placed.core.exports.releaseInitials(initials))

/** The client's Initial packets of one flow, up to its ClientHello. reset() makes it ready for another flow. */
export class QuicInitialFlow {
  /**
   * What was read; valid after COMPLETE and until reset(). After NEED_MORE it may hold a name already (see
   * readClientHello).
   */
  readonly hello = new ClientHello()
  private readonly initials = placed.core.exports.newInitials()

  constructor() {
    abandoned.register(this, this.initials)
  }

  reset(): void {
    placed.core.exports.resetInitials(this.initials)
    this.hello.clear()
  }

  /** Reads one UDP payload from client to server. Returns COMPLETE, NEED_MORE, UNREADABLE or NOT_INITIAL. */
  push(bytes: Uint8Array, at: number, end: number): number {
    const { exports } = placed.core
    const before = exports.initialHelloChanges.value
    const ahead = placed.place(bytes, at, end)
    const result = exports.pushInitial(this.initials, at + ahead, end + ahead)
    if (exports.initialHelloChanges.value !== before) this.takeHello()
    return result
  }

  private takeHello(): void {
    const { exports, bytes } = placed.core
    const { hello } = this
    hello.clear()
    const at = exports.initialHelloAt.value
    if (at === 0) return
    const isInPlace = at >= exports.contentStart.value && at < exports.contentEnd.value
    const from = isInPlace ? exports.contentStart.value : at
    hello.bytes = bytes.slice(from, isInPlace ? exports.contentEnd.value : exports.initialHelloEnd.value)
    if (exports.serverNameAt.value !== 0) {
      hello.serverNameAt = exports.serverNameAt.value - from
      hello.serverNameEnd = exports.serverNameEnd.value - from
    }
    if (exports.alpnAt.value !== 0) {
      hello.alpnAt = exports.alpnAt.value - from
      hello.alpnEnd = exports.alpnEnd.value - from
    }
    hello.encryptedClientHello = exports.hasEncryptedHello.value !== 0
  }
}
