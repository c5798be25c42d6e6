// A clock for one program and its threads, loaded before it with --import: the wall clock says what TELLTALE_TEST_CLOCK
// says, so that kept state is as old at every run of the tests as it was when it was made. Timers run as always.
//   TELLTALE_TEST_CLOCK="1767711600 0 0"        stands still at that second
//   TELLTALE_TEST_CLOCK="1767571200 3600 <ms>"  an hour a second, since the machine's clock was at <ms>
const [start, rate, origin] = (process.env['TELLTALE_TEST_CLOCK'] ?? '').split(' ').map(Number)
if (!Number.isFinite(start + rate + origin)) throw new Error('TELLTALE_TEST_CLOCK is "seconds rate milliseconds"')

const RealDate = Date
const now = () => Math.floor(start * 1000 + (RealDate.now() - origin) * rate)

globalThis.Date = new Proxy(RealDate, {
  construct: (target, values) => (values.length === 0 ? new target(now()) : new target(...values)),
  apply: (target) => new target(now()).toString(),
  get: (target, key) => (key === 'now' ? now : target[key]),
})
