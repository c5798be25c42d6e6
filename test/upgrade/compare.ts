// Differences of two answers: every value of the old one must be in the new one; added fields are allowed.

/** Sentences with the path of each difference, at most `most`. */
export function differences(old: unknown, now: unknown, most = 20): string[] {
  const found: string[] = []
  compare(old, now, '', found)
  return found.length > most ? [...found.slice(0, most), `and ${found.length - most} more`] : found
}

function compare(old: unknown, now: unknown, path: string, found: string[]): void {
  if (typeof old !== 'object' || old === null || typeof now !== 'object' || now === null) {
    if (!Object.is(old, now)) found.push(`${path}: ${short(old)} became ${short(now)}`)
    return
  }
  if (Array.isArray(old) !== Array.isArray(now)) {
    found.push(`${path}: ${short(old)} became ${short(now)}`)
    return
  }
  if (Array.isArray(old) && old.length !== (now as unknown[]).length) {
    found.push(`${path}: ${old.length} elements became ${(now as unknown[]).length}`)
  }
  const after = now as Record<string, unknown>
  for (const [key, value] of Object.entries(old)) {
    if (Object.hasOwn(after, key)) compare(value, after[key], `${path}.${key}`, found)
    else if (!Array.isArray(old)) found.push(`${path}.${key}: ${short(value)} is missing`)
  }
}

function short(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 100)
}
