// Test: the traffic history survives kill -9 at any moment. A few times here, a hundred times in the slow suite.
import { expect, test } from 'vitest'
import { temporaryFolder } from './folder.ts'
import { killAgainAndAgain } from './kill.ts'

test('8 times kill -9 while writing and reading: nothing damaged, nothing acknowledged lost, nothing doubled', async () => {
  await expect(killAgainAndAgain(temporaryFolder(), 8)).resolves.toBeUndefined()
})
