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
SIDE, SIDE_WIDTH = 20, 10
PACKETS, WIRE, PAYLOAD, ISN, BASE, HIGH, LOW, GAP_HEAD, GAP_TAIL, GAP_COUNT = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
"""Within a side. ``ISN`` and ``BASE`` are -1 while unknown; positions as in ``auditor.traffic.stream``."""
ROW_WIDTH = SIDE + 2 * SIDE_WIDTH

# Bits of FLAGS; those of side 1 are shifted by SIDE_BITS.
SYN_SEEN, SYNACK_SEEN, FIN_SEEN, RST_SEEN, WANTED, ANCHORED = 1, 2, 4, 8, 16, 32
SIDE_BITS = 8
CUT, PYTHONS, UNREACHABLE, LIVE = 1 << 16, 1 << 17, 1 << 18, 1 << 19
"""``WANTED``: Python wants to see payload; ``PYTHONS``: the flow is one of the tracker, and only its key stands here."""

# State.
(POSITION, STOP, NUMBER, CLOCK, HEADER, BIG, TICK, OFFSET, MOST_TICKS, LINK) = range(10)
(LIVE_FLOWS, PYTHON_FLOWS, MOST_FLOWS, FREE, NEXT_SLOT) = range(10, 15)
(WATCHED, WATCH_FIRST, WATCH_LAST, SEEN, SHORTENED, BLOCKS) = range(16, 22)
(QUEUED, ENDED, GAPS_USED, GAPS_FREE, GAPS_NEXT, SEED) = range(22, 28)
(FRAME_AT, CAPTURED, ORIGINAL, TIME, FOLLOWING, STAMP, SHARE_LOW, SHARE_HIGH) = range(28, 36)
STATE_WIDTH = 40
ALL_SHARES = 1 << 16
"""Where several processes read one file, each counts the flows whose hash lies in its share of so many."""

# Packet.
(SOURCE_HIGH, SOURCE_LOW, TARGET_HIGH, TARGET_LOW, FORWARD, BACKWARD, TAGS, HASHED) = range(8)
(PROTOCOL, KIND, GROUP, BEGIN, CLOSE, WIRED, LENGTH, HELD, NUMBER_SENT, SIGNALS, START, FAR, NETWORK, NAMED) = range(8, 22)
PACKET_WIDTH = 24

# Events.
EVENT_KIND, EVENT_SEQUENCE, EVENT_SLOT, EVENT_SIDE, EVENT_START, EVENT_LOW, EVENT_AT, EVENT_HELD, EVENT_LENGTH = range(9)
EVENT_WIDTH = 9
CONTENT, OVER, PAUSE, MESSAGE = 1, 2, 3, 4
"""``MESSAGE``: the payload of a DNS packet, with its time as ``EVENT_START`` and where its IP header lies as ``EVENT_LOW``."""
MET = 2
"""Added to the side of a message: the other side has sent packets before it."""
SEQUENCE_BITS = 20
"""A flow of the kernel is numbered by the packet that began it; so many bits are left to number what else that packet began."""

# Why the kernel returns.
FOUND, MORE, READER, SLOW, DRAIN, EVICT, GROW = 0, 1, 2, 3, 4, 5, 6

OPENING_LENGTH = 64
ETHERNET, RAW, ONLY_IPV4, ONLY_IPV6, NULL = 1, 101, 228, 229, 0
LINKS = {1: ETHERNET, 12: RAW, 14: RAW, 101: RAW, 228: ONLY_IPV4, 229: ONLY_IPV6, 0: NULL, 108: NULL}
"""Link types that the kernel reads, by LINKTYPE_ value; the cooked ones of "any" captures need the search for duplicates."""
