// Records of capture files: pcap and pcapng.
export { READ_TO_COUNT, READ_TO_ENGINE, READ_TO_HOST } from './constants'
export {
  addInterface,
  allocateBuffer,
  clearInterfaces,
  closeRecords,
  deliverFrame,
  openRecords,
  usePcap,
} from './records/reader'
export { readPcapRecords } from './records/pcap'
export { readPcapngRecords } from './records/pcapng'
