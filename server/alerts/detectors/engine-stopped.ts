// Alert: the engine stopped and had to be started again. It is raised from outside the engine's thread.
import * as Type from 'typebox'
import { yesNo } from '../../model/setting-fields.ts'
import { defineDetector } from '../detector.ts'

const fields = {
  engineStopped: yesNo('Stopped engine', 'Reading packets stopped by a fault and was started again.', true),
}

export const engineStopped = defineDetector({
  kind: 'engine-stopped',
  settings: { on: 'engineStopped', fields, read: () => ({}) },
  memory: { scope: 'home', key: 'engine-stopped', schema: Type.Object({}), fresh: () => ({}) },
  // Whoever is stopped cannot report it: see AlertEngine.report.
  streams: {},
  words: {
    en: {
      title: 'Engine stopped',
      sentence: ({ detail }) =>
        `The engine stopped${detail === null ? '' : `, because ${detail}`}; it is started again`,
      advice: [
        'What passed meanwhile is missing, and shown as a gap. If it comes again, a packet or a file may be made to cause it: the log has the cause.',
      ],
    },
  },
  dryRun: null,
  isInSample: false,
  isShownWhileLearning: false,
  group: null,
})
