// The engine's thread from its sources, with an engine that fails at packets that hold a word: it throws at one, and
// never comes back from another.
import { Engine } from '../../server/engine/engine.ts'
import { InputGuard } from '../../server/session/input-guard.ts'

export const THROWS = 'poison that throws'
export const HANGS = 'poison that hangs'

// Each packet comes by here: none goes from the reader straight to the engine.
Object.defineProperty(InputGuard.prototype, 'passesPackets', { get: () => false })
const handle = Engine.prototype.packet
Engine.prototype.packet = function (frame) {
  const bytes = Buffer.from(frame.bytes.buffer, frame.bytes.byteOffset + frame.at, frame.end - frame.at)
  if (bytes.includes(THROWS)) throw new RangeError('Invalid poison value')
  if (bytes.includes(HANGS)) for (;;);
  handle.call(this, frame)
}
await import('../../server/session/engine-worker.ts')
