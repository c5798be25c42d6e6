// pfBlockerNG's unified.log: the lines of its other logs once more, and those of its packet filter.
import type { TextLogFormat } from './format.ts'
import { PfBlockerLog } from './pfblockerng.ts'

export const format: TextLogFormat<'pfblockerng-unified'> = {
  id: 'pfblockerng-unified',
  words: ['pfblockerng-unified'],
  program: 'pfBlockerNG',
  title: "pfBlockerNG's unified log",
  note: 'its unified.log',
  usualPath: '/var/log/pfblockerng/unified.log',
  switchOn: 'as for its other logs, which hold the same',
  storage: 'text',
  example: 'DNS-reply,Nov 24 10:00:00,reply,A,A,60,a.example,10.0.0.5,192.0.2.7,US',
  tellsBytes: false,
  repeats: ['pfblockerng'],
  // Its lines are those of the other two logs: the owner has to say which of them a file is.
  recognises: null,
  isHeader: null,
  createParser: (now) => new PfBlockerLog(now),
}
