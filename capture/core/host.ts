// What the core asks of the program around it. All of it is rare, but for `takePacket`.

/** A record of a capture is in the frame, not decoded yet; called for each where READ_TO_HOST is the mode. */
export declare function takePacket(): void
/** The packet in the frame has a link type that nothing reads. */
export declare function countUnread(): void
/** The packet in the frame has a time out of the bounds; true where it is to be delivered, at the time it has then. */
export declare function mayDeliver(): bool
/** True where nothing of the decoded packet is to be counted; asked only where the host said that it may be. */
export declare function isExcluded(): bool
/** It is `second` now by the packets' clock: who has waited long enough is admitted. */
export declare function advance(second: f64): void
/** Whether the frame's sender, whose MAC has no place, may be processed now; it waits where not. */
export declare function mayAppear(): bool
/** Whether the MAC, which did not send anything, may have a place. */
export declare function mayClaim(high: i32, low: i32): bool
/** Whether the frame's destination at home, which nobody has sent from, may have a place. */
export declare function mayBeNamed(): bool
/** The frame may answer somebody who waits; called only while somebody does. */
export declare function observeAnswer(): void
/** The address went from one MAC to another; times in seconds. */
export declare function addressChanged(
  address: i32,
  before: i32,
  mac: i32,
  isLeased: bool,
  since: f64,
  lastUse: f64,
): void
/** A DNS answer came to `client` of the MAC `holder` from the MAC `sender`, which nobody had asked for. */
export declare function unaskedAnswer(client: i32, holder: i32, sender: i32, name: i32, isTold: bool): void
/** The frame's payload is an announcement, of a flow of this kind (KIND_…), sent by the binding. */
export declare function observeAnnouncement(kind: i32, binding: i32): void
/** An HTTP request from the binding names its program in the bytes [at, end). */
export declare function observeUserAgent(binding: i32, at: usize, end: usize): void
/** A program on the binding names itself in the bytes [at, end); `kind` is one of SAID_…. */
export declare function observeSaid(kind: i32, binding: i32, at: usize, end: usize): void
/** Label bits of a protocol (IANA number) and the port at the far end. */
export declare function labelBitsOfPort(protocol: i32, port: i32): i32
/** A second with traffic is over: the host reads its sums and clears them (clearTick). */
export declare function takeTick(second: f64): void
/** A flow that was named by the device's look-up carries another name in its handshake. */
export declare function nameDiffers(name: i32, byDns: i32): void
/**
 * The name of the host that showed the certificate (X.509) in the bytes [at, end) to the device of the key `device`;
 * `name` where that is what the address is known as and the certificate is for it. NO_NAME: it tells none.
 */
export declare function nameOfCertificate(device: i32, at: usize, end: usize, name: i32): i32
