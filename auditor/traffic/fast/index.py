"""The hash table from 5-tuple and VLAN tags to the row of a flow: open addressing, linear probing, no tombstones."""

from __future__ import annotations

import numpy as np

from auditor.traffic.fast import layout as of
from auditor.traffic.fast.compiled import inner
from auditor.traffic.fast.layout import Numbers, Slots

_LOW_HALF = 0x7FFFFFFF


@inner
def _mix(word: int) -> int:
    """Spread the bits of a word over the word (the finisher of MurmurHash3, by A. Appleby, public domain)."""
    word = (word ^ ((word >> 33) & _LOW_HALF)) * -49064778989728563
    word = (word ^ ((word >> 33) & _LOW_HALF)) * -4265267296055464877
    return word ^ ((word >> 33) & _LOW_HALF)


@inner
def _end(high: int, low: int, port: int, seed: int) -> int:
    return _mix(_mix(_mix(high ^ seed) ^ low) + port * seed)


@inner
def hash_key(packet: Numbers, seed: int) -> None:
    """Note the hash of the key, the same for both directions; ``seed`` is odd and secret, so that nobody can crowd one place."""
    one = _end(packet[of.SOURCE_HIGH], packet[of.SOURCE_LOW], packet[of.FORWARD] >> 32, seed)
    two = _end(packet[of.TARGET_HIGH], packet[of.TARGET_LOW], packet[of.BACKWARD] >> 32, seed)
    packet[of.HASHED] = _mix((one + two) ^ _mix((packet[of.FORWARD] & 0xFFFF) ^ (packet[of.TAGS] << 16) ^ seed))


@inner
def in_share(state: Numbers, packet: Numbers) -> bool:
    """Return whether the hash of the key lies in the share that is counted here; the first has all look-ups."""
    if packet[of.NAMED]:
        return not state[of.SHARE_LOW]
    place = (packet[of.HASHED] >> 40) & (of.ALL_SHARES - 1)
    return bool(state[of.SHARE_LOW] <= place < state[of.SHARE_HIGH])


@inner
def _between(row: Numbers, packet: Numbers, one: int, two: int) -> bool:
    """Return whether end A of a row has the address of ``packet`` at ``one``, and end B that at ``two``."""
    near = row[of.A_HIGH] == packet[one] and row[of.A_LOW] == packet[one + 1]
    return bool(near and row[of.B_HIGH] == packet[two] and row[of.B_LOW] == packet[two + 1])


@inner
def find(table: Slots, rows: Numbers, packet: Numbers) -> int:
    """Return twice the row of the flow of ``packet``, plus one if side 1 sent it; -1 if there is none."""
    mask = table.size - 1
    at = packet[of.HASHED] & mask
    while table[at] >= 0:
        slot = np.int64(table[at])
        if rows[slot, of.HASH] == packet[of.HASHED] and rows[slot, of.VLANS] == packet[of.TAGS]:
            ports = rows[slot, of.PORTS]
            if ports == packet[of.FORWARD] and _between(rows[slot], packet, of.SOURCE_HIGH, of.TARGET_HIGH):
                return int(2 * slot)
            if ports == packet[of.BACKWARD] and _between(rows[slot], packet, of.TARGET_HIGH, of.SOURCE_HIGH):
                return int(2 * slot + 1)
        at = (at + 1) & mask
    return -1


@inner
def insert(state: Numbers, table: Slots, rows: Numbers, free: Slots, packet: Numbers) -> int:
    """Give the flow of ``packet`` an empty row, and return it."""
    if state[of.FREE]:
        state[of.FREE] -= 1
        slot = np.int64(free[state[of.FREE]])
    else:
        slot = state[of.NEXT_SLOT]
        state[of.NEXT_SLOT] += 1
    for column in range(of.ROW_WIDTH):
        rows[slot, column] = 0
    rows[slot, of.SEQUENCE] = state[of.NUMBER] << of.SEQUENCE_BITS
    rows[slot, of.HASH], rows[slot, of.PORTS], rows[slot, of.VLANS] = packet[of.HASHED], packet[of.FORWARD], packet[of.TAGS]
    rows[slot, of.A_HIGH], rows[slot, of.A_LOW] = packet[of.SOURCE_HIGH], packet[of.SOURCE_LOW]
    rows[slot, of.B_HIGH], rows[slot, of.B_LOW] = packet[of.TARGET_HIGH], packet[of.TARGET_LOW]
    rows[slot, of.FLAGS] = of.LIVE
    mask = table.size - 1
    at = packet[of.HASHED] & mask
    while table[at] >= 0:
        at = (at + 1) & mask
    table[at] = slot
    return int(slot)


@inner
def remove(state: Numbers, table: Slots, rows: Numbers, free: Slots, gaps: Numbers, slot: int) -> None:
    """Take a flow out, with its list of gaps; what followed it in the table moves up."""
    release(state, rows, gaps, slot)
    mask = table.size - 1
    hole = rows[slot, of.HASH] & mask
    while table[hole] != slot:
        hole = (hole + 1) & mask
    at = (hole + 1) & mask
    while table[at] >= 0:
        home = rows[table[at], of.HASH] & mask
        if ((at - home) & mask) >= ((at - hole) & mask):
            table[hole] = table[at]
            hole = at
        at = (at + 1) & mask
    table[hole] = -1
    if not rows[slot, of.FLAGS] & of.PYTHONS:  # those are counted by the tracker
        state[of.LIVE_FLOWS] -= 1
    rows[slot, of.FLAGS] = 0
    rows[slot, of.SEQUENCE] = -1
    free[state[of.FREE]] = slot
    state[of.FREE] += 1


@inner
def release(state: Numbers, rows: Numbers, gaps: Numbers, slot: int) -> None:
    """Give back the nodes of the gaps of a flow."""
    for side in range(2):
        at = of.SIDE + side * of.SIDE_WIDTH
        if rows[slot, at + of.GAP_COUNT]:
            gaps[rows[slot, at + of.GAP_TAIL], 2] = state[of.GAPS_FREE]
            state[of.GAPS_FREE] = rows[slot, at + of.GAP_HEAD]
            state[of.GAPS_USED] -= rows[slot, at + of.GAP_COUNT]
            rows[slot, at + of.GAP_COUNT] = 0
