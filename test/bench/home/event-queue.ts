// The event queue of the simulation: processes, each sleeping until its time, woken in order.

/** A process does something and yields how many microseconds it sleeps before it goes on. */
export type Process = Iterator<number, void, void>

export type EventQueue = {
  /** A time that is over counts as now. */
  start(atMicros: number, process: Process): void
  /** Runs until every process has ended; `onTime` is called with each time before the process acts. */
  run(onTime: (micros: number) => void): void
}

type Sleeper = { wakes: number; order: number; process: Process }

/** A binary heap; processes that wake at the same time go in the order in which they fell asleep. */
export function eventQueue(): EventQueue {
  const heap: Sleeper[] = []
  let order = 0
  let now = -Infinity

  return {
    start(atMicros, process) {
      push({ wakes: Math.max(now, Math.round(atMicros)), order: order++, process })
    },
    run(onTime) {
      for (let first = heap[0]; first; first = heap[0]) {
        now = first.wakes
        onTime(now)
        // Whatever the process starts comes after it in order: it stays at the top.
        const step = first.process.next()
        if (step.done) removeTop()
        else {
          first.wakes += Math.max(0, Math.round(step.value))
          first.order = order++
          sinkTop()
        }
      }
    },
  }

  function removeTop(): void {
    const last = heap.pop()!
    if (heap.length === 0) return
    heap[0] = last
    sinkTop()
  }

  function push(sleeper: Sleeper): void {
    let at = heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (before(heap[parent], sleeper)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = sleeper
  }

  function sinkTop(): void {
    const sleeper = heap[0]
    let at = 0
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++
      if (before(sleeper, heap[child])) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = sleeper
  }
}

function before(one: Sleeper, other: Sleeper): boolean {
  return one.wakes < other.wakes || (one.wakes === other.wakes && one.order < other.order)
}
