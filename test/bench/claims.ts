// What is claimed of Telltale's cost: ratios of CPU seconds to a peer's on the same capture in the same run, never
// seconds, which depend on the machine. The bench prints for each whether it holds.

export type Claim = { capture: string; peer: string; atMost: number; at: string }

/** What is claimed of live capture: Telltale and its tcpdump together, in percent of one core, at a rate. */
export type LiveClaim = { traffic: string; atMostPercent: number }

/** ndpiReader does the nearest to the same job in C; pcap-parser only counts records, in JavaScript. */
export const CLAIMS: Claim[] = [
  { capture: 'synthetic-500MB', peer: 'ndpiReader', atMost: 0.45, at: '500 MB' },
  { capture: 'synthetic-2GB', peer: 'ndpiReader', atMost: 0.28, at: '2 GB' },
  { capture: 'real-500MB', peer: 'ndpiReader', atMost: 0.45, at: '500 MB of real captures' },
  { capture: 'real-2GB', peer: 'ndpiReader', atMost: 0.28, at: '2 GB of real captures' },
  { capture: 'home', peer: 'ndpiReader', atMost: 0.55, at: "a home's everyday traffic" },
  { capture: 'synthetic-51MB', peer: 'ndpiReader', atMost: 1, at: '51 MB' },
  { capture: 'synthetic-500MB', peer: 'pcap-parser', atMost: 0.65, at: '500 MB' },
  { capture: 'synthetic-2GB', peer: 'pcap-parser', atMost: 0.65, at: '2 GB' },
]

export const LIVE_CLAIMS: LiveClaim[] = [
  { traffic: '100 Mbit/s of 600 B', atMostPercent: 6 },
  { traffic: '500 Mbit/s of 600 B', atMostPercent: 15 },
]

/** The sentence about one claim; `measured` is null where it was not measured. */
export function judgement(what: string, atMost: string, measured: number | null, limit: number): string {
  if (measured === null || Number.isNaN(measured)) return `${what} at most ${atMost}: not measured`
  return `${what} at most ${atMost}: ${measured <= limit ? 'holds' : 'DOES NOT HOLD'}, measured ${measured.toFixed(2)}`
}
