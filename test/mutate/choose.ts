// Draws faults by a seed: each kind of fault as often as the others, whatever a source has most of.
import { seededRandom } from '../../server/sample/packets/random.ts'

/** The next of them with each call, none twice; undefined when all were drawn. The same seed draws the same. */
export function chooser<One extends { kind: string }>(all: readonly One[], seed: number): () => One | undefined {
  const random = seededRandom(seed)
  const byKind = new Map<string, One[]>()
  for (const one of all) byKind.set(one.kind, [...(byKind.get(one.kind) ?? []), one])
  const kinds = [...byKind.keys()].sort()
  return () => {
    const left = kinds.filter((kind) => (byKind.get(kind) as One[]).length > 0)
    if (left.length === 0) return undefined
    const list = byKind.get(random.pick(left)) as One[]
    return list.splice(random.integer(0, list.length - 1), 1)[0]
  }
}
