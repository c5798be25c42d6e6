// Slow test: the traffic history survives a hundred kills at any moment.
import { expect, test } from 'vitest'
import { temporaryFolder } from './folder.ts'
import { killAgainAndAgain } from './kill.ts'

test('100 times kill -9 while writing and reading: nothing damaged, nothing acknowledged lost, nothing doubled', async () => {
  await expect(killAgainAndAgain(temporaryFolder(), 100)).resolves.toBeUndefined()
})
