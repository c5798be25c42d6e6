// Limits of what is followed of the devices' activity. Plain TypeScript: the core and the program around it compile it.

/** Device × endpoint pairs with an open burst; what comes beyond ends the one that was opened first. */
export const MAX_OPEN = 8_192
/** Pairs with a pulse; the one met first makes room for a new one. */
export const MAX_PAIRS = 8_192
/** Rows of the upload meter; beyond, the one opened first is reported and begins anew. */
export const MAX_METER_ROWS = 65_536

/**
 * A pause longer than this ends a burst. Within one spoken request and its answer pauses of one or two seconds are
 * usual (the service thinks); between two requests lie more, as a person has to say them.
 */
export const PAUSE_SECONDS = 3
/** A second that moved less is a trickle: keep-alives must neither hold a burst open nor begin one. */
export const TRICKLE_BYTES = 2_000
/** A stream that goes on is cut, so that it is reported while it lasts. */
export const LONGEST_BURST_SECONDS = 1_800
/** Bytes a second of the thinnest speech: Opus at 32 kbit/s, the least that Alexa Voice Service documents. */
export const SPEECH_BYTES_PER_SECOND = 4_000
/**
 * What comes back until so much was sent came early. Half a second of raw sound (256 kbit/s), or two seconds of
 * compressed speech (64 kbit/s): less than the wake word and any command, so no answer came yet to who spoke.
 */
export const EARLY_SENT_BYTES = 16_000

/** A pause as long as this ends an upload. */
export const UPLOAD_PAUSE_SECONDS = 20
/** What is sent to acknowledge what is received is at most this part of it. */
export const ACKNOWLEDGEMENT_SHARE = 0.05
/** A phone that opens a camera moves more than this in a second; less are notifications. */
export const USE_BYTES = 5_000
