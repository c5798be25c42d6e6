// Question: what does this box itself keep, and can it forget?
import { KEPT_BY_US, keptByUs, keptLimits, keptNothing } from '../text/en/questions/beyond.ts'
import type { Facts } from './facts.ts'
import type { Draft, Question } from './question.ts'

const DAY = 86_400

export const question: Question = {
  id: 'kept-by-us',
  ...KEPT_BY_US,
  needsNoCapture: true,
  sources: [],
  subject: async () => ({ devices: [], companies: [], needs: null, weight: 0.05 }),
  answer,
}

async function answer(facts: Facts): Promise<Draft> {
  const { first, databaseBytes } = await facts.view.history.facts()
  if (first === null) return { verdict: 'number', sentence: keptNothing, limits: keptLimits }
  const days = Math.max(1, Math.ceil((facts.view.now() - first) / DAY))
  const devices = facts.view.devices().length
  return {
    verdict: 'number',
    sentence: keptByUs(facts.view.localTime.dateOf(first), days, devices, databaseBytes),
    limits: keptLimits,
    figures: [
      { name: 'days', value: days, unit: 'days' },
      { name: 'devices', value: devices, unit: 'count' },
      { name: 'on this machine', value: databaseBytes, unit: 'bytes' },
    ],
  }
}
