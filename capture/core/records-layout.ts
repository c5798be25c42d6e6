// Where the fields of a capture that is read stand in its record (records/reader.ts), in bytes. Plain TypeScript.

/** Bytes of one interface in the table that `interfaces` names. */
export const INTERFACE_BYTES = 24

export const RecordsAt = {
  packets: 0,
  frameBytes: 8,
  dropped: 16,
  packetOffset: 24,
  earliest: 32,
  latest: 40,
  seconds: 48,
  lastSeconds: 56,
  firstTime: 64,
  lastTime: 72,
  said: 80,
  badOffset: 88,
  unitsPerSecond: 96,
  nanos: 104,
  lastNanos: 108,
  mode: 112,
  next: 116,
  room: 120,
  bigEndian: 124,
  interfaceCount: 128,
  linkType: 132,
  headerLength: 136,
  nanosPerUnit: 140,
  lengthsSwapped: 144,
  source: 148,
  section: 152,
  interfaces: 156,
  interfaceRoom: 160,
} as const
