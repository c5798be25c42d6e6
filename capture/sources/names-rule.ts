// The firewall rule by which a gateway logs the first packets of each connection, for names. It is shown, never set.

/**
 * Commands of nft, in one line. Forwarded packets as they are behind all translation of addresses; and those that
 * devices ask the gateway itself: DNS, DHCP, multicast DNS.
 */
export function namesRule(group: number): string {
  const log = `log group ${group} snaplen 1600`
  return [
    "nft 'table inet telltale {",
    `chain first { type filter hook forward priority -1; ct original packets < 8 ${log}; };`,
    `chain asked { type filter hook input priority -1; udp dport { 53, 67, 547, 5353 } ${log}; };`,
    `chain told { type filter hook output priority -1; udp sport { 53, 67, 547 } ${log}; };`,
    "}'",
  ].join(' ')
}
