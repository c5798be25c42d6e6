// A process that locks a state folder and keeps it.
import { lockStateFolder } from '../../../server/store/lock.ts'

lockStateFolder(process.argv[2])
console.log('locked')
setInterval(() => undefined, 60_000)
