// Icons of device kinds and screens: strokes in a 24 × 24 square.

const KINDS: Record<string, string> = {
  speaker: 'M7 3h10v18H7zM12 7.5v.1M12 12.5a3 3 0 1 0 .1 0',
  display: 'M3 5h18v11H3zM8 20h8M12 16v4',
  camera: 'M4 8a8 8 0 0 1 16 0 8 8 0 0 1-16 0M12 5.5a2.5 2.5 0 1 0 .1 0M9 16l-2 5h10l-2-5',
  doorbell: 'M8 2.5h8v19H8zM12 6.5a1.8 1.8 0 1 0 .1 0M12 13.5a2.2 2.2 0 1 0 .1 0',
  tv: 'M2.5 5h19v12h-19zM8 21h8',
  streamer: 'M3 10h18v6H3zM7 13h.1M11 13h6',
  phone: 'M7 2.5h10v19H7zM11 18.5h2',
  tablet: 'M5 2.5h14v19H5zM11 18.5h2',
  computer: 'M4 5h16v10H4zM2 19h20',
  console:
    'M6 8h12a4 4 0 0 1 4 4v3a3 3 0 0 1-5.5 1.6L15 15H9l-1.5 1.6A3 3 0 0 1 2 15v-3a4 4 0 0 1 4-4M8 10.5v3M6.5 12h3M16 12h.1',
  printer: 'M7 8V3h10v5M4 8h16v8h-3M7 16H4V8M7 13h10v8H7z',
  hub: 'M12 9a3 3 0 1 0 .1 0M12 3v6M12 15v6M3 12h6M15 12h6',
  plug: 'M8 3v5M16 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4',
  bulb: 'M9 17h6M10 20.5h4M12 3a6 6 0 0 0-3.5 10.9V17h7v-3.1A6 6 0 0 0 12 3',
  switch: 'M6 3h12v18H6zM10 8h4v8h-4zM10 12h4',
  thermostat: 'M12 3a9 9 0 1 0 .1 0M12 7v5l3.5 2',
  lock: 'M5 11h14v10H5zM8 11V8a4 4 0 0 1 8 0v3M12 15v2',
  sensor:
    'M12 10.5a1.5 1.5 0 1 0 .1 0M8 8a5.6 5.6 0 0 0 0 8M16 8a5.6 5.6 0 0 1 0 8M5 5a10 10 0 0 0 0 14M19 5a10 10 0 0 1 0 14',
  appliance: 'M5 3h14v18H5zM5 8h14M12 11a3.5 3.5 0 1 0 .1 0M8 5.5h.1',
  vacuum: 'M12 3a9 9 0 1 0 .1 0M12 8a4 4 0 1 0 .1 0M5 7h14',
  health: 'M12 20S4 14.5 4 9a4.2 4.2 0 0 1 8-1.8A4.2 4.2 0 0 1 20 9c0 5.5-8 11-8 11',
  reader: 'M6 3h12v18H6zM9 7h6M9 10.5h6M9 14h4',
  router: 'M3 13h18v6H3zM7 16h.1M11 16h.1M8 13V6M16 13V6',
  storage: 'M4 4h16v7H4zM4 13h16v7H4zM8 7.5h.1M8 16.5h.1',
  toy: 'M12 9a5 5 0 1 0 .1 0M7.5 4.5a2.5 2.5 0 1 0 .1 4M16.5 4.5a2.5 2.5 0 1 1-.1 4M10.5 13h.1M13.5 13h.1',
  vehicle: 'M3 16v-4l2.5-5h13L21 12v4zM7 16a2 2 0 1 0 .1 0M17 16a2 2 0 1 0 .1 0M3 12h18',
  unknown: 'M4 4h16v16H4zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .7-1 1.7M12 16.8v.1',
}

export const SCREEN_ICONS = {
  home: 'M4 11l8-7 8 7v9h-5v-6H9v6H4z',
  devices: 'M3 5h12v9H3zM6 18h6M17 9h4v10h-4z',
  companies: 'M4 21V4h9v17M13 10h7v11M7 8h3M7 12h3M7 16h3M16 14h1M16 17h1M2 21h20',
  alerts: 'M6 17v-6a6 6 0 0 1 12 0v6l2 2H4zM10 21h4',
  replay: 'M4 12a8 8 0 1 0 2.5-5.8M4 4v4h4M10.5 9v6l4.5-3z',
  settings:
    'M12 9a3 3 0 1 0 .1 0M12 2.5l1.2 2.7 2.9-.7.8 2.9 2.9.8-.7 2.9 2.7 1-2.7 1 .7 2.9-2.9.8-.8 2.9-2.9-.7L12 21.5l-1.2-2.5-2.9.7-.8-2.9-2.9-.8.7-2.9-2.7-1 2.7-1-.7-2.9 2.9-.8.8-2.9 2.9.7z',
  search: 'M10.5 4a6.5 6.5 0 1 0 .1 0M15.5 15.5L21 21',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 4.5v15l12-7.5z',
} as const

export function kindIcon(kind: string): string {
  return KINDS[kind] ?? KINDS['unknown']
}

const EVENTS: Record<string, string> = {
  'voice-request': 'M12 3a3 3 0 0 1 3 3v6a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3M5.5 11a6.5 6.5 0 0 0 13 0M12 18v3',
  'live-view': 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12M12 9.5a2.5 2.5 0 1 0 .1 0',
  'motion-upload': 'M3 7h12v10H3zM15 11l6-3v8l-6-3',
  doorbell: 'M8 2.5h8v19H8zM12 13.5a2.2 2.2 0 1 0 .1 0',
  call: 'M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a16 16 0 0 1-15-15',
  'firmware-update': 'M12 3v11M7.5 10L12 14.5 16.5 10M4 19h16',
  'telemetry-upload': 'M4 20V10M10 20V4M16 20v-7M21 20H3',
  backup: 'M7 18a4.5 4.5 0 0 1 0-9 6 6 0 0 1 11.5 1.5A3.8 3.8 0 0 1 18 18M12 20v-7M9 15.5l3-3 3 3',
  streaming: 'M7 4.5v15l12-7.5z',
  'unknown-upload': 'M12 20V5M6.5 10L12 4.5 17.5 10',
}

export function eventIcon(kind: string): string {
  return EVENTS[kind] ?? EVENTS['unknown-upload']
}
