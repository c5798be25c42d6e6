// English words of the channels for alerts. Loaded with Settings, not with every page.
export const notificationWords = {
  title: 'Tell this browser',
  lead: 'New alerts of your home pop up on this device while Telltale is open in a tab, also in the background. They come straight from this machine, through nobody else.',
  off: 'Off in this browser.',
  on: 'On in this browser.',
  turnOn: 'Turn on',
  turnOff: 'Turn off',
  test: 'Show a test',
  tested:
    'The browser has taken it. If you see nothing, look at the notifications of your system: “Do not disturb” hides it.',
  testWords: 'This is a test: new alerts of your home will look like this.',
  sample: 'The sample home is playing: its alerts are never shown this way.',
  refused: 'The browser was not allowed to. Turn it on again if that was a slip.',
  obstacles: {
    insecure:
      'Not possible at this address: browsers show notifications only for https, or on the very machine that Telltale runs on (localhost). You opened it over plain http from another one. A phone is reached by ntfy, e-mail or Home Assistant below.',
    unsupported: 'This browser has no notifications. A phone is reached by ntfy, e-mail or Home Assistant below.',
    denied:
      'Refused in this browser. Allow notifications for this address in the browser’s site settings (the sign left of the address), then come back.',
    'app-only':
      'This browser shows notifications of installed apps only, as Chrome on Android does. Use ntfy, e-mail or Home Assistant below.',
  },
}

export const channelWords = {
  test: 'Send a test',
  sent: 'The test was delivered.',
  saveFirst: 'Save first, then test.',
  which: { all: 'All', sure: 'Only sure ones' } as Record<string, string>,
  off: 'Off',
  on: 'On',
  stuck: 'Not delivered',
  /** `reason` is the channel's own sentence, such as "webhook: it cannot be reached at the moment". */
  problem: (reason: string, waiting: number): string =>
    `The last attempt failed (${reason}). ${waiting === 0 ? 'Nothing waits.' : `${waiting === 1 ? 'One alert waits' : `${waiting} alerts wait`} for the next one.`}`,
}
