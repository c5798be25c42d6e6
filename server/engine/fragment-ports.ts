// Ports of later fragments of a datagram.
import type { Frame } from '../../capture/frame.ts'
import { LIMITS } from './limits.ts'

const WORDS = 6

/** The first fragments seen last, in a ring: only they carry ports (RFC 791 section 3.2, RFC 8200 section 4.5). */
export class FragmentPorts {
  private readonly ring = new Int32Array(LIMITS.fragments * WORDS)
  private next = 0
  /** Later fragments whose first one was not seen: they count without ports. */
  orphans = 0

  /** `source` and `destination` name the addresses; writes the ports into the frame of a later fragment. */
  resolve(frame: Frame, source: number, destination: number): void {
    if (frame.fragmentOffset === 0) this.remember(frame, source, destination)
    else this.recall(frame, source, destination)
  }

  private remember(frame: Frame, source: number, destination: number): void {
    const at = this.next * WORDS
    this.next = (this.next + 1) % LIMITS.fragments
    this.ring[at] = source
    this.ring[at + 1] = destination
    this.ring[at + 2] = frame.fragmentId
    this.ring[at + 3] = frame.protocol
    this.ring[at + 4] = frame.sourcePort
    this.ring[at + 5] = frame.destinationPort
  }

  private recall(frame: Frame, source: number, destination: number): void {
    const { ring } = this
    // Fragments follow each other closely: look back from the newest, and not far, so that a flood of orphans stays
    // cheap.
    for (let back = 1; back <= 64; back++) {
      const at = ((this.next - back + LIMITS.fragments) % LIMITS.fragments) * WORDS
      const isSame = ring[at] === source && ring[at + 1] === destination && ring[at + 2] === frame.fragmentId
      if (!isSame || ring[at + 3] !== frame.protocol) continue
      frame.sourcePort = ring[at + 4]
      frame.destinationPort = ring[at + 5]
      return
    }
    this.orphans++
  }
}
