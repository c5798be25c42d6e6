// Times in exports, which are UTC where they name no zone, or numbers of seconds or milliseconds.
import { parseIso } from './timestamps.ts'

/** From here on a number counts milliseconds: as seconds it would be the year 5138. */
const FIRST_MILLISECONDS = 1e11

/** "2026-11-29 10:00:00.123", "2026-11-29T10:00:00+01:00" or "1795946400"; null for anything else. */
export function parseUtc(text: string): number | null {
  if (/^\d{9,13}(?:\.\d{1,9})?$/.test(text)) {
    const value = Number(text)
    return value >= FIRST_MILLISECONDS ? value / 1000 : value
  }
  const time = parseIso(`${text.replace(/ ?UTC$/, '')}Z`) ?? parseIso(text)
  return time !== null && Number.isFinite(time) ? time : null
}
