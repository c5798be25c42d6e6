// Limits and layout of the record of one DNS message. Plain TypeScript: the core and the program around it compile it.

/** More than real messages hold; together with the pointers followed it bounds the work that one message can cost. */
export const MAX_QUESTIONS = 32
export const MAX_RECORDS = 512
/** RFC 1035 section 3.1. */
export const MAX_NAME_LENGTH = 255
/** Every byte of a name can be escaped as \DDD. */
export const MAX_TEXT_LENGTH = 1020

/** Fields of DnsMessage of dns-message.ts, in 32-bit words from its address. */
export const DNS_START = 0
export const DNS_END = 1
export const DNS_ID = 2
export const DNS_IS_RESPONSE = 3
export const DNS_OPCODE = 4
export const DNS_RESPONSE_CODE = 5
export const DNS_QUESTION_COUNT = 6
export const DNS_RECORD_COUNT = 7
export const DNS_INCOMPLETE = 8
export const DNS_NAME_BYTES_LEFT = 9
/** Behind them the questions: where the name is, and the type. */
export const DNS_QUESTIONS = 10
export const DNS_QUESTION_WORDS = 2
/** Behind them the records: section, where the name is, type, lifetime, and where the data are and end. */
export const DNS_RECORDS = 74
export const DNS_RECORD_WORDS = 6
/** All of it: DNS_RECORDS + DNS_RECORD_WORDS * MAX_RECORDS. */
export const DNS_WORDS = 3146

/** Fields of ServiceBinding of dns-service-binding.ts, in 32-bit words from its address. */
export const BINDING_PRIORITY = 0
export const BINDING_TARGET_AT = 1
export const BINDING_IPV4_AT = 2
export const BINDING_IPV4_END = 3
export const BINDING_IPV6_AT = 4
export const BINDING_IPV6_END = 5
export const BINDING_ECH_AT = 6
export const BINDING_ECH_END = 7
