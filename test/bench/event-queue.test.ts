// The event queue of the simulation wakes its processes in order of time.
import { expect, test } from 'vitest'
import { seededRandom } from '../../server/sample/packets/random.ts'
import { eventQueue, type Process } from './home/event-queue.ts'

function* steps(name: string, delays: number[], say: (name: string) => void): Generator<number, void, void> {
  for (const delay of delays) {
    say(name)
    yield delay
  }
  say(`${name} ends`)
}

test('wakes processes in the order of time, and at one time in the order in which they fell asleep', () => {
  const calls: string[] = []
  let now = 0
  const queue = eventQueue()
  const say = (name: string): unknown => calls.push(`${now} ${name}`)
  queue.start(10, steps('a', [5, 10], say))
  queue.start(0, steps('b', [15, 0], say))
  queue.start(10, steps('c', [], say))
  queue.run((micros) => (now = micros))
  expect(calls).toEqual(['0 b', '10 a', '10 c ends', '15 b', '15 a', '15 b ends', '25 a ends'])
})

test('starts what a process asks for while the others sleep, and what was asked for too late at once', () => {
  const calls: string[] = []
  let now = 0
  const queue = eventQueue()
  const say = (name: string): unknown => calls.push(`${now} ${name}`)
  function* parent(): Generator<number, void, void> {
    queue.start(105, steps('child', [], say))
    queue.start(3, steps('late', [], say))
    yield 10
    say('parent')
  }
  queue.start(100, parent())
  queue.run((micros) => (now = micros))
  expect(calls).toEqual(['100 late ends', '105 child ends', '110 parent'])
})

test('never goes back in time with thousands of processes', () => {
  const random = seededRandom(1)
  const queue = eventQueue()
  const times: number[] = []
  let wakes = 0
  function* wander(): Process & Generator<number, void, void> {
    for (let step = 0; step < 20; step++) {
      wakes++
      yield random.exponential(100)
    }
  }
  for (let process = 0; process < 2000; process++) queue.start(random.integer(0, 5000), wander())
  queue.run((micros) => times.push(micros))
  expect(wakes).toBe(40_000)
  expect(times).toEqual([...times].sort((one, other) => one - other))
})
