// What one can do about an alert depends on where the bytes went.
import { expect, it } from 'vitest'
import { adviceOf } from '../../../server/alerts/words.ts'

it('calls what went to an address without a name no backup, however much it is', () => {
  const toStranger = adviceOf({ kind: 'large-upload', destination: 'address:203.0.113.9' })
  expect(toStranger).toEqual(adviceOf({ kind: 'new-destination', destination: null }))
  expect(toStranger).not.toEqual(adviceOf({ kind: 'large-upload', destination: 'company:ring' }))
  expect(toStranger.join(' ')).not.toMatch(/backup/i)
})
