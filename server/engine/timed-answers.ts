// When devices were answered with which name for an address: what is told late is named by what was known before it.
import { BoundedMap } from '../../capture/bounded-map.ts'
import { NO_NAME } from './name-table.ts'

/** Pairs of device and address, and the last answers of one. */
const MAX_PAIRS = 20_000
const MAX_ANSWERS = 4
/** Logs and exporters have whole seconds, and clocks of their own. */
const SLACK = 2

interface Answer {
  name: number
  time: number
}

export class TimedAnswers {
  private readonly pairs = new BoundedMap<string, Answer[]>('answers with their times', MAX_PAIRS)

  /** `device` is a device key, `address` and `name` are numbers of the engine's tables. */
  add(device: number, address: number, name: number, time: number): void {
    const key = `${device} ${address}`
    const answers = this.pairs.get(key) ?? []
    const last = answers.at(-1)
    // The same name again says nothing new of flows that begin later.
    if (last?.name !== name) answers.push({ name, time })
    if (answers.length > MAX_ANSWERS) answers.shift()
    this.pairs.renew(key, answers)
  }

  /** The name of the latest answer up to `time`; NO_NAME where there is none. */
  before(device: number, address: number, time: number): number {
    let found: Answer | null = null
    for (const answer of this.pairs.get(`${device} ${address}`) ?? [])
      if (answer.time <= time + SLACK && (found === null || answer.time >= found.time)) found = answer
    return found?.name ?? NO_NAME
  }
}
