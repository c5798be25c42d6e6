// A chart's cursor and selection, moved by keys and pointer.
import { describe, expect, test } from 'vitest'
import { afterKey, selectionBetween, stepOf, type Pointing } from '../../../ui/parts/charts/moving.ts'

const bounds = { from: 100, to: 200, step: 10 }
const nothing: Pointing = { cursor: null, anchor: null, selection: null }

function press(keys: string[], start: Pointing = nothing): Pointing {
  return keys.reduce<Pointing>(
    (pointing, key) => afterKey(key.replace('Shift+', ''), key.startsWith('Shift+'), pointing, bounds) ?? pointing,
    start,
  )
}

describe('keys on a chart', () => {
  test('the first arrow puts the cursor on the newest step, the next ones move it', () => {
    expect(press(['ArrowLeft']).cursor).toBe(190)
    expect(press(['ArrowLeft', 'ArrowLeft', 'ArrowLeft']).cursor).toBe(170)
  })

  test('the cursor stays within the chart', () => {
    expect(press(['Home', 'ArrowLeft']).cursor).toBe(100)
    expect(press(['End', 'ArrowRight', 'PageDown']).cursor).toBe(190)
  })

  test('Shift and arrows select whole steps, back over the start too', () => {
    expect(press(['Home', 'ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight']).selection).toEqual({
      from: 110,
      to: 140,
    })
    expect(press(['Home', 'ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowLeft', 'Shift+ArrowLeft']).selection).toEqual({
      from: 100,
      to: 120,
    })
  })

  test('Escape clears the selection first, then the cursor, then means nothing', () => {
    const selected = press(['Home', 'Shift+ArrowRight'])
    const cleared = press(['Escape'], selected)
    expect(cleared).toEqual({ cursor: 110, anchor: null, selection: null })
    expect(press(['Escape'], cleared)).toEqual(nothing)
    expect(afterKey('Escape', false, nothing, bounds)).toBeNull()
  })

  test('another key is left to the page', () => {
    expect(afterKey('Tab', false, nothing, bounds)).toBeNull()
    expect(afterKey('/', false, nothing, bounds)).toBeNull()
  })
})

describe('pointing', () => {
  test('a second belongs to the step it lies in; outside is the nearest', () => {
    expect([99, 100, 119.9, 250].map((second) => stepOf(second, bounds))).toEqual([100, 100, 110, 190])
  })

  test('a drag selects whole steps in either direction', () => {
    expect(selectionBetween(155, 121, bounds)).toEqual({ from: 120, to: 160 })
  })
})
