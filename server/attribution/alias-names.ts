// Names under which a delivery network serves a customer, with the customer's own name in front.

/**
 * What the networks put behind a customer's whole host name: `www.acme.example.edgekey.net`. Only those whose customers
 * are served under their own names.
 */
const ALIAS_SUFFIXES: readonly string[] = [
  ...['akadns.net', 'edgekey.net', 'edgesuite.net'], // Akamai, https://techdocs.akamai.com/property-mgr/docs/edge-hn
  'cdn.cloudflare.net', // https://developers.cloudflare.com/dns/zone-setups/partial-setup/
  'nsatc.net', // Level 3's delivery network
]

/** The customer's name and the network's part behind it; null for any other name. */
export function splitAlias(name: string): { customer: string; network: string } | null {
  for (const network of ALIAS_SUFFIXES) {
    if (!name.endsWith(`.${network}`)) continue
    const customer = name.slice(0, -network.length - 1)
    return customer.includes('.') ? { customer, network } : null
  }
  return null
}
