"""Where each number stands in the arrays that the kernel and Python share. All are 64-bit signed integers.

``Rows`` has one row a live flow, ``State`` what belongs to the capture as a whole, ``Packet`` the packet at hand, ``Events``
what Python has to do, in order.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

Data: TypeAlias = "np.ndarray[Any, np.dtype[np.uint8]]"
Numbers: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"
Slots: TypeAlias = "np.ndarray[Any, np.dtype[np.int32]]"

# Rows: one live flow. Ends A and B: A sent the first captured packet.
SEQUENCE, HASH, A_HIGH, A_LOW, B_HIGH, B_LOW, PORTS, VLANS, FLAGS = 0, 1, 2, 3, 4, 5, 6, 7, 8
FIRST, LAST, FIRST_FRAME, LAST_FRAME, FRAMES, OPENING, ENDED_BY = 9, 10, 11, 12, 13, 18, 19
"""``FRAMES``: five numbers; ``OPENING``: length of the first payload bytes kept beside; ``ENDED_BY``: frame number."""
SIDE, SIDE_WIDTH = 20, 14
PACKETS, WIRE, PAYLOAD, ISN, BASE, HIGH, LOW, GAP_HEAD, GAP_TAIL, GAP_COUNT = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
"""Within a side. ``ISN`` and ``BASE`` are -1 while unknown; positions as in ``auditor.traffic.stream``."""
TOLD, NAME_AT, NAME_LENGTH, HELD_IN = 10, 11, 12, 13
"""Within a side of a TCP connection. ``TOLD``: what its first bytes told the kernel, 0 for nothing, and where among the names
that stands which they show. While a ClientHello is not whole, ``HELD_IN`` is one more than the place where it is held,
``NAME_AT`` how long it will be and ``NAME_LENGTH`` how long it is."""
PASSED = NAME_AT
"""Within a side of a datagram flow: datagrams without a QUIC Initial packet since Python was last asked."""
NAMED_HELLO, ENCRYPTED_HELLO, SERVER_HELLO = 1, 2, 3
"""``TOLD``: a ClientHello with a name, one that may hide its name behind the one that it shows, a ServerHello."""
ROW_WIDTH = SIDE + 2 * SIDE_WIDTH

# Bits of FLAGS; those of side 1 are shifted by SIDE_BITS.
SYN_SEEN, SYNACK_SEEN, FIN_SEEN, RST_SEEN, WANTED, ANCHORED, LOOKED, INITIALS = 1, 2, 4, 8, 16, 32, 64, 128
SIDE_BITS = 8
CUT, PYTHONS, UNREACHABLE, LIVE, EVICTED = 1 << 16, 1 << 17, 1 << 18, 1 << 19, 1 << 20
ASKED = 21
"""Which half asks by DNS: bit 21 for half 0, bit 22 for half 1."""
"""``WANTED``: payload is still looked at; ``LOOKED``: by Python; ``INITIALS``: for QUIC Initial packets alone;
``PYTHONS``: the flow is one of the tracker, and only its key stands here."""

# State.
(POSITION, STOP, NUMBER, CLOCK, HEADER, BIG, TICK, OFFSET, MOST_TICKS, LINK) = range(10)
(LIVE_FLOWS, PYTHON_FLOWS, MOST_FLOWS, FREE, NEXT_SLOT) = range(10, 15)
(WATCHED, WATCH_FIRST, WATCH_LAST, SEEN, SHORTENED, BLOCKS) = range(16, 22)
(QUEUED, ENDED, GAPS_USED, GAPS_FREE, GAPS_NEXT, SEED) = range(22, 28)
(FRAME_AT, CAPTURED, ORIGINAL, TIME, FOLLOWING, STAMP, SHARE_LOW, SHARE_HIGH) = range(28, 36)
NAMES_USED, HELD_FREE, WATCH_BEFORE = 36, 37, 38
STATE_WIDTH = 40
ALL_SHARES = 1 << 16
"""Where several processes read one file, each counts the flows whose hash lies in its share of so many."""

# Packet.
(SOURCE_HIGH, SOURCE_LOW, TARGET_HIGH, TARGET_LOW, FORWARD, BACKWARD, TAGS, HASHED) = range(8)
(PROTOCOL, KIND, GROUP, BEGIN, CLOSE, WIRED, LENGTH, HELD, NUMBER_SENT, SIGNALS, START, FAR, NETWORK, NAMED) = range(8, 22)
PACKET_WIDTH = 24

# Events.
EVENT_KIND, EVENT_SEQUENCE, EVENT_SLOT, EVENT_SIDE, EVENT_START, EVENT_LOW, EVENT_AT, EVENT_HELD, EVENT_LENGTH = range(9)
EVENT_TOLD, EVENT_NAME_AT, EVENT_NAME_LENGTH, EVENT_PASSED = range(9, 13)
"""What the kernel knows of the other side, and how many datagrams it passed over before this one; of a DNS message which half
asks, as in ``ASKED``."""
EVENT_WIDTH = 13
CONTENT, OVER, PAUSE, MESSAGE, HELD_BYTES = 1, 2, 3, 4, 5
"""``PAUSE``: its length as ``EVENT_START``, and whether the clock was set back as ``EVENT_LOW``;
``HELD_BYTES``: the first bytes of a direction, held at the place ``EVENT_AT`` until they turned out to be for Python;
``MESSAGE``: the payload of a DNS packet, with its time as ``EVENT_START`` and where its IP header lies as ``EVENT_LOW``."""
MET = 2
"""Added to the side of a message: the other side has sent packets before it."""
SEQUENCE_BITS = 20
"""A flow of the kernel is numbered by the packet that began it; so many bits are left to number what else that packet began."""

# Who looks at first bytes.
KERNEL, PYTHON, PYTHON_HELD, PYTHON_ALL_HELD = 0, 1, 2, 3
"""``PYTHON_HELD``: Python, beginning with the bytes that are held; ``PYTHON_ALL_HELD``: the packet at hand is among those."""

# Why the kernel returns.
FOUND, MORE, READER, SLOW, DRAIN, EVICT, GROW = 0, 1, 2, 3, 4, 5, 6

OPENING_LENGTH = 64
HELD_ROOM, HELD_PLACES = 4096, 1024
"""Bytes held of a ClientHello that is not whole yet, and of how many at one time; others are left to Python."""
LONGEST_PLAIN = 253
ETHERNET, RAW, ONLY_IPV4, ONLY_IPV6, NULL = 1, 101, 228, 229, 0
LINKS = {1: ETHERNET, 12: RAW, 14: RAW, 101: RAW, 228: ONLY_IPV4, 229: ONLY_IPV6, 0: NULL, 108: NULL}
"""Link types that the kernel reads, by LINKTYPE_ value; the cooked ones of "any" captures need the search for duplicates."""
