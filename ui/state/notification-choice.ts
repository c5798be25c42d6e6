// This browser's choice of notifications. Loaded with every page, so it is no more than that.
const KEY = 'telltale-notifications'

export function wantsNotifications(): boolean {
  return localStorage.getItem(KEY) === 'on'
}

export function setWantsNotifications(on: boolean): void {
  if (on) localStorage.setItem(KEY, 'on')
  else localStorage.removeItem(KEY)
}
