// Caps of what exporters of flow records can fill.

/** Streams of one exporting process (sender, port, version and observation domain); the one unheard longest goes. */
export const MAX_STREAMS = 128
/** Templates of one stream, and their fields together; the one that was sent or used longest ago goes. */
export const MAX_TEMPLATES = 256
export const MAX_TEMPLATE_FIELDS = 4_096
/** Fields of one template. Cisco, nProbe and pmacct stay below 100. */
export const MAX_FIELDS = 512
/** Records without their template are kept so long, and so much of them in all streams together. */
export const PENDING_SECONDS = 600
export const MAX_PENDING_BYTES = 1_048_576
export const MAX_PENDING_SETS = 1_024
/** Flows whose last record is remembered, to tell records that come twice, and running totals. */
export const MAX_KNOWN_FLOWS = 65_536
/** Samplers that a stream describes in its options. */
export const MAX_SAMPLERS = 64
/** Holes in the numbering of a stream that a late datagram may still fill. */
export const MAX_HOLES = 32
