// The tables of a traffic history.
export const TABLES = [
  'state',
  'devices',
  'endpoints',
  'pairs',
  'names',
  'capture',
  'minutes',
  'hours',
  'days',
  'lookups',
  'positions',
  'events',
  'event_days',
  'event_words',
]
