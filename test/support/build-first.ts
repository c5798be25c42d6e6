// Builds what changed before the first test, and in watch mode before each further run: no test meets a stale dist/.
import type { TestProject } from 'vitest/node'
import { build } from '../../server/build.mjs'

const say = (sentence: string): void => console.log(sentence)

export default async function setup(project: TestProject): Promise<void> {
  await build(say)
  project.onTestsRerun(async () => {
    await build(say)
  })
}
