// The information elements that are read, by number: IANA's registry of IPFIX (RFC 7012), of which the first 127 are
// those of NetFlow v9 (RFC 3954 section 8).

export const OCTETS = 1
export const PACKETS = 2
export const PROTOCOL = 4
export const SOURCE_PORT = 7
export const SOURCE_IPV4 = 8
export const INPUT_INTERFACE = 10
export const DESTINATION_PORT = 11
export const DESTINATION_IPV4 = 12
export const OUTPUT_INTERFACE = 14
export const LAST_SWITCHED = 21
export const FIRST_SWITCHED = 22
/** OUT_BYTES of NetFlow v9, postOctetDeltaCount of IPFIX: see `counts.ts`. */
export const POST_OCTETS = 23
export const POST_PACKETS = 24
export const SOURCE_IPV6 = 27
export const DESTINATION_IPV6 = 28
export const SAMPLING_INTERVAL = 34
export const ACTIVE_TIMEOUT = 36
export const SAMPLER_ID = 48
export const SAMPLER_INTERVAL = 50
export const SOURCE_MAC = 56
export const POST_DESTINATION_MAC = 57
export const DIRECTION = 61
export const OCTETS_TOTAL = 85
export const PACKETS_TOTAL = 86
export const FLOW_ID = 148
export const START_SECONDS = 150
export const END_SECONDS = 151
export const START_MILLISECONDS = 152
export const END_MILLISECONDS = 153
export const START_MICROSECONDS = 154
export const END_MICROSECONDS = 155
export const START_NANOSECONDS = 156
export const END_NANOSECONDS = 157
export const START_DELTA_MICROSECONDS = 158
export const END_DELTA_MICROSECONDS = 159
export const SYSTEM_INIT_MILLISECONDS = 160
export const DURATION_MILLISECONDS = 161
export const DURATION_MICROSECONDS = 162
export const POST_OCTETS_TOTAL = 171
export const POST_PACKETS_TOTAL = 172
export const POST_NAT_DESTINATION_IPV4 = 226
export const POST_NAPT_DESTINATION_PORT = 228
export const INITIATOR_OCTETS = 231
export const RESPONDER_OCTETS = 232
export const POST_NAT_DESTINATION_IPV6 = 282
export const INITIATOR_PACKETS = 298
export const RESPONDER_PACKETS = 299
export const SELECTOR_ID = 302
export const SAMPLING_PACKET_INTERVAL = 305
export const SAMPLING_PACKET_SPACE = 306
export const SAMPLING_SIZE = 309
export const SAMPLING_POPULATION = 310
export const SAMPLING_PROBABILITY = 311
export const OBSERVATION_SECONDS = 322
export const OBSERVATION_MILLISECONDS = 323
export const OBSERVATION_MICROSECONDS = 324
export const OBSERVATION_NANOSECONDS = 325
export const LAYER2_OCTETS = 352

/** Elements beyond are not read. */
export const ELEMENTS = 512
/** The enterprise number under which an element is that of the reverse direction (RFC 5103 section 6.1). */
export const REVERSE_ENTERPRISE = 29_305
/** An element of the reverse direction has this much added to its number here. */
export const REVERSE = ELEMENTS
