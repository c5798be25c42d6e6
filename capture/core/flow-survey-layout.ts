// Where the numbers of a flow stand in what surveyFlow writes (flow-survey.ts). Plain TypeScript.

export const SURVEY_PROTOCOL = 0
export const SURVEY_IS_IPV4 = 1
export const SURVEY_PORT_A = 2
export const SURVEY_PORT_B = 3
export const SURVEY_IS_HOME_A = 4
export const SURVEY_IS_HOME_B = 5
export const SURVEY_IS_INTERNET_A = 6
export const SURVEY_IS_INTERNET_B = 7
export const SURVEY_PACKETS = 8
export const SURVEY_BYTES_A = 9
export const SURVEY_BYTES_B = 10
/** Four words. */
export const SURVEY_ADDRESS_A = 11
export const SURVEY_ADDRESS_B = 15
export const SURVEY_FIELDS = 19
