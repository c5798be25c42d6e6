// The SQLite libraries that work on this machine; of the others a line is printed with the reason.
import { DRIVER_NAMES, loadDriver, type Driver, type DriverName } from '../../capture/sources/sqlite.ts'

export function presentDrivers(): Driver[] {
  return DRIVER_NAMES.flatMap((name) => {
    const missing = whyMissing(name)
    if (missing === null) return [loadDriver(name)]
    console.log(`Not tested with ${name}, which does not work here: ${missing}`)
    return []
  })
}

function whyMissing(name: DriverName): string | null {
  try {
    loadDriver(name)
    return null
  } catch (error) {
    return /\((.+)\)\.$/.exec((error as Error).message)?.[1] ?? (error as Error).message
  }
}
