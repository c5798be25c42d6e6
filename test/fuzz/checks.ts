// What must hold for every answer of the product, whatever it was fed.

/** Words that a sentence or a document shows where a number or a time went wrong. */
const BAD_WORDS = /\b(NaN|undefined|Invalid Date|Infinity)\b|\[object /

export class BrokenPromise extends Error {}

export function expectThat(isTrue: boolean, sentence: string): void {
  if (!isTrue) throw new BrokenPromise(sentence)
}

/** Sentences and printed reports. */
export function checkText(text: string, where: string): void {
  const found = BAD_WORDS.exec(text)
  if (found !== null) {
    const around = text.slice(Math.max(0, found.index - 60), found.index + 60)
    throw new BrokenPromise(`${where}: "${found[0]}" in "${around}"`)
  }
}

/** Numbers are finite, nothing is undefined, and no text holds a number gone wrong. JSON would hide the first two. */
export function checkValue(value: unknown, where: string): void {
  switch (typeof value) {
    case 'number':
      return expectThat(Number.isFinite(value), `${where} is ${value}`)
    case 'string':
      return checkText(value, where)
    case 'undefined':
    case 'function':
    case 'bigint':
    case 'symbol':
      throw new BrokenPromise(`${where} is ${typeof value}`)
    case 'boolean':
      return
    default:
      if (value !== null) checkParts(value as object, where)
  }
}

function checkParts(value: object, where: string): void {
  if (value instanceof Map) {
    for (const [key, part] of value) checkValue(part, `${where}.${String(key)}`)
  } else if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const list = value as ArrayLike<unknown>
    for (let index = 0; index < list.length; index++) checkValue(list[index], `${where}[]`)
  } else {
    for (const [key, part] of Object.entries(value)) if (part !== undefined) checkValue(part, `${where}.${key}`)
  }
}

/** The document as it goes over the wire is JSON that says the same. */
export function checkJson(value: unknown, where: string): void {
  const text = JSON.stringify(value)
  if (JSON.stringify(JSON.parse(text)) !== text) throw new BrokenPromise(`${where} is another document when it is read`)
}

export interface Bytes {
  sent: number
  received: number
  sentLocal: number
  receivedLocal: number
}

export function noBytes(): Bytes {
  return { sent: 0, received: 0, sentLocal: 0, receivedLocal: 0 }
}

export function addBytes(sum: Bytes, more: Bytes): void {
  sum.sent += more.sent
  sum.received += more.received
  sum.sentLocal += more.sentLocal
  sum.receivedLocal += more.receivedLocal
}

export function expectSameBytes(one: Bytes, other: Bytes, where: string): void {
  const [first, second] = [one, other].map(({ sent, received, sentLocal, receivedLocal }) =>
    [sent, received, sentLocal, receivedLocal].join(' '),
  )
  expectThat(first === second, `${where}: ${first}, ${second}`)
}
