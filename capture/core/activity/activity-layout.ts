// Numbers of the activity records that the core writes and the program around it reads. Plain TypeScript: both compile
// this file. All fields are 64-bit numbers.

/** One cell: second, device, endpoint, sent, received (CELL_LENGTH of server/model/batch.ts). */
export const CELL_NUMBERS = 5
/** The endpoint of everything at home (AT_HOME of server/model/batch.ts). */
export const ENDPOINT_AT_HOME = 0

/** Numbers of one output of the burst cutter. */
export const BURST_NUMBERS = 11
/** What it is: one of OUT_…. */
export const BURST_OUT = 0
export const BURST_DEVICE = 1
export const BURST_ENDPOINT = 2
export const BURST_FIRST = 3
export const BURST_LAST = 4
export const BURST_SENT = 5
export const BURST_RECEIVED = 6
export const BURST_PEAK = 7
export const BURST_STEADY = 8
/** Median seconds between beats; their share is in the place of its own record. */
export const BURST_PERIOD = 9
export const BURST_EARLY = 10

/** A burst that some rule may ask for. */
export const OUT_BURST = 0
/** A heartbeat: `peak` holds the share of the intervals that lie about the period. */
export const OUT_BEAT = 1
/** Bytes of a burst that is over turned out to be another's: `first` is the second. */
export const OUT_TAKEN_BACK = 2

/** Numbers of one output of the upload meter. */
export const REPORT_NUMBERS = 12
/** What it is: one of OUT_REPORT, OUT_END, OUT_USE. */
export const REPORT_OUT = 0
export const REPORT_DEVICE = 1
export const REPORT_ENDPOINT = 2
export const REPORT_FROM = 3
export const REPORT_SECOND = 4
export const REPORT_SENT = 5
export const REPORT_RECEIVED = 6
/** The upload: its first second (NaN for none), last second, bytes and peak. */
export const REPORT_UPLOAD_FROM = 7
export const REPORT_UPLOAD_LAST = 8
export const REPORT_UPLOAD_SENT = 9
export const REPORT_UPLOAD_RECEIVED = 10
export const REPORT_UPLOAD_PEAK = 11

export const OUT_REPORT = 0
/** A report of an upload that has ended. */
export const OUT_END = 1
/** A device moved so much in a second that somebody may use a service: device, endpoint, second. */
export const OUT_USE = 2
