// A number of look-ups in English, and what became of them.

export function lookups(count: number): string {
  const rounded = Math.round(count)
  return rounded === 1 ? '1 look-up' : `${rounded.toLocaleString('en')} look-ups`
}

/** Behind a number of look-ups: ", 388 blocked", ", all blocked"; empty where none was. */
export function ofThemBlocked(count: number, blocked = 0): string {
  if (blocked <= 0) return ''
  if (blocked < count) return `, ${Math.round(blocked).toLocaleString('en')} blocked`
  return count === 1 ? ', blocked' : ', all blocked'
}
