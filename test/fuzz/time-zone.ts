// The time zone of the fuzzed home: one with daylight saving time.

export const TIME_ZONE = 'Europe/Berlin'
