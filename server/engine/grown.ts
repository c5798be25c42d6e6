// Columns that grow: typed arrays by number.

/** A copy of `column` with room for at least `length` values. */
export function grown<Column extends Int32Array | Float64Array | Uint8Array | Uint16Array>(
  column: Column,
  length: number,
): Column {
  if (column.length >= length) return column
  const larger = new (column.constructor as new (length: number) => Column)(Math.max(length, column.length * 2))
  larger.set(column)
  return larger
}
