// The stated limits of Telltale's own cost: ratios of CPU seconds, never seconds, which depend on the machine.

export type CostLimit = { capture: string; peer: string; atMost: number; at: string }

/** ndpiReader does the nearest to the same job in C; pcap-parser only counts records, in JavaScript. */
export const COST_LIMITS: CostLimit[] = [
  { capture: 'synthetic-500MB', peer: 'ndpiReader', atMost: 0.45, at: '500 MB' },
  { capture: 'synthetic-2GB', peer: 'ndpiReader', atMost: 0.28, at: '2 GB' },
  { capture: 'real-500MB', peer: 'ndpiReader', atMost: 0.45, at: '500 MB of real captures' },
  { capture: 'real-2GB', peer: 'ndpiReader', atMost: 0.28, at: '2 GB of real captures' },
  { capture: 'synthetic-500MB', peer: 'pcap-parser', atMost: 0.65, at: '500 MB' },
  { capture: 'synthetic-2GB', peer: 'pcap-parser', atMost: 0.65, at: '2 GB' },
]
