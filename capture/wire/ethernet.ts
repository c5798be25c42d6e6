// EtherTypes.
export { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from '../core/constants.ts'
