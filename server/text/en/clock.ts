// The sentence on a recording whose clock was set while it ran, in English.

const YEAR = 365.25 * 86_400
/** Stretches named one by one. */
const SHOWN = 3

/** `stretches` in seconds since 1970-01-01 UTC, in the order of the capture; two at least. */
export function clockSentence(stretches: readonly { from: number; to: number }[]): string {
  const [before, behind] = stretches
  const leap = behind.from - before.to
  const years = Math.abs(leap) / YEAR
  const far = years >= 1 ? `${years.toFixed(1)} years` : `${Math.round(Math.abs(leap) / 86_400)} days`
  const times = stretches.length === 2 ? '' : ` ${stretches.length - 1} times, first`
  const parts = stretches
    .slice(0, SHOWN)
    .map(({ from, to }) => (from === to ? shown(from) : `${shown(from)} to ${shown(to)}`))
  const more = stretches.length > SHOWN ? `, and of ${stretches.length - SHOWN} more stretches` : ''
  return `the clock of the capture jumped${times} by ${far} ${leap > 0 ? 'forward' : 'back'}: packets are of ${parts.join(', and of ')}${more} (UTC). Either the machine got the time only while it captured, as a Raspberry Pi does, or several captures were put together`
}

function shown(second: number): string {
  return new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' ')
}
