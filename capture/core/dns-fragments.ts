// DNS answers whose datagrams come in IP fragments, put together.
import { isDnsResponse } from './dns-observer'
import { observeDnsOf } from './flow-names'
import { addressOfEnd, flowOf } from './flows'
import { frame } from './frame'
import { MAX_FRAGMENTED_ANSWER_BYTES, MAX_FRAGMENTED_ANSWERS } from './limits'

/** One answer of which the first bytes are there. */
@unmanaged
class Answer {
  source: i32 = 0
  destination: i32 = 0
  fragmentId: i32 = 0
  /** Bytes in order; 0 where the place is free. */
  length: i32 = 0
}

const ANSWER_BYTES: usize = 16
/** The UDP header (RFC 768) counts for the fragments' offsets. */
const UDP_HEADER_LENGTH: i32 = 8

/** A ring: a new answer takes the place of the oldest one. */
const answers: usize = memory.data(MAX_FRAGMENTED_ANSWERS * 16, 8)
const contents: usize = memory.data(MAX_FRAGMENTED_ANSWERS * MAX_FRAGMENTED_ANSWER_BYTES, 8)
let next: i32 = 0

/** The frame's payload is the first fragment of a DNS message that `end` of the flow sent: an answer is kept. */
export function keepFirstFragment(id: i32, end: i32): void {
  if (isCut() || !isDnsResponse(frame.payloadAt, frame.payloadEnd)) return
  const answer = answerAt(next)
  answer.length = 0
  if (!append(next, answer)) return
  const flow = flowOf(id)
  answer.source = addressOfEnd(flow, end)
  answer.destination = addressOfEnd(flow, 1 - end)
  answer.fragmentId = frame.fragmentId
  next = (next + 1) % MAX_FRAGMENTED_ANSWERS
}

/**
 * The frame is a later fragment: with the last one the whole answer is read. What does not continue the bytes that are
 * there, as a copy or a forged piece, ends it: its first fragment was read when it came.
 */
export function addLaterFragment(id: i32, end: i32): void {
  const flow = flowOf(id)
  const source = addressOfEnd(flow, end)
  const destination = addressOfEnd(flow, 1 - end)
  for (let place = 0; place < MAX_FRAGMENTED_ANSWERS; place++) {
    const answer = answerAt(place)
    if (answer.length == 0 || answer.fragmentId != frame.fragmentId) continue
    if (answer.source != source || answer.destination != destination) continue
    const isNext = frame.fragmentOffset == answer.length + UDP_HEADER_LENGTH && !isCut() && append(place, answer)
    if (isNext && frame.moreFragments != 0) return
    const bytes = contentOf(place)
    const length = <usize>answer.length
    answer.length = 0
    if (isNext) observeDnsOf(bytes, bytes + length, id, end)
    return
  }
}

/** Whether the capture holds less of the payload than was sent. */
function isCut(): bool {
  return <f64>(frame.payloadEnd - frame.payloadAt) < frame.payloadLength
}

/** Puts the frame's payload behind the bytes that are there; false where there is no room. */
function append(place: i32, answer: Answer): bool {
  const length = frame.payloadEnd - frame.payloadAt
  if (<usize>answer.length + length > <usize>MAX_FRAGMENTED_ANSWER_BYTES) return false
  memory.copy(contentOf(place) + <usize>answer.length, frame.payloadAt, length)
  answer.length += <i32>length
  return true
}

function answerAt(place: i32): Answer {
  return changetype<Answer>(answers + <usize>place * ANSWER_BYTES)
}

function contentOf(place: i32): usize {
  return contents + <usize>place * <usize>MAX_FRAGMENTED_ANSWER_BYTES
}
