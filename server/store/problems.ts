// What is wrong with the state folder at present, for the status: a sentence for each thing, in order of appearance.

/** More are damaged files of one folder; the log has all of them. */
const MAX_PROBLEMS = 32

export class Problems {
  private readonly sentences = new Map<string, string>()

  /** Sets the sentence about a thing; null where all is well with it again. True where that is news. */
  set(about: string, sentence: string | null): boolean {
    if (sentence === null) return this.sentences.delete(about)
    const isNews = this.sentences.get(about) !== sentence
    if (this.sentences.size < MAX_PROBLEMS || this.sentences.has(about)) this.sentences.set(about, sentence)
    return isNews
  }

  all(): string[] {
    return [...this.sentences.values()]
  }
}
