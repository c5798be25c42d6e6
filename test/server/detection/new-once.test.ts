import { expect, test } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import { newOnce } from '../../../server/detection/new-once.ts'

const alert = (id: string, device: string, kind = 'new-device'): Alert => ({ id, device, kind }) as Alert
const OWNERS: Record<string, string> = { '1': 'camera', '2': 'camera', '3': 'phone' }
const ownerOf = ({ device }: Alert): string | undefined => OWNERS[device ?? '']

test('a device that was found under two addresses is new once, at the first of them', () => {
  const all = [alert('a', '1'), alert('b', '3'), alert('c', '2'), alert('d', '2', 'silent')]
  expect(newOnce(all, all, ownerOf).map(({ id }) => id)).toEqual(['a', 'b', 'd'])
})

test('it is not new again where only the later alert is asked about', () => {
  const all = [alert('a', '1'), alert('c', '2')]
  expect(newOnce([all[1]], all, ownerOf)).toEqual([])
})

test('an alert whose device is not known yet stays', () => {
  const all = [alert('a', '9'), alert('b', '9')]
  expect(newOnce(all, all, ownerOf)).toEqual(all)
})
