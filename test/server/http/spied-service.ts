// The made-up home, but for what it is asked to change: that is written down, and answered or refused as a test wants.
import type { Service } from '../../../server/http/service.ts'
import { ServiceError } from '../../../server/model/service-error.ts'
import { createFakeService, type FakeService } from '../../support/fake-service.ts'
import { NOW } from './lab.ts'

export const UNDO = { undo: 'undo-1' }

const DRY_RUN = { id: 'd', scope: 'live', result: null }
const ANSWERS: Partial<Record<keyof Service, unknown>> = {
  changeDevice: UNDO,
  changePerson: UNDO,
  removePerson: UNDO,
  merge: UNDO,
  split: UNDO,
  acceptMerge: UNDO,
  declineMerge: UNDO,
  undo: undefined,
  forget: { id: 'r', at: 1, rows: 2, files: 3, ignored: true },
  forgetSeenOnce: { id: 'r', at: 1, rows: 2, files: 3, ignored: true, devices: 9 },
  unignore: undefined,
  closeReplay: undefined,
  testChannel: { delivered: false, reason: 'the reason' },
  startDryRun: { ...DRY_RUN, state: 'running', progress: 0.5, error: null },
  endDryRun: undefined,
  dryRun: { ...DRY_RUN, state: 'failed', progress: 1, error: { code: 'c', message: 'm' } },
}

export interface SpiedService {
  service: FakeService
  /** Each call with its arguments. */
  calls: [name: string, ...args: unknown[]][]
  /** Methods that fail, late, with an error of the service. */
  failing: Set<string>
}

export function spiedService(): SpiedService {
  const calls: SpiedService['calls'] = []
  const failing = new Set<string>()
  const service = new Proxy(createFakeService({ now: () => NOW }), {
    get(target, name: keyof FakeService) {
      const own = target[name]
      if (typeof own !== 'function' || name === 'on') return own
      return (...args: unknown[]) => {
        calls.push([name, ...args])
        if (failing.has(name))
          return Promise.resolve().then(() => {
            throw new ServiceError(409, 'not-now', 'Not now.')
          })
        return name in ANSWERS ? ANSWERS[name as keyof Service] : (own as (...args: unknown[]) => unknown)(...args)
      }
    },
  })
  return { service, calls, failing }
}
