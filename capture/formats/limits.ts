// Limits on the lengths that a capture file may give.
export { BUFFER_LENGTH, MAX_CAPTURED_LENGTH, READ_LENGTH } from '../core/constants.ts'
