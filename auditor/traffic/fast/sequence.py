"""Sequence numbers of one direction of a TCP connection: the same account as ``auditor.traffic.stream``, compiled.

The gaps of a direction are a linked list in the order of that module's list: nodes of (from, to, next).
"""

from __future__ import annotations

from auditor.traffic.fast import layout as of
from auditor.traffic.fast.compiled import inner
from auditor.traffic.fast.layout import Numbers
from auditor.traffic.stream import FARTHEST, MOST_GAPS

_WORD = 1 << 32
_HALF = 1 << 31
MOST_NODES_A_SEGMENT = 3
"""Nodes that one segment can add at most."""


@inner
def feed(state: Numbers, side: Numbers, anchored: bool, sequence: int, gaps: Numbers, packet: Numbers) -> None:
    """Count the payload of ``packet`` to ``side``; note where it starts, and whether that is too far from everything."""
    length = packet[of.LENGTH]
    if side[of.BASE] < 0:
        side[of.BASE] = sequence
    high = side[of.HIGH]
    distance = (sequence - side[of.BASE] - high) % _WORD
    start = high + (distance - _WORD if distance >= _HALF else distance)
    packet[of.START] = start
    packet[of.FAR] = abs(start - high) > FARTHEST
    if packet[of.FAR]:
        side[of.PAYLOAD] += length
    else:
        side[of.PAYLOAD] += _account(state, side, anchored, start, start + length, gaps)


@inner
def _account(state: Numbers, side: Numbers, anchored: bool, start: int, end: int, gaps: Numbers) -> int:
    new = 0
    high, low = side[of.HIGH], side[of.LOW]
    if end > high:
        if start > high:
            _append(state, side, gaps, high, start)
            while side[of.GAP_COUNT] > MOST_GAPS:
                _unlink(state, side, gaps, -1, side[of.GAP_HEAD])
        new += end - max(start, high)
        side[of.HIGH] = end
    if not anchored and start < low:
        if end < low:
            _append(state, side, gaps, end, low)
        new += min(end, low) - start
        side[of.LOW] = start
    return new + (_fill(state, side, gaps, start, end) if side[of.GAP_COUNT] else 0)


@inner
def _node(state: Numbers, gaps: Numbers, low: int, high: int) -> int:
    node = state[of.GAPS_FREE]
    if node >= 0:
        state[of.GAPS_FREE] = gaps[node, 2]
    else:
        node = state[of.GAPS_NEXT]
        state[of.GAPS_NEXT] += 1
    state[of.GAPS_USED] += 1
    gaps[node, 0], gaps[node, 1], gaps[node, 2] = low, high, -1
    return int(node)


@inner
def _append(state: Numbers, side: Numbers, gaps: Numbers, low: int, high: int) -> None:
    node = _node(state, gaps, low, high)
    if side[of.GAP_COUNT]:
        gaps[side[of.GAP_TAIL], 2] = node
    else:
        side[of.GAP_HEAD] = node
    side[of.GAP_TAIL] = node
    side[of.GAP_COUNT] += 1


@inner
def _unlink(state: Numbers, side: Numbers, gaps: Numbers, before: int, node: int) -> None:
    """Take ``node`` out, which follows ``before`` (-1: it is the first)."""
    following = gaps[node, 2]
    if before < 0:
        side[of.GAP_HEAD] = following
    else:
        gaps[before, 2] = following
    if side[of.GAP_TAIL] == node:
        side[of.GAP_TAIL] = before
    side[of.GAP_COUNT] -= 1
    gaps[node, 2] = state[of.GAPS_FREE]
    state[of.GAPS_FREE] = node
    state[of.GAPS_USED] -= 1


@inner
def _fill(state: Numbers, side: Numbers, gaps: Numbers, start: int, end: int) -> int:
    """Return how many missing bytes the segment brings; what is left of a gap stays in its place of the list."""
    filled = 0
    before, node = -1, side[of.GAP_HEAD]
    for _ in range(side[of.GAP_COUNT]):
        following = gaps[node, 2]
        low, high = gaps[node, 0], gaps[node, 1]
        inside = min(high, end) - max(low, start)
        if inside > 0:
            filled += inside
            if low >= start and high <= end:
                _unlink(state, side, gaps, before, node)
                node = following
                continue
            if low < start and end < high:
                _split(state, side, gaps, node, start, end)
                node = gaps[node, 2]
            elif low < start:
                gaps[node, 1] = start
            else:
                gaps[node, 0] = end
        before, node = node, following
    return filled


@inner
def _split(state: Numbers, side: Numbers, gaps: Numbers, node: int, start: int, end: int) -> None:
    """Leave of a gap what lies before ``start`` and, as a node of its own, what lies after ``end``."""
    rest = _node(state, gaps, end, gaps[node, 1])
    gaps[rest, 2] = gaps[node, 2]
    gaps[node, 1], gaps[node, 2] = start, rest
    if side[of.GAP_TAIL] == node:
        side[of.GAP_TAIL] = rest
    side[of.GAP_COUNT] += 1
