// Whole numbers drawn at random, as fast as a fuzzing loop wants them: xorshift32 (Marsaglia 2003).

export class Draw {
  private state = 1

  constructor(seed: number) {
    this.restart(seed)
  }

  restart(seed: number): void {
    this.state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1
    for (let round = 0; round < 4; round++) this.word()
  }

  /** 32 bits. */
  word(): number {
    let state = this.state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.state = state
    return state >>> 0
  }

  /** From 0 to `limit` - 1. */
  below(limit: number): number {
    return this.word() % limit
  }

  /** Once in `times`. */
  once(times: number): boolean {
    return this.word() % times === 0
  }

  pick<Item>(items: ArrayLike<Item>): Item {
    return items[this.word() % items.length]
  }
}
