// The offsets by which the program around the core reads its records are those of the records' fields.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { LAYER_NAMES } from '../../../capture/frame.ts'
import { FrameAt } from '../../../capture/core/frame-layout.ts'
import { INTERFACE_BYTES, RecordsAt } from '../../../capture/core/records-layout.ts'
import * as constants from '../../../capture/core/constants.ts'
import { LinkType } from '../../../capture/formats/link-types.ts'

const SIZES: Record<string, number> = { f64: 8, i32: 4, u32: 4, usize: 4 }

function source(file: string): string {
  return readFileSync(new URL(`../../../capture/core/${file}`, import.meta.url), 'utf8')
}

/** Offsets of the fields of a class, each aligned to its size, as the compiler places them. */
function offsetsOf(file: string, name: string): Record<string, number> {
  const body = source(file).split(`export class ${name} {`)[1]?.split('\n}')[0] ?? ''
  const offsets: Record<string, number> = {}
  let end = 0
  for (const [, field, type] of body.matchAll(/^ {2}(\w+): (\w+) =/gm)) {
    const size = SIZES[type] ?? Number.NaN
    const at = Math.ceil(end / size) * size
    offsets[field] = at
    end = at + size
  }
  return offsets
}

describe('offsets', () => {
  test('of the frame', () => expect({ ...FrameAt }).toEqual(offsetsOf('frame.ts', 'Frame')))
  test('of a capture that is read', () =>
    expect({ ...RecordsAt }).toEqual(offsetsOf('records/reader.ts', 'RecordReader')))
  test('of an interface: they end where the next one begins', () => {
    const last = Math.max(...Object.values(offsetsOf('records/reader.ts', 'CaptureInterface')))
    expect(INTERFACE_BYTES).toBe(last + 4)
  })
})

test('the layers have the names of their numbers', () => {
  const numbers = Object.entries(constants).filter(([name]) => name.startsWith('LAYER_'))
  expect(numbers).toHaveLength(LAYER_NAMES.length)
  for (const [name, number] of numbers) {
    const layer = name.slice('LAYER_'.length).toLowerCase()
    expect(LAYER_NAMES[number]).toBe(layer === 'none' ? null : layer)
  }
})

test('the link types have the numbers that the formats give them', () => {
  const numbers = Object.entries(constants).filter(([name]) => name.startsWith('LINK_'))
  expect(new Set(numbers.map(([, number]) => number))).toEqual(new Set(Object.values(LinkType)))
})
