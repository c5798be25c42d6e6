// Closing in order: what was opened last is closed first, and the lock of the state folder, taken first, goes last.

type Step = () => unknown

/** What a start opened so far. It is closed by an orderly stop and by a start that fails half-way alike. */
export class Teardown {
  private readonly steps: Step[] = []
  private running: Promise<void> | null = null

  /** To be called as soon as there is something to close. */
  add(close: Step): void {
    this.steps.push(close)
  }

  /**
   * Closes everything, one after the other; a step that fails keeps none of the others from running. Rejects at the end
   * with the first error. A second call waits for the first one.
   */
  run(): Promise<void> {
    this.running ??= this.runAll()
    return this.running
  }

  private async runAll(): Promise<void> {
    const errors: unknown[] = []
    for (const close of this.steps.reverse()) {
      try {
        await close()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }
}
