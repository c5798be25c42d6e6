// What the owner may change about the traffic history while it is open.

export interface Retention {
  minuteHours: number
  hourDays: number
  dayDays: number
}

export interface HistorySettings {
  /** IANA name of the zone in which hours and days are cut. */
  timeZone: string
  retention: Retention
  diskBudgetBytes: number
  saveEverySeconds: number
}
