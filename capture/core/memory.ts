// Memory of the core: room for tables that grow, and numbers as they stand in packets.

/** Room for `bytes` bytes, all zero. */
export function allocate(bytes: usize): usize {
  const at = heap.alloc(bytes)
  memory.fill(at, 0, bytes)
  return at
}

/** Moves a column of `before` bytes to a place with room for `bytes`; what is new is zero. */
export function grown(column: usize, before: usize, bytes: usize): usize {
  const larger = heap.alloc(bytes)
  memory.copy(larger, column, before)
  memory.fill(larger + before, 0, bytes - before)
  heap.free(column)
  return larger
}

/** Big-endian 16 bits. */
export function u16At(at: usize): i32 {
  return <i32>bswap<u16>(load<u16>(at))
}

/** Big-endian 32 bits, signed. */
export function i32At(at: usize): i32 {
  return <i32>bswap<u32>(load<u32>(at))
}

/** The byte at `at`. */
export function byteAt(at: usize): i32 {
  return <i32>load<u8>(at)
}

/** Gives back what `allocate` gave. */
export function release(address: usize): void {
  heap.free(address)
}
