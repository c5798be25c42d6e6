// The flows that the core keeps, one after another: whose they are, and what each end sent.
import {
  SURVEY_ADDRESS_A,
  SURVEY_ADDRESS_B,
  SURVEY_BYTES_A,
  SURVEY_BYTES_B,
  SURVEY_FIELDS,
  SURVEY_IS_HOME_A,
  SURVEY_IS_HOME_B,
  SURVEY_IS_INTERNET_A,
  SURVEY_IS_INTERNET_B,
  SURVEY_IS_IPV4,
  SURVEY_PACKETS,
  SURVEY_PORT_A,
  SURVEY_PORT_B,
  SURVEY_PROTOCOL,
} from '../../capture/core/flow-survey-layout.ts'
import type { AddressWords } from '../../capture/ip-address.ts'
import type { PacketCore } from '../../capture/packet-core.ts'

/** Places of one end's numbers. */
interface EndFields {
  address: number
  port: number
  bytes: number
  isHome: number
  isInternet: number
}

const END_A: EndFields = {
  address: SURVEY_ADDRESS_A,
  port: SURVEY_PORT_A,
  bytes: SURVEY_BYTES_A,
  isHome: SURVEY_IS_HOME_A,
  isInternet: SURVEY_IS_INTERNET_A,
}
const END_B: EndFields = {
  address: SURVEY_ADDRESS_B,
  port: SURVEY_PORT_B,
  bytes: SURVEY_BYTES_B,
  isHome: SURVEY_IS_HOME_B,
  isInternet: SURVEY_IS_INTERNET_B,
}

/** One end of the flow that is being visited. */
export class SurveyedEnd {
  private readonly numbers: Float64Array
  private readonly at: EndFields

  constructor(numbers: Float64Array, at: EndFields) {
    this.numbers = numbers
    this.at = at
  }

  get port(): number {
    return this.numbers[this.at.port]
  }

  /** IP bytes that it sent. */
  get bytes(): number {
    return this.numbers[this.at.bytes]
  }

  get place(): 'home' | 'internet' | 'group' {
    if (this.numbers[this.at.isHome] === 1) return 'home'
    return this.numbers[this.at.isInternet] === 1 ? 'internet' : 'group'
  }

  get words(): AddressWords {
    const first = this.at.address
    const word = (index: number): number => this.numbers[first + index] >>> 0
    return [word(0), word(1), word(2), word(3)]
  }

  /** Of an IPv4 address, all of it. */
  get lastWord(): number {
    return this.numbers[this.at.address + 3] >>> 0
  }
}

/** The flow that is being visited: the next one takes its place. */
export class SurveyedFlow {
  readonly ends: readonly [SurveyedEnd, SurveyedEnd]
  private readonly numbers: Float64Array

  constructor(numbers: Float64Array) {
    this.numbers = numbers
    this.ends = [new SurveyedEnd(numbers, END_A), new SurveyedEnd(numbers, END_B)]
  }

  /** IANA's number. */
  get protocol(): number {
    return this.numbers[SURVEY_PROTOCOL]
  }

  get isIpv4(): boolean {
    return this.numbers[SURVEY_IS_IPV4] === 1
  }

  /** Both ways; 0 of flows between two internet addresses that are over. */
  get packets(): number {
    return this.numbers[SURVEY_PACKETS]
  }
}

/** Visits each of them; at most as many as the core keeps (MAX_FLOWS): the oldest of more are gone. */
export function visitFlows(core: PacketCore, visit: (flow: SurveyedFlow) => void): void {
  const { exports } = core
  const at = exports.surveyAddress() >> 3
  // Nothing is allocated in between: the core's memory stays where it is.
  const flow = new SurveyedFlow(core.numbers.subarray(at, at + SURVEY_FIELDS))
  for (let id = exports.surveyFlow(0); id >= 0; id = exports.surveyFlow(id)) visit(flow)
}
