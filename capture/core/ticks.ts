// What moved in one second of capture time.

export function addRowToTick(row: i32, sent: f64, received: f64): void {
  unreachable()
}

export function addLocalToTick(binding: i32, sent: f64, received: f64): void {
  unreachable()
}

/** Whether anything was added since the last `clearTick`. */
export function hasTick(): bool {
  return unreachable()
}

/** Called when the host has read the sums. */
export function clearTick(): void {
  unreachable()
}
