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

export interface SurveyedEnd {
  words: AddressWords
  port: number
  /** IP bytes that it sent. */
  bytes: number
  place: 'home' | 'internet' | 'group'
}

export interface SurveyedFlow {
  /** IANA's number. */
  protocol: number
  isIpv4: boolean
  /** Both ways; 0 of flows between two internet addresses that are over. */
  packets: number
  ends: [SurveyedEnd, SurveyedEnd]
}

/** At most as many as the core keeps (MAX_FLOWS): the oldest of more are gone. */
export function* surveyedFlows(core: PacketCore): Generator<SurveyedFlow> {
  const at = core.exports.surveyAddress() >> 3
  for (let id = core.exports.surveyFlow(0); id >= 0; id = core.exports.surveyFlow(id)) {
    const fields = core.numbers.slice(at, at + SURVEY_FIELDS)
    const endOf = (address: number, port: number, bytes: number, home: number, internet: number): SurveyedEnd => ({
      words: [...fields.subarray(address, address + 4)].map((word) => word >>> 0) as AddressWords,
      port: fields[port],
      bytes: fields[bytes],
      place: fields[home] === 1 ? 'home' : fields[internet] === 1 ? 'internet' : 'group',
    })
    yield {
      protocol: fields[SURVEY_PROTOCOL],
      isIpv4: fields[SURVEY_IS_IPV4] === 1,
      packets: fields[SURVEY_PACKETS],
      ends: [
        endOf(SURVEY_ADDRESS_A, SURVEY_PORT_A, SURVEY_BYTES_A, SURVEY_IS_HOME_A, SURVEY_IS_INTERNET_A),
        endOf(SURVEY_ADDRESS_B, SURVEY_PORT_B, SURVEY_BYTES_B, SURVEY_IS_HOME_B, SURVEY_IS_INTERNET_B),
      ],
    }
  }
}
