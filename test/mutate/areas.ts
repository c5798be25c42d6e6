// The areas whose faults are sampled: folders of sources, listed when the sampler runs.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Folders or files, from the root of the repository. What is not there (moved, renamed) is left out. */
export const AREAS: Record<string, string[]> = {
  'alerts+events': ['server/alerts', 'server/events'],
  'engine+wire': ['server/engine', 'capture/wire'],
  'history+session': ['server/history', 'server/session', 'server/detection', 'server/model', 'server/queries'],
  'http+access+notify': ['server/http', 'server/access', 'server/notify', 'server/app'],
  page: ['ui/state', 'ui/text/format.ts', 'ui/text/visible.ts', 'ui/parts/charts', 'ui/screens'],
}

/** Tests that are not run for a mutant: long ones, and ones of programs that a build made. */
export const SLOW_TESTS = ['test/e2e/', 'test/bench/', 'test/lab/', 'test/score/', 'test/simulate/', 'test/mutate/']

/** The sources of an area, in the order of their names. */
export function sourcesOf(root: string, area: string): string[] {
  const places = (AREAS[area] ?? []).filter((place) => statSync(join(root, place), { throwIfNoEntry: false }))
  return places
    .flatMap((place) =>
      place.endsWith('.ts')
        ? [place]
        : readdirSync(join(root, place), { recursive: true, encoding: 'utf8' }).map((name) => `${place}/${name}`),
    )
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.endsWith('.test.ts'))
    .sort()
}
