// A clock for one program and its threads, loaded before it with --import: it is off by as many seconds as the file
// TELLTALE_TEST_OFFSET says, which may change while the program runs. Timers run as always.
import { readFileSync } from 'node:fs'

const RealDate = Date
let readAt = -Infinity
let offset = 0
const now = () => {
  if (performance.now() - readAt > 20) {
    readAt = performance.now()
    offset = Number(readFileSync(process.env.TELLTALE_TEST_OFFSET, 'utf8')) * 1000
  }
  return RealDate.now() + offset
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, values) => (values.length === 0 ? new target(now()) : new target(...values)),
  apply: (target) => new target(now()).toString(),
  get: (target, key) => (key === 'now' ? now : target[key]),
})
