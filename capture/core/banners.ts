// Texts by which programs name themselves in the clear: RTSP heads and SSH identification.
import { NEED_MORE, readHeaderFields, startHead } from './http-request'
import { MAX_BANNER_LINE } from './limits'
import { byteAt } from './memory'

export const NOT_BANNER: i32 = -1
export const LETTER_R: i32 = 0x52
export const LETTER_S: i32 = 0x53

const LINE_FEED: i32 = 0x0a
const CARRIAGE_RETURN: i32 = 0x0d
const SPACE: i32 = 0x20
/** `RTSP/1.`, `rtsp://` and `SSH-`. */
const RTSP_VERSION = memory.data<u8>([0x52, 0x54, 0x53, 0x50, 0x2f, 0x31, 0x2e])
const RTSP_SCHEME = memory.data<u8>([0x72, 0x74, 0x73, 0x70, 0x3a, 0x2f, 0x2f])
const RTSP_LENGTH: usize = 7
const SSH = memory.data<u8>([0x53, 0x53, 0x48, 0x2d])
const SSH_LENGTH: usize = 4
/** The longest method of RTSP is GET_PARAMETER (RFC 2326 section 6.1). */
const MAX_METHOD: usize = 16

/** The identification that was read last, without its line end. */
export let bannerAt: usize = 0
export let bannerEnd: usize = 0

/** Whether [at, end) starts a response of an RTSP server (RFC 2326 section 7.1), or is a beginning of that. */
export function startsLikeRtspResponse(at: usize, end: usize): bool {
  return end > at && memory.compare(at, RTSP_VERSION, min<usize>(RTSP_LENGTH, end - at)) == 0
}

/** Whether [at, end) starts with a method and an rtsp address (RFC 2326 section 6.1). */
export function startsLikeRtspRequest(at: usize, end: usize): bool {
  const limit = min<usize>(end, at + MAX_METHOD)
  let place = at
  while (place < limit && byteAt(place) != SPACE) place++
  place++
  return place < end && end - place >= RTSP_LENGTH && memory.compare(place, RTSP_SCHEME, RTSP_LENGTH) == 0
}

/**
 * Reads the head of an RTSP request or response: the fields that http-request.ts keeps. Its length, NEED_MORE or
 * NOT_BANNER.
 */
export function readRtspHead(at: usize, end: usize): i32 {
  startHead()
  const lineEnd = endOfLine(at, end)
  if (lineEnd == 0) return end - at > <usize>MAX_BANNER_LINE ? NOT_BANNER : NEED_MORE
  return readHeaderFields(at, lineEnd + 1, end)
}

/** Whether [at, end) starts an SSH identification (RFC 4253 section 4.2), or is a beginning of that. */
export function startsLikeSsh(at: usize, end: usize): bool {
  return end > at && memory.compare(at, SSH, min<usize>(SSH_LENGTH, end - at)) == 0
}

/** Reads the line of an SSH identification: 1, NEED_MORE or NOT_BANNER. */
export function readSshBanner(at: usize, end: usize): i32 {
  const lineEnd = endOfLine(at, end)
  if (lineEnd == 0) return end - at > <usize>MAX_BANNER_LINE ? NOT_BANNER : NEED_MORE
  bannerAt = at
  bannerEnd = lineEnd > at && byteAt(lineEnd - 1) == CARRIAGE_RETURN ? lineEnd - 1 : lineEnd
  return 1
}

/** The line feed within the longest line from `at` on, 0 where there is none. */
function endOfLine(at: usize, end: usize): usize {
  const limit = min<usize>(end, at + <usize>MAX_BANNER_LINE)
  for (let place = at; place < limit; place++) {
    if (byteAt(place) == LINE_FEED) return place
  }
  return 0
}
