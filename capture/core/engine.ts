// Packets in; flows, names, devices and one tick a second out.

/** Takes the packet in the frame, which is not decoded yet. */
export function processFrame(): void {
  unreachable()
}
