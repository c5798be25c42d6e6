// A map with a cap: a new key beyond it evicts the entry that was set first.

/** Setting a known key keeps its place in the order; `renew` moves it to the end. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  /** What the cap is of, for the health counters. */
  readonly name: string
  readonly cap: number
  /** Entries that were evicted for new ones. */
  evictions = 0
  private readonly onEvict: ((value: Value, key: Key) => void) | undefined
  /** Stands before the oldest entry: one made anew would have to pass all that were deleted before it. */
  private oldest = this.entries()

  /** `onEvict` is called once the entry is gone, before the new one is set. */
  constructor(name: string, cap: number, onEvict?: (value: Value, key: Key) => void) {
    super()
    if (!(cap >= 1)) throw new Error(`The cap of ${name} should be at least 1, not ${cap}`)
    this.name = name
    this.cap = cap
    this.onEvict = onEvict
  }

  override set(key: Key, value: Value): this {
    if (this.size >= this.cap && !this.has(key)) this.evict()
    return super.set(key, value)
  }

  /** Sets the entry as the newest one. */
  renew(key: Key, value: Value): void {
    this.delete(key)
    this.set(key, value)
  }

  private evict(): void {
    let first = this.oldest.next()
    if (first.done === true) {
      this.oldest = this.entries()
      first = this.oldest.next()
    }
    if (first.done === true) return
    const [key, value] = first.value
    this.delete(key)
    this.evictions++
    this.onEvict?.(value, key)
  }
}
