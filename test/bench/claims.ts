// What is claimed of Telltale's cost: ratios of CPU seconds to a peer's on the same capture in the same run, never
// seconds, which depend on the machine. The bench prints for each whether it holds.

export type Claim = { capture: string; peer: string; atMost: number; at: string }

/** What is claimed of live capture: Telltale and its tcpdump together, in percent of one core, at a rate. */
export type LiveClaim = { traffic: string; atMostPercent: number }

/** ndpiReader does the nearest to the same job in C; pcap-parser only counts records, in JavaScript. */
export const CLAIMS: Claim[] = [
  { capture: 'synthetic-500MB', peer: 'ndpiReader', atMost: 0.8, at: '500 MB' },
  { capture: 'synthetic-2GB', peer: 'ndpiReader', atMost: 0.5, at: '2 GB' },
  { capture: 'home', peer: 'ndpiReader', atMost: 3, at: "a home's everyday traffic" },
  { capture: 'synthetic-51MB', peer: 'ndpiReader', atMost: 2.6, at: '51 MB' },
  { capture: 'synthetic-500MB', peer: 'pcap-parser', atMost: 1.2, at: '500 MB' },
]

/** Nothing is claimed of live capture yet: what it costs hangs on tcpdump's way of waiting for packets. */
export const LIVE_CLAIMS: LiveClaim[] = []

/** The sentence about one claim; `measured` is null where it was not measured. */
export function judgement(what: string, atMost: string, measured: number | null, limit: number): string {
  if (measured === null || Number.isNaN(measured)) return `${what} at most ${atMost}: not measured`
  return `${what} at most ${atMost}: ${measured <= limit ? 'holds' : 'DOES NOT HOLD'}, measured ${measured.toFixed(2)}`
}
