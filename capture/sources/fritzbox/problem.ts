// What keeps a FRITZ!Box's capture from running, as a sentence that says what to do.

export class FritzboxProblem extends Error {
  /** Nothing is asked of the box for so long, in milliseconds; 0: tried again as soon as any other source. */
  readonly waitMs: number
  /** The session is over: a new one is needed. */
  readonly isSessionLost: boolean

  constructor(sentence: string, { waitMs = 0, isSessionLost = false } = {}) {
    super(sentence)
    this.waitMs = waitMs
    this.isSessionLost = isSessionLost
  }
}
