#!/usr/bin/env python3
"""A TZSP sender, as a MikroTik's sniffer: each frame of an interface goes to a collector in a datagram.

    tzsp-sender.py INTERFACE COLLECTOR[:PORT] [--feedback] [--numbered] [--length BYTES]

--feedback sends the stream's own datagrams as well, as a MikroTik with filter-stream=no; --numbered gives each frame a
number (tag 0x28); --length cuts frames and says how long they were (tag 0x29). On SIGTERM and SIGINT it writes one line of
JSON: frames sent, frames of the stream itself that were left out, and what the kernel dropped before they reached it.
Needs the right to capture (CAP_NET_RAW).
"""
import argparse
import json
import signal
import socket
import struct
import sys

ETH_P_ALL = 3
SOL_PACKET = 263
PACKET_STATISTICS = 6
SO_RCVBUFFORCE = 33
BUFFER = 64 << 20
LONGEST = 65536
HEADER = b'\x01\x00\x00\x01'


def is_own(frame, address, port):
    """Whether it is a datagram to the collector, or a later fragment of one."""
    if len(frame) < 38 or frame[23] != 17 or frame[30:34] != address:
        return False
    if (frame[20] & 0x1F) | frame[21]:
        return True
    at = 14 + (frame[14] & 15) * 4
    return frame[at + 2 : at + 4] == port


def main():
    words = argparse.ArgumentParser()
    words.add_argument('interface')
    words.add_argument('collector')
    words.add_argument('--feedback', action='store_true')
    words.add_argument('--numbered', action='store_true')
    words.add_argument('--length', type=int, default=0)
    chosen = words.parse_args()
    address, _, port = chosen.collector.partition(':')
    collector = (address, int(port or 37008))
    own = socket.inet_aton(address), struct.pack('!H', collector[1])

    capture = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    capture.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    capture.bind((chosen.interface, 0))
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    sent = left_out = failed = 0

    def finish(*_):
        _, dropped = struct.unpack('II', capture.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
        print(json.dumps({'sent': sent, 'leftOut': left_out, 'failed': failed, 'dropped': dropped}), flush=True)
        sys.exit(0)

    signal.signal(signal.SIGTERM, finish)
    signal.signal(signal.SIGINT, finish)
    print(json.dumps({'interface': chosen.interface}), flush=True)
    while True:
        try:
            frame = capture.recv(LONGEST)
        except OSError:
            # The interface went down, or is gone.
            continue
        if not chosen.feedback and frame[12:14] == b'\x08\x00' and is_own(frame, *own):
            left_out += 1
            continue
        tags = b''
        if chosen.numbered:
            tags += b'\x28\x04' + struct.pack('!I', sent & 0xFFFFFFFF)
        if chosen.length and len(frame) > chosen.length:
            tags += b'\x29\x02' + struct.pack('!H', min(len(frame), 65535))
            frame = frame[: chosen.length]
        try:
            sender.sendto(HEADER + tags + b'\x01' + frame, collector)
            sent += 1
        except OSError:
            # No way to the collector, as with its cable unplugged; or a refusal of one before.
            failed += 1


main()
