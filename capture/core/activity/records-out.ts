// Records for the program around the core: appended here, read and cleared there after each call.
import { allocate, grown } from '../memory'

const FIRST_CAPACITY: i32 = 64

/** Records of so many 64-bit numbers each. */
@unmanaged
export class RecordsOut {
  at: usize = 0
  count: i32 = 0
  capacity: i32 = 0
  bytes: i32 = 0
}

export function newRecords(numbers: i32): RecordsOut {
  const records = changetype<RecordsOut>(allocate(offsetof<RecordsOut>()))
  records.bytes = numbers << 3
  return records
}

/** Where the next record is to be written; its numbers are not cleared. */
export function nextRecord(records: RecordsOut): usize {
  const bytes = <usize>records.bytes
  if (records.count >= records.capacity) {
    const capacity = max<i32>(FIRST_CAPACITY, 2 * records.capacity)
    records.at =
      records.capacity == 0
        ? allocate(<usize>capacity * bytes)
        : grown(records.at, <usize>records.capacity * bytes, <usize>capacity * bytes)
    records.capacity = capacity
  }
  const at = records.at + <usize>records.count * bytes
  records.count++
  return at
}

/** Puts a number into its place of a record. */
export function put(record: usize, place: i32, value: f64): void {
  store<f64>(record + ((<usize>place) << 3), value)
}
