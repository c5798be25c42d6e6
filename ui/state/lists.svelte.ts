// How much of a long list is drawn: so many rows at first, more when asked.

const PAGE = 50

export class ShownRows {
  count = $state(PAGE)

  constructor(first = PAGE) {
    this.count = first
  }

  of<T>(rows: T[]): T[] {
    return rows.length <= this.count ? rows : rows.slice(0, this.count)
  }

  more(): void {
    this.count += PAGE
  }
}
