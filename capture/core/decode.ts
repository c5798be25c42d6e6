// Decoding of one packet into the frame, layer by layer.

/**
 * Decodes link, network and transport layer of the bytes [frame.at, frame.end). What could be read before a damaged
 * place is kept; frame.stopped names the layer that was cut. False where the link type is not one we read.
 */
export function decodeFrame(): bool {
  return unreachable()
}
