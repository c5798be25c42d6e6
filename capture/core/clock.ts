// The clock of the packets: seconds since 1970-01-01 UTC with their fraction, NaN before there is a packet.

/** Time of the packet at hand. */
export let now: f64 = NaN
/** Time of the first and the last packet. */
export let firstTime: f64 = NaN
export let lastTime: f64 = NaN

export function setNow(time: f64): void {
  now = time
}

/** A packet of that time came. */
export function observeTime(time: f64): void {
  now = time
  if (!(time >= firstTime)) firstTime = time
  if (!(time <= lastTime)) lastTime = time
}
