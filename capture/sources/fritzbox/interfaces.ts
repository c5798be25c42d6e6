// The interfaces that a FRITZ!Box offers on its capture page, which is built differently from version to version.

export interface CaptureInterface {
  /** As the box wants it to start a capture: "1-lan", "2-1", "3-17". */
  id: string
  /** As its page calls it: "lan", "1. Internetverbindung". */
  label: string
}

const MOST_INTERFACES = 200
const MOST_SHOWN = 16
const ID = /^\d{1,3}-[\w.:@+-]{1,40}$/
/** Fields of the list in JSON that name an interface, the best first. */
const LABELS = ['displayname', 'text', 'label', 'description', 'ifacename', 'name']

/** From the page as JSON, from its buttons, or from its links, whichever there is; empty where there are none. */
export function parseInterfaces(page: string): CaptureInterface[] {
  const found = new Map<string, CaptureInterface>()
  for (const list of [fromJson(page), fromButtons(page), fromLinks(page)])
    for (const one of list) if (!found.has(one.id) && found.size < MOST_INTERFACES) found.set(one.id, one)
  return [...found.values()]
}

/** The one that is meant; null where there is none, or several. The box's own names come before the page's words. */
export function chooseInterface(wanted: string, list: readonly CaptureInterface[]): CaptureInterface | null {
  // Where the page could not be read, the usual one's name is right.
  if (list.length === 0) return { id: ID.test(wanted) ? wanted : `1-${wanted}`, label: wanted }
  const word = wanted.toLowerCase()
  const same = (id: string): CaptureInterface | undefined => list.find((one) => one.id.toLowerCase() === id)
  const exact = same(word) ?? same(`1-${word}`)
  if (exact !== undefined) return exact
  const byLabel = list.filter(({ label }) => label.toLowerCase() === word)
  const byWord = byLabel.length > 0 ? byLabel : list.filter(({ label }) => wordsOf(label).includes(word))
  return byWord.length === 1 ? (byWord[0] ?? null) : null
}

/** "1-lan, 2-1 (1. Internetverbindung) and 3 more". */
export function interfacesSentence(list: readonly CaptureInterface[]): string {
  const shown = list
    .slice(0, MOST_SHOWN)
    .map(({ id, label }) => (label === '' || id === `1-${label}` ? id : `${id} (${label})`))
  const rest = list.length - shown.length
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ')
}

function wordsOf(label: string): string[] {
  return label.toLowerCase().split(/[\s,;()'"„“”]+/)
}

function fromJson(page: string): CaptureInterface[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(page)
  } catch {
    return []
  }
  const found: CaptureInterface[] = []
  const waiting: unknown[] = [parsed]
  for (let seen = 0; waiting.length > 0 && seen < 20_000; seen++) {
    const one = waiting.pop()
    if (typeof one !== 'object' || one === null) continue
    const fields = Object.entries(one)
    const id = fields.map(([, value]) => value).find((value) => typeof value === 'string' && ID.test(value))
    if (typeof id === 'string' && !Array.isArray(one))
      found.push({ id, label: labelOf(one as Record<string, unknown>, id) })
    else waiting.push(...fields.map(([, value]) => value).reverse())
  }
  return found
}

function labelOf(fields: Record<string, unknown>, id: string): string {
  const words = LABELS.map((name) => fields[name]).find(
    (value) => typeof value === 'string' && value !== '' && value !== id,
  )
  return clean(typeof words === 'string' ? words : '')
}

/** A row of the table: its title in <th>, and a button "start" whose value is the interface. */
function fromButtons(page: string): CaptureInterface[] {
  return [...page.matchAll(/<tr\b.*?<\/tr>/gis)].flatMap(([row]) => {
    const button = /<button\b[^>]*\bname=["']start["'][^>]*>/i.exec(row)?.[0] ?? ''
    const id = /\bvalue=["']([^"']+)["']/i.exec(button)?.[1] ?? ''
    return ID.test(id) ? [{ id, label: clean(/<th\b[^>]*>(.*?)<\/th>/is.exec(row)?.[1] ?? '') }] : []
  })
}

function fromLinks(page: string): CaptureInterface[] {
  return [...page.matchAll(/\bifaceorminor=([^&"'\s<>\\]+)/g)].flatMap(([, id = '']) =>
    ID.test(id) ? [{ id, label: '' }] : [],
  )
}

/** What a box says is shown to people. */
function clean(text: string): string {
  return text
    .replace(/<[^>]*>/g, ' ')
    .replace(/&quot;|&#0?39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, 60)
}
