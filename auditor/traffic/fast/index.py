"""The hash table from 5-tuple and VLAN tags to the row of a flow: open addressing, linear probing, no tombstones."""

from __future__ import annotations

import numpy as np

from auditor.traffic.fast.compiled import compiled
from auditor.traffic.fast.layout import (
    A_HIGH, A_LOW, B_HIGH, B_LOW, BACKWARD, FLAGS, FORWARD, FREE, GAP_COUNT, GAP_HEAD, GAP_TAIL, GAPS_FREE, GAPS_USED, HASH,
    HASHED, LIVE, LIVE_FLOWS, NEXT_SEQUENCE, NEXT_SLOT, PORTS, PYTHONS, SEED, SEQUENCE, SIDE, SIDE_WIDTH,
    SOURCE_HIGH, SOURCE_LOW, TAGS, TARGET_HIGH, TARGET_LOW, VLANS, Numbers, Slots,
)  # fmt: skip

_LOW_HALF = 0x7FFFFFFF


@compiled
def _mix(word: int) -> int:
    """Spread the bits of a word over the word (the finisher of MurmurHash3, by A. Appleby, public domain)."""
    word = (word ^ ((word >> 33) & _LOW_HALF)) * -49064778989728563
    word = (word ^ ((word >> 33) & _LOW_HALF)) * -4265267296055464877
    return word ^ ((word >> 33) & _LOW_HALF)


@compiled
def _end(high: int, low: int, port: int, seed: int) -> int:
    return _mix(_mix(_mix(high ^ seed) ^ low) + port * seed)


@compiled
def hash_key(packet: Numbers, seed: int) -> None:
    """Note the hash of the key, the same for both directions; ``seed`` is odd and secret, so that nobody can crowd one place."""
    one = _end(packet[SOURCE_HIGH], packet[SOURCE_LOW], packet[FORWARD] >> 32, seed)
    two = _end(packet[TARGET_HIGH], packet[TARGET_LOW], packet[BACKWARD] >> 32, seed)
    packet[HASHED] = _mix((one + two) ^ _mix((packet[FORWARD] & 0xFFFF) ^ (packet[TAGS] << 16) ^ seed))


@compiled
def find(table: Slots, rows: Numbers, packet: Numbers) -> int:
    """Return twice the row of the flow of ``packet``, plus one if side 1 sent it; -1 if there is none."""
    mask = table.size - 1
    at = packet[HASHED] & mask
    while table[at] >= 0:
        slot = np.int64(table[at])
        if rows[slot, HASH] == packet[HASHED] and rows[slot, VLANS] == packet[TAGS]:
            ports = rows[slot, PORTS]
            high, low = rows[slot, A_HIGH], rows[slot, A_LOW]
            far_high, far_low = rows[slot, B_HIGH], rows[slot, B_LOW]
            if ports == packet[FORWARD] and high == packet[SOURCE_HIGH] and low == packet[SOURCE_LOW]:
                if far_high == packet[TARGET_HIGH] and far_low == packet[TARGET_LOW]:
                    return 2 * slot
            if ports == packet[BACKWARD] and high == packet[TARGET_HIGH] and low == packet[TARGET_LOW]:
                if far_high == packet[SOURCE_HIGH] and far_low == packet[SOURCE_LOW]:
                    return 2 * slot + 1
        at = (at + 1) & mask
    return -1


@compiled
def insert(state: Numbers, table: Slots, rows: Numbers, free: Slots, packet: Numbers) -> int:
    """Give the flow of ``packet`` an empty row, and return it."""
    if state[FREE]:
        state[FREE] -= 1
        slot = np.int64(free[state[FREE]])
    else:
        slot = state[NEXT_SLOT]
        state[NEXT_SLOT] += 1
    rows[slot] = 0
    rows[slot, SEQUENCE] = state[NEXT_SEQUENCE]
    state[NEXT_SEQUENCE] += 1
    rows[slot, HASH], rows[slot, PORTS], rows[slot, VLANS] = packet[HASHED], packet[FORWARD], packet[TAGS]
    rows[slot, A_HIGH], rows[slot, A_LOW] = packet[SOURCE_HIGH], packet[SOURCE_LOW]
    rows[slot, B_HIGH], rows[slot, B_LOW] = packet[TARGET_HIGH], packet[TARGET_LOW]
    rows[slot, FLAGS] = LIVE
    mask = table.size - 1
    at = packet[HASHED] & mask
    while table[at] >= 0:
        at = (at + 1) & mask
    table[at] = slot
    return slot


@compiled
def remove(state: Numbers, table: Slots, rows: Numbers, free: Slots, gaps: Numbers, slot: int) -> None:
    """Take a flow out, with its list of gaps; what followed it in the table moves up."""
    release(state, rows, gaps, slot)
    mask = table.size - 1
    hole = rows[slot, HASH] & mask
    while table[hole] != slot:
        hole = (hole + 1) & mask
    at = (hole + 1) & mask
    while table[at] >= 0:
        home = rows[table[at], HASH] & mask
        if ((at - home) & mask) >= ((at - hole) & mask):
            table[hole] = table[at]
            hole = at
        at = (at + 1) & mask
    table[hole] = -1
    if not rows[slot, FLAGS] & PYTHONS:  # those are counted by the tracker
        state[LIVE_FLOWS] -= 1
    rows[slot, FLAGS] = 0
    rows[slot, SEQUENCE] = -1
    free[state[FREE]] = slot
    state[FREE] += 1


@compiled
def release(state: Numbers, rows: Numbers, gaps: Numbers, slot: int) -> None:
    """Give back the nodes of the gaps of a flow."""
    for side in range(2):
        at = SIDE + side * SIDE_WIDTH
        if rows[slot, at + GAP_COUNT]:
            gaps[rows[slot, at + GAP_TAIL], 2] = state[GAPS_FREE]
            state[GAPS_FREE] = rows[slot, at + GAP_HEAD]
            state[GAPS_USED] -= rows[slot, at + GAP_COUNT]
            rows[slot, at + GAP_COUNT] = 0
