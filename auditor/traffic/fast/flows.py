"""Counting a plain packet to its flow: the same account as ``auditor.traffic.flow``, compiled."""

from __future__ import annotations

from auditor.traffic.fast.compiled import compiled
from auditor.traffic.fast.index import find, hash_key, insert, remove
from auditor.traffic.fast.layout import (
    ANCHORED, BASE, BEGIN, CONTENT, CUT, DRAIN, ENDED, EVENT_AT, EVENT_HELD, EVENT_KIND, EVENT_LENGTH, EVENT_LOW,
    EVENT_SEQUENCE, EVENT_SIDE, EVENT_SLOT, EVENT_START, EVICT, FAR, FIN_SEEN, FIRST, FIRST_FRAME, FLAGS, FOUND, FRAMES, GROW,
    GAPS_USED, HELD, HIGH, ISN, LAST, LAST_FRAME, LENGTH, LIVE_FLOWS, LOW, MOST_FLOWS, NUMBER, NUMBER_SENT, OPENING,
    OPENING_LENGTH, OVER, PACKETS, PAUSE, PAYLOAD, PROTOCOL, PYTHON_FLOWS, PYTHONS, QUEUED, RST_SEEN, SEED, SEQUENCE, SIDE,
    SIDE_BITS, SIDE_WIDTH, SIGNALS, SLOW, START, SYN_SEEN, SYNACK_SEEN, TIME, WANTED, WATCH_FIRST, WATCH_LAST, WATCHED, WIRE,
    WIRED, Data, Numbers, Slots,
)  # fmt: skip
from auditor.traffic.fast.sequence import MOST_NODES_A_SEGMENT, feed
from auditor.traffic.flow import FRAMES_KEPT
from auditor.traffic.internet import TCP
from auditor.traffic.packet import ACK, FIN, RST, SYN
from auditor.traffic.times import SECOND
from auditor.traffic.tracker import DATAGRAM_IDLE

_MOST_EVENTS_A_PACKET = 3


@compiled
def _restarted(rows: Numbers, slot: int, side: int, packet: Numbers) -> bool:
    """Return whether the packet opens a new connection on the same ports; see ``Flow.restarted_by``."""
    if packet[SIGNALS] & (SYN | ACK) != SYN:
        return False
    at = SIDE + side * SIDE_WIDTH
    isn, flags = rows[slot, at + ISN], rows[slot, FLAGS]
    one, two = flags, flags >> SIDE_BITS
    over = (one | two) & RST_SEEN or (one & two & FIN_SEEN)
    return bool(isn != packet[NUMBER_SENT] and (isn >= 0 or over or rows[slot, at + PAYLOAD]))


@compiled
def _over(state: Numbers, rows: Numbers, slot: int, side: int, packet: Numbers) -> bool:
    if packet[PROTOCOL] == TCP:
        return _restarted(rows, slot, side, packet)
    return bool(state[TIME] - rows[slot, LAST] > DATAGRAM_IDLE)


@compiled
def _end_flow(
    state: Numbers, rows: Numbers, opening: Data, ended: Numbers, ended_opening: Data, events: Numbers, slot: int
) -> None:
    """Copy a flow that is over to where Python finds it."""
    at, place = state[QUEUED], state[ENDED]
    events[at, EVENT_KIND], events[at, EVENT_SLOT] = OVER, place
    ended[place] = rows[slot]
    ended_opening[place] = opening[slot]
    state[QUEUED], state[ENDED] = at + 1, place + 1


@compiled
def _begin_flow(state: Numbers, rows: Numbers, slot: int) -> None:
    rows[slot, FIRST] = rows[slot, LAST] = state[TIME]
    rows[slot, FIRST_FRAME] = state[NUMBER]
    rows[slot, FLAGS] |= WANTED | WANTED << SIDE_BITS
    for at in (SIDE, SIDE + SIDE_WIDTH):
        rows[slot, at + ISN] = rows[slot, at + BASE] = -1
    state[LIVE_FLOWS] += 1


@compiled
def watch(state: Numbers, events: Numbers) -> None:
    """Count the time of a packet that could leave the link; see ``coverage.Watch``."""
    time, pause = state[TIME], 0
    if not state[WATCHED]:
        state[WATCHED] = 1
        state[WATCH_FIRST] = state[WATCH_LAST] = time
    elif time > state[WATCH_LAST]:
        pause = time - state[WATCH_LAST]
        state[WATCH_LAST] = time
    elif time < state[WATCH_FIRST]:
        pause = state[WATCH_FIRST] - time
        state[WATCH_FIRST] = time
    if pause >= SECOND:
        events[state[QUEUED], EVENT_KIND], events[state[QUEUED], EVENT_START] = PAUSE, pause
        state[QUEUED] += 1


@compiled
def _count(state: Numbers, data: Data, rows: Numbers, opening: Data, slot: int, side: int, packet: Numbers) -> None:
    """Count what every packet counts for."""
    row = rows[slot]
    at = SIDE + side * SIDE_WIDTH
    kept = row[SIDE + PACKETS] + row[SIDE + SIDE_WIDTH + PACKETS]
    if kept < FRAMES_KEPT:
        row[FRAMES + kept] = state[NUMBER]
    row[at + PACKETS] += 1
    row[at + WIRE] += packet[WIRED]
    row[FIRST], row[LAST] = min(row[FIRST], state[TIME]), max(row[LAST], state[TIME])
    row[LAST_FRAME] = state[NUMBER]
    if packet[HELD] < packet[LENGTH]:
        row[FLAGS] |= CUT
    if packet[HELD] and not row[OPENING]:
        size = min(packet[HELD], OPENING_LENGTH)
        row[OPENING] = size
        for i in range(size):
            opening[slot, i] = data[packet[BEGIN] + i]


@compiled
def _signals(row: Numbers, side: int, packet: Numbers) -> int:
    """Note what the flags say; return the sequence number of the first payload byte."""
    signals, sequence, shift = packet[SIGNALS], packet[NUMBER_SENT], side * SIDE_BITS
    half = row[SIDE + side * SIDE_WIDTH : SIDE + (side + 1) * SIDE_WIDTH]
    if signals & SYN:
        row[FLAGS] |= (SYNACK_SEEN if signals & ACK else SYN_SEEN) << shift
        half[ISN] = sequence
        sequence += 1
        if not half[PAYLOAD]:
            half[BASE], half[LOW], half[HIGH] = sequence, 0, 0
            row[FLAGS] |= ANCHORED << shift
    if signals & FIN:
        row[FLAGS] |= FIN_SEEN << shift
    if signals & RST:
        row[FLAGS] |= RST_SEEN << shift
    return sequence


@compiled
def _look(state: Numbers, row: Numbers, slot: int, side: int, low: int, packet: Numbers, events: Numbers) -> None:
    """Let Python see the payload of the packet; too far from everything, it sees that there was some."""
    at = state[QUEUED]
    events[at, EVENT_KIND], events[at, EVENT_SEQUENCE], events[at, EVENT_SLOT] = CONTENT, row[SEQUENCE], slot
    events[at, EVENT_SIDE], events[at, EVENT_START], events[at, EVENT_LOW] = side, packet[START], low
    events[at, EVENT_AT], events[at, EVENT_HELD] = packet[BEGIN], 0 if packet[FAR] else packet[HELD]
    events[at, EVENT_LENGTH] = packet[LENGTH]
    state[QUEUED] = at + 1


@compiled
def _payload(
    state: Numbers, rows: Numbers, gaps: Numbers, events: Numbers, slot: int, side: int, packet: Numbers
) -> None:
    row = rows[slot]
    half = row[SIDE + side * SIDE_WIDTH : SIDE + (side + 1) * SIDE_WIDTH]
    wanted = row[FLAGS] & WANTED << side * SIDE_BITS
    packet[START] = packet[FAR] = 0
    if packet[PROTOCOL] == TCP:
        sequence = _signals(row, side, packet)
        if packet[SIGNALS] & RST or not packet[LENGTH]:
            return
        anchored = bool(row[FLAGS] & ANCHORED << side * SIDE_BITS)
        feed(state, half, anchored, sequence, gaps, packet)
    else:
        half[PAYLOAD] += packet[LENGTH]
    if wanted:
        _look(state, row, slot, side, half[LOW], packet, events)


@compiled
def account(
    data: Data, state: Numbers, packet: Numbers, table: Slots, rows: Numbers, opening: Data, free: Slots, gaps: Numbers,
    events: Numbers, ended: Numbers, ended_opening: Data,
) -> int:  # fmt: skip
    """Count a plain packet to its flow; any result but ``FOUND`` says why it is not counted."""
    if state[QUEUED] + _MOST_EVENTS_A_PACKET > events.shape[0]:
        return DRAIN
    if gaps.shape[0] - state[GAPS_USED] < MOST_NODES_A_SEGMENT:
        return GROW
    hash_key(packet, state[SEED])
    found = find(table, rows, packet)
    slot, side = found >> 1, found & 1
    if found >= 0 and rows[slot, FLAGS] & PYTHONS:
        return SLOW
    if found >= 0 and _over(state, rows, slot, side, packet):
        _end_flow(state, rows, opening, ended, ended_opening, events, slot)
        remove(state, table, rows, free, gaps, slot)
        found = -1
    if found < 0:
        if state[LIVE_FLOWS] + state[PYTHON_FLOWS] >= state[MOST_FLOWS]:
            return EVICT
        slot, side = insert(state, table, rows, free, packet), 0
        _begin_flow(state, rows, slot)
    _count(state, data, rows, opening, slot, side, packet)
    _payload(state, rows, gaps, events, slot, side, packet)
    watch(state, events)
    return FOUND
