"""What Python calls of the compiled code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from auditor.traffic.fast import layout as of
from auditor.traffic.fast.compiled import entry, source_stamp
from auditor.traffic.fast.flows import account
from auditor.traffic.fast.headers import read_headers
from auditor.traffic.fast.index import find, hash_key, in_share, insert, remove
from auditor.traffic.fast.layout import Data, Numbers, Slots
from auditor.traffic.fast.walk import next_record, take_record


def _runner(stamp: int) -> Callable[..., Any]:
    """Return ``run``, which encloses ``stamp``, see ``source_stamp``."""

    @entry
    def run(
        data: Data, special: Data, state: Numbers, packet: Numbers, table: Slots, rows: Numbers, opening: Data, free: Slots,
        gaps: Numbers, events: Numbers, ended: Numbers, ended_opening: Data, held: Data, held_free: Slots, names: Data,
    ) -> int:  # fmt: skip
        """Count packets until Python has to do something, and return what; the packet of ``SLOW`` counts as read."""
        state[of.STAMP] = stamp
        while True:
            code = next_record(data, state)
            if code != of.FOUND:
                return code
            at = state[of.FRAME_AT]
            code = of.SLOW
            if read_headers(data, at, at + state[of.CAPTURED], state[of.LINK], special, packet):
                code = account(
                    data, state, packet, table, rows, opening, free, gaps, events, ended, ended_opening, held, held_free, names
                )
            if code not in (of.FOUND, of.SLOW):
                state[of.NUMBER] -= 1  # it is found again after Python has made room
                return code
            take_record(state)
            if code == of.SLOW:
                return code

    return run


def _helpers(stamp: int) -> tuple[Callable[..., Any], ...]:
    """Return what serves the tracker; each function encloses ``stamp``."""

    @entry
    def locate(state: Numbers, packet: Numbers, table: Slots, rows: Numbers) -> int:
        """Return the row of the flow with the key in ``packet``, -1 for none."""
        state[of.STAMP] = stamp
        hash_key(packet, state[of.SEED])
        return find(table, rows, packet) >> 1

    @entry
    def shared(state: Numbers, packet: Numbers) -> bool:
        """Return whether the flow with the key in ``packet`` is counted here."""
        state[of.STAMP] = stamp
        hash_key(packet, state[of.SEED])
        return in_share(state, packet)

    @entry
    def reserve(state: Numbers, packet: Numbers, table: Slots, rows: Numbers, free: Slots) -> int:
        """Note that the tracker has the flow with the key in ``packet``; return its row."""
        state[of.STAMP] = stamp
        hash_key(packet, state[of.SEED])
        slot = insert(state, table, rows, free, packet)
        rows[slot, of.FLAGS] |= of.PYTHONS
        return slot

    @entry
    def drop(state: Numbers, table: Slots, rows: Numbers, free: Slots, gaps: Numbers, slot: int) -> None:
        """Free a row."""
        state[of.STAMP] = stamp
        remove(state, table, rows, free, gaps, slot)

    return locate, shared, reserve, drop


_STAMP = source_stamp()
run = _runner(_STAMP)
locate, shared, reserve, drop = _helpers(_STAMP)
