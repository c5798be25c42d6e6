// Records of capture files: pcap and pcapng.

/** What becomes of each packet: the engine takes it, the host does (takePacket), or it is counted only. */
export const READ_TO_ENGINE = 0
export const READ_TO_HOST = 1
export const READ_TO_COUNT = 2
