"""The arrays that the kernel works on, and the table of ports that it leaves to others."""

from __future__ import annotations

import mmap
import secrets
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from auditor.traffic.dns import PORT as DNS_PORT
from auditor.traffic.fast import layout as of
from auditor.traffic.fast.headers import TCP_SPECIAL, UDP_NAMES, UDP_SPECIAL
from auditor.traffic.fast.layout import Data, Numbers
from auditor.traffic.noise import LOCAL_PORTS
from auditor.traffic.record import Layout
from auditor.traffic.times import LARGEST
from auditor.traffic.tunnels import UDP_TUNNELS


class Share(NamedTuple):
    """Which flows of a capture are counted here: those whose hash lies between two numbers; the first share has all others."""

    low: int
    high: int
    seed: int
    """Odd and secret, the same in all shares of a capture."""


WHOLE = Share(0, of.ALL_SHARES, secrets.randbits(62) | 1)
_FIRST_LESS = 0.4
"""How much smaller the first share is: look-ups and putting all together are its work too."""


def shares_of(count: int) -> list[Share]:
    """Return ``count`` shares that together have every flow."""
    first = max(1, int(of.ALL_SHARES * (1 / count - _FIRST_LESS)))
    step = (of.ALL_SHARES - first) / (count - 1)
    borders = [0, *(first + round(step * n) for n in range(count))]
    return [Share(low, high, WHOLE.seed) for low, high in pairwise(borders)]


_QUEUE = 64
"""Events after which Python is asked. Few, as until then the kernel does not know of which flows nothing more is wanted."""
_ROW_BYTES = of.ROW_WIDTH * np.dtype(np.int64).itemsize
_GAPS = 1 << 16
_NAMES = 1 << 18


@cache
def special_ports() -> Data:
    """Return by port whether its packets are read by ``decoder``: names, local protocols, tunnels."""
    special = np.zeros(1 << 16, np.uint8)
    for port in (*LOCAL_PORTS, *UDP_TUNNELS):
        special[port] |= UDP_SPECIAL
    special[DNS_PORT] |= TCP_SPECIAL | UDP_NAMES
    return special


class Memory:
    """All arrays of one capture. Rows that no flow uses cost address space and no memory."""

    def __init__(self, most_live: int, share: Share = WHOLE, queue: int = _QUEUE, gaps: int = _GAPS, names: int = _NAMES) -> None:
        """Make room for ``most_live`` flows, ``queue`` events, at first ``gaps`` pieces of missing bytes, and bytes of names."""
        self.state = np.zeros(of.STATE_WIDTH, np.int64)
        self.packet = np.zeros(of.PACKET_WIDTH, np.int64)
        self.table = np.full(1 << (2 * most_live + 2).bit_length(), -1, np.int32)
        self._room = mmap.mmap(-1, (most_live + 1) * _ROW_BYTES)
        self.rows: Numbers = np.frombuffer(self._room, np.int64).reshape(most_live + 1, of.ROW_WIDTH)
        self.opening = np.zeros((most_live + 1, of.OPENING_LENGTH), np.uint8)
        self.free = np.zeros(most_live + 1, np.int32)
        self.gaps: Numbers = np.zeros((gaps, 3), np.int64)
        self.held = np.zeros(of.HELD_PLACES * of.HELD_ROOM, np.uint8)
        self.held_free = np.arange(of.HELD_PLACES, dtype=np.int32)
        self.names: Data = np.zeros(names, np.uint8)
        self.events = np.zeros((queue, of.EVENT_WIDTH), np.int64)
        self.ended = np.zeros((queue, of.ROW_WIDTH), np.int64)
        self.ended_opening = np.zeros((queue, of.OPENING_LENGTH), np.uint8)
        self.state[of.MOST_FLOWS] = most_live
        self.state[of.GAPS_FREE] = -1
        self.state[of.SEED] = share.seed
        self.state[of.HELD_FREE] = of.HELD_PLACES
        self.state[of.SHARE_LOW], self.state[of.SHARE_HIGH] = share.low, share.high

    def set_layout(self, layout: Layout) -> None:
        """Say how the records to come are written."""
        state = self.state
        state[of.HEADER], state[of.BIG], state[of.TICK], state[of.OFFSET] = layout.header, layout.big, layout.tick, layout.offset
        state[of.MOST_TICKS] = (LARGEST - max(layout.offset, 0)) // layout.tick
        state[of.LINK] = of.LINKS[layout.link_type]

    def grow(self) -> None:
        """Make room for twice as many gaps and names."""
        self.gaps = np.concatenate([self.gaps, np.zeros_like(self.gaps)])
        self.names = np.concatenate([self.names, np.zeros_like(self.names)])

    def give_back(self, slot: int) -> None:
        """Give back the memory of the rows before ``slot``, which nobody reads any more, where the system can take a part."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._room.madvise(mmap.MADV_DONTNEED, 0, slot * _ROW_BYTES // mmap.PAGESIZE * mmap.PAGESIZE)
