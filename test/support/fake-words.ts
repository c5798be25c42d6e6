// The words for purposes, kinds and labels, read from the rules as the product does.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { RuleWords } from '../../server/api.ts'

const read = (name: string): RuleWords['kinds'] =>
  parse(readFileSync(new URL(`../../rules/${name}.yaml`, import.meta.url), 'utf8')) as RuleWords['kinds']

export const WORDS: RuleWords = {
  purposes: read('purposes'),
  kinds: read('kinds'),
  labels: read('labels'),
  networksDate: '2026-06-17',
}
