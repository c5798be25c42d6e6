// From when on events are counted, and kept one by one.
/** Null: from the first second on. */
export interface EventFloors {
  /** What was before was not counted. */
  counted: number | null
  /** What was before was dropped, or never kept one by one: of kinds that are kept long, and of the others. */
  long: number | null
  brief: number | null
}

export const NO_FLOORS: EventFloors = { counted: null, long: null, brief: null }
