// The lab's findings, and whether each is as expected.

export interface Finding {
  /** Null where it is only reported, not judged. */
  ok: boolean | null
  words: string
}

export class Findings {
  readonly all: Finding[] = []
  private readonly isQuiet: boolean

  constructor(isQuiet: boolean) {
    this.isQuiet = isQuiet
  }

  judge(ok: boolean, words: string): void {
    this.add({ ok, words })
  }

  report(words: string): void {
    this.add({ ok: null, words })
  }

  get failed(): Finding[] {
    return this.all.filter(({ ok }) => ok === false)
  }

  private add(finding: Finding): void {
    this.all.push(finding)
    if (!this.isQuiet) console.log(`${finding.ok === null ? '    ' : finding.ok ? ' ok ' : 'BAD '} ${finding.words}`)
  }
}

/** The value below which this share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
