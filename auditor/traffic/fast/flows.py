"""Counting a plain packet to its flow: the same account as ``auditor.traffic.flow``, compiled."""

from __future__ import annotations

from auditor.traffic.fast import layout as of
from auditor.traffic.fast.compiled import inner
from auditor.traffic.fast.hello import listen
from auditor.traffic.fast.index import find, hash_key, in_share, insert, remove
from auditor.traffic.fast.layout import Data, Numbers, Slots
from auditor.traffic.fast.sequence import MOST_NODES_A_SEGMENT, feed
from auditor.traffic.flow import FRAMES_KEPT
from auditor.traffic.internet import TCP
from auditor.traffic.packet import ACK, FIN, RST, SYN
from auditor.traffic.times import SECOND
from auditor.traffic.tracker import DATAGRAM_IDLE

_MOST_EVENTS_A_PACKET = 4
_MOST_DATAGRAMS = 32
"""Datagrams after which Python is sure that no more Initial packets are wanted; see ``quic.InitialReader``."""


@inner
def _restarted(rows: Numbers, slot: int, side: int, packet: Numbers) -> bool:
    """Return whether the packet opens a new connection on the same ports; see ``Flow.restarted_by``."""
    if packet[of.SIGNALS] & (SYN | ACK) != SYN:
        return False
    at = of.SIDE + side * of.SIDE_WIDTH
    isn, flags = rows[slot, at + of.ISN], rows[slot, of.FLAGS]
    one, two = flags, flags >> of.SIDE_BITS
    over = (one | two) & of.RST_SEEN or (one & two & of.FIN_SEEN)
    return bool(isn != packet[of.NUMBER_SENT] and (isn >= 0 or over or rows[slot, at + of.PAYLOAD]))


@inner
def _over(state: Numbers, rows: Numbers, slot: int, side: int, packet: Numbers) -> bool:
    if packet[of.PROTOCOL] == TCP:
        return _restarted(rows, slot, side, packet)
    return bool(state[of.TIME] - rows[slot, of.LAST] > DATAGRAM_IDLE)


@inner
def _end_flow(
    state: Numbers, rows: Numbers, opening: Data, ended: Numbers, ended_opening: Data, events: Numbers, slot: int
) -> None:
    """Copy a flow that is over to where Python finds it."""
    at, place = state[of.QUEUED], state[of.ENDED]
    events[at, of.EVENT_KIND], events[at, of.EVENT_SLOT] = of.OVER, place
    for column in range(of.ROW_WIDTH):
        ended[place, column] = rows[slot, column]
    ended[place, of.ENDED_BY] = state[of.NUMBER]
    for column in range(of.OPENING_LENGTH):
        ended_opening[place, column] = opening[slot, column]
    state[of.QUEUED], state[of.ENDED] = at + 1, place + 1


@inner
def _begin_flow(state: Numbers, rows: Numbers, slot: int) -> None:
    rows[slot, of.FIRST] = rows[slot, of.LAST] = state[of.TIME]
    rows[slot, of.FIRST_FRAME] = state[of.NUMBER]
    rows[slot, of.FLAGS] |= of.WANTED | of.WANTED << of.SIDE_BITS
    for at in (of.SIDE, of.SIDE + of.SIDE_WIDTH):
        rows[slot, at + of.ISN] = rows[slot, at + of.BASE] = -1
    state[of.LIVE_FLOWS] += 1


@inner
def watch(state: Numbers, events: Numbers) -> None:
    """Count the time of a packet that could leave the link; see ``coverage.Watch``."""
    time, pause = state[of.TIME], 0
    set_back = state[of.WATCHED] and state[of.WATCH_BEFORE] - time >= SECOND
    state[of.WATCH_BEFORE] = time
    if not state[of.WATCHED]:
        state[of.WATCHED] = 1
        state[of.WATCH_FIRST] = state[of.WATCH_LAST] = time
    elif time > state[of.WATCH_LAST]:
        pause = time - state[of.WATCH_LAST]
        state[of.WATCH_LAST] = time
    elif time < state[of.WATCH_FIRST]:
        pause = state[of.WATCH_FIRST] - time
        state[of.WATCH_FIRST] = time
    if pause >= SECOND or set_back:
        events[state[of.QUEUED], of.EVENT_KIND], events[state[of.QUEUED], of.EVENT_START] = of.PAUSE, pause
        events[state[of.QUEUED], of.EVENT_LOW] = 1 if set_back else 0
        state[of.QUEUED] += 1


@inner
def _count(state: Numbers, data: Data, rows: Numbers, opening: Data, slot: int, side: int, packet: Numbers) -> None:
    """Count what every packet counts for."""
    row = rows[slot]
    at = of.SIDE + side * of.SIDE_WIDTH
    kept = row[of.SIDE + of.PACKETS] + row[of.SIDE + of.SIDE_WIDTH + of.PACKETS]
    if kept < FRAMES_KEPT:
        row[of.FRAMES + kept] = state[of.NUMBER]
    row[at + of.PACKETS] += 1
    row[at + of.WIRE] += packet[of.WIRED]
    row[of.FIRST], row[of.LAST] = min(row[of.FIRST], state[of.TIME]), max(row[of.LAST], state[of.TIME])
    row[of.LAST_FRAME] = state[of.NUMBER]
    if packet[of.HELD] < packet[of.LENGTH]:
        row[of.FLAGS] |= of.CUT
    if packet[of.HELD] and not row[of.OPENING]:
        size = min(packet[of.HELD], of.OPENING_LENGTH)
        row[of.OPENING] = size
        for i in range(size):
            opening[slot, i] = data[packet[of.BEGIN] + i]


@inner
def _signals(row: Numbers, side: int, packet: Numbers) -> int:
    """Note what the flags say; return the sequence number of the first payload byte."""
    signals, sequence, shift = packet[of.SIGNALS], packet[of.NUMBER_SENT], side * of.SIDE_BITS
    half = row[of.SIDE + side * of.SIDE_WIDTH : of.SIDE + (side + 1) * of.SIDE_WIDTH]
    if signals & SYN:
        row[of.FLAGS] |= (of.SYNACK_SEEN if signals & ACK else of.SYN_SEEN) << shift
        half[of.ISN] = sequence
        sequence += 1
        if not half[of.PAYLOAD]:
            half[of.BASE], half[of.LOW], half[of.HIGH] = sequence, 0, 0
            row[of.FLAGS] |= of.ANCHORED << shift
    if signals & FIN:
        row[of.FLAGS] |= of.FIN_SEEN << shift
    if signals & RST:
        row[of.FLAGS] |= of.RST_SEEN << shift
    return int(sequence)


@inner
def _look(state: Numbers, row: Numbers, slot: int, side: int, low: int, packet: Numbers, events: Numbers) -> None:
    """Let Python see the payload of the packet; too far from everything, it sees that there was some."""
    at = state[of.QUEUED]
    events[at, of.EVENT_KIND], events[at, of.EVENT_SEQUENCE], events[at, of.EVENT_SLOT] = of.CONTENT, row[of.SEQUENCE], slot
    events[at, of.EVENT_SIDE], events[at, of.EVENT_START], events[at, of.EVENT_LOW] = side, packet[of.START], low
    events[at, of.EVENT_AT], events[at, of.EVENT_HELD] = packet[of.BEGIN], 0 if packet[of.FAR] else packet[of.HELD]
    events[at, of.EVENT_LENGTH] = packet[of.LENGTH]
    other = of.SIDE + (1 - side) * of.SIDE_WIDTH
    events[at, of.EVENT_TOLD], events[at, of.EVENT_PASSED] = row[other + of.TOLD], 0
    events[at, of.EVENT_NAME_AT], events[at, of.EVENT_NAME_LENGTH] = row[other + of.NAME_AT], row[other + of.NAME_LENGTH]
    state[of.QUEUED] = at + 1


@inner
def _hand_over(state: Numbers, row: Numbers, slot: int, side: int, packet: Numbers, events: Numbers) -> None:
    """Let Python see the bytes that were held of a direction."""
    half = row[of.SIDE + side * of.SIDE_WIDTH : of.SIDE + (side + 1) * of.SIDE_WIDTH]
    at = state[of.QUEUED]
    _look(state, row, slot, side, 0, packet, events)
    events[at, of.EVENT_KIND], events[at, of.EVENT_START] = of.HELD_BYTES, 0
    events[at, of.EVENT_AT], events[at, of.EVENT_HELD] = half[of.HELD_IN] - 1, half[of.NAME_LENGTH]
    events[at, of.EVENT_LENGTH] = half[of.NAME_LENGTH]
    half[of.HELD_IN] = half[of.NAME_AT] = half[of.NAME_LENGTH] = 0


@inner
def _datagram(state: Numbers, data: Data, row: Numbers, slot: int, side: int, packet: Numbers, events: Numbers) -> None:
    """Let Python see a datagram, unless it waits for Initial packets alone and this holds none."""
    at, shift = of.SIDE + side * of.SIDE_WIDTH, side * of.SIDE_BITS
    if row[of.FLAGS] & of.INITIALS << shift and (not packet[of.HELD] or data[packet[of.BEGIN]] & 0xC0 != 0xC0):
        row[at + of.PASSED] += 1
        if row[at + of.PASSED] >= _MOST_DATAGRAMS:
            row[of.FLAGS] &= ~(of.WANTED << shift)
        return
    place = state[of.QUEUED]
    _look(state, row, slot, side, 0, packet, events)
    events[place, of.EVENT_TOLD], events[place, of.EVENT_PASSED] = 0, row[at + of.PASSED]
    row[at + of.PASSED] = 0


@inner
def _payload(
    state: Numbers, data: Data, rows: Numbers, gaps: Numbers, events: Numbers, slot: int, side: int, packet: Numbers, held: Data,
    held_free: Slots, names: Data,
) -> None:  # fmt: skip
    row = rows[slot]
    half = row[of.SIDE + side * of.SIDE_WIDTH : of.SIDE + (side + 1) * of.SIDE_WIDTH]
    wanted = row[of.FLAGS] & of.WANTED << side * of.SIDE_BITS
    packet[of.START] = packet[of.FAR] = 0
    if packet[of.PROTOCOL] == TCP:
        sequence = _signals(row, side, packet)
        if packet[of.SIGNALS] & RST or not packet[of.LENGTH]:
            return
        anchored = bool(row[of.FLAGS] & of.ANCHORED << side * of.SIDE_BITS)
        feed(state, half, anchored, sequence, gaps, packet)
        code = listen(state, data, row, side, packet, held, held_free, names) if wanted else of.KERNEL
        if code in (of.PYTHON_HELD, of.PYTHON_ALL_HELD):
            _hand_over(state, row, slot, side, packet, events)
        if code in (of.PYTHON, of.PYTHON_HELD):
            _look(state, row, slot, side, half[of.LOW], packet, events)
        return
    half[of.PAYLOAD] += packet[of.LENGTH]
    if wanted and not packet[of.NAMED]:
        _datagram(state, data, row, slot, side, packet, events)
    if packet[of.NAMED]:
        _look(state, row, slot, side, 0, packet, events)
        event, other = events[state[of.QUEUED] - 1], row[of.SIDE + (1 - side) * of.SIDE_WIDTH + of.PACKETS]
        event[of.EVENT_KIND], event[of.EVENT_START], event[of.EVENT_LOW] = of.MESSAGE, state[of.TIME], packet[of.NETWORK]
        event[of.EVENT_SIDE] = side + (of.MET if other else 0)
        event[of.EVENT_TOLD] = row[of.FLAGS] >> of.ASKED & 3


@inner
def account(
    data: Data, state: Numbers, packet: Numbers, table: Slots, rows: Numbers, opening: Data, free: Slots, gaps: Numbers,
    events: Numbers, ended: Numbers, ended_opening: Data, held: Data, held_free: Slots, names: Data,
) -> int:  # fmt: skip
    """Count a plain packet to its flow; any result but ``FOUND`` says why it is not counted."""
    if state[of.QUEUED] + _MOST_EVENTS_A_PACKET > events.shape[0]:
        return of.DRAIN
    if gaps.shape[0] - state[of.GAPS_USED] < MOST_NODES_A_SEGMENT or names.shape[0] - state[of.NAMES_USED] < of.LONGEST_PLAIN:
        return of.GROW
    hash_key(packet, state[of.SEED])
    if not in_share(state, packet):
        watch(state, events)
        return of.FOUND
    found = find(table, rows, packet)
    slot, side = found >> 1, found & 1
    if found >= 0 and rows[slot, of.FLAGS] & of.PYTHONS:
        return of.SLOW
    if found >= 0 and _over(state, rows, slot, side, packet):
        _end_flow(state, rows, opening, ended, ended_opening, events, slot)
        remove(state, table, rows, free, gaps, slot)
        found = -1
    if found < 0:
        if state[of.LIVE_FLOWS] + state[of.PYTHON_FLOWS] >= state[of.MOST_FLOWS]:
            return of.EVICT
        slot, side = insert(state, table, rows, free, packet), 0
        _begin_flow(state, rows, slot)
    _count(state, data, rows, opening, slot, side, packet)
    _payload(state, data, rows, gaps, events, slot, side, packet, held, held_free, names)
    watch(state, events)
    return of.FOUND
