// Flags of TCP segments.
export { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../core/constants.ts'
