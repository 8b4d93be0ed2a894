"""What Python calls of the compiled code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from auditor.traffic.fast.compiled import compiled, source_stamp
from auditor.traffic.fast.flows import account
from auditor.traffic.fast.headers import read_headers
from auditor.traffic.fast.index import find, hash_key, insert, remove
from auditor.traffic.fast.layout import (
    CAPTURED, FLAGS, FOUND, FRAME_AT, LINK, NUMBER, PYTHONS, SEED, SLOW, STAMP, Data, Numbers, Slots,
)  # fmt: skip
from auditor.traffic.fast.walk import next_record, take_record


def _entries(stamp: int) -> tuple[Callable[..., Any], ...]:
    """Return the functions below; each encloses ``stamp``, see ``source_stamp``."""

    @compiled
    def run(
        data: Data, special: Data, state: Numbers, packet: Numbers, table: Slots, rows: Numbers, opening: Data, free: Slots,
        gaps: Numbers, events: Numbers, ended: Numbers, ended_opening: Data,
    ) -> int:  # fmt: skip
        """Count packets until Python has to do something, and return what; the packet of ``SLOW`` counts as read."""
        state[STAMP] = stamp
        while True:
            code = next_record(data, state)
            if code != FOUND:
                return code
            at = state[FRAME_AT]
            code = SLOW
            if read_headers(data, at, at + state[CAPTURED], state[LINK], special, packet):
                code = account(data, state, packet, table, rows, opening, free, gaps, events, ended, ended_opening)
            if code not in (FOUND, SLOW):
                state[NUMBER] -= 1  # it is found again after Python has made room
                return code
            take_record(state)
            if code == SLOW:
                return code

    @compiled
    def locate(state: Numbers, packet: Numbers, table: Slots, rows: Numbers) -> int:
        """Return the row of the flow with the key in ``packet``, -1 for none."""
        state[STAMP] = stamp
        hash_key(packet, state[SEED])
        return find(table, rows, packet) >> 1

    @compiled
    def reserve(state: Numbers, packet: Numbers, table: Slots, rows: Numbers, free: Slots) -> int:
        """Note that the tracker has the flow with the key in ``packet``; return its row."""
        state[STAMP] = stamp
        hash_key(packet, state[SEED])
        slot = insert(state, table, rows, free, packet)
        rows[slot, FLAGS] |= PYTHONS
        return slot

    @compiled
    def drop(state: Numbers, table: Slots, rows: Numbers, free: Slots, gaps: Numbers, slot: int) -> None:
        """Free a row."""
        state[STAMP] = stamp
        remove(state, table, rows, free, gaps, slot)

    return run, locate, reserve, drop


run, locate, reserve, drop = _entries(source_stamp())
