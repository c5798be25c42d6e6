// The types and constants of HTTP and the live feed, one file per resource in server/api/: the one file that the page
// may import.
//
// Times are seconds since 1970-01-01 UTC, ranges are half-open [from, to). Bytes are IP bytes seen from the device.
// Texts that came off the wire are hostile: they are shown as text, never as markup.
export * from './api/common.ts'
export * from './api/access.ts'
export * from './api/status.ts'
export * from './api/devices.ts'
export * from './api/traffic.ts'
export * from './api/activity.ts'
export * from './api/dry-runs.ts'
export * from './api/replays.ts'
export * from './api/settings.ts'
export * from './api/questions.ts'
export * from './api/socket.ts'
