"""Walking the records of a capture file, and the loop over them: the compiled half of the fast path."""

from __future__ import annotations

from auditor.traffic.fast import layout as of
from auditor.traffic.fast.compiled import inner
from auditor.traffic.fast.headers import four, two
from auditor.traffic.fast.layout import Data, Numbers
from auditor.traffic.pcapng import ENHANCED
from auditor.traffic.record import MAXIMUM_RECORD
from auditor.traffic.times import SECOND

_BLOCK_HEAD, _PACKET_HEAD = 12, 28
_SMALLEST = 32
_OPTION_PACKET_DROPS = 4


@inner
def _half_word(data: Data, at: int, big: int) -> int:
    word = two(data, at)
    return word if big else (word >> 8) | ((word & 0xFF) << 8)


@inner
def _word(data: Data, at: int, big: int) -> int:
    """Return a word of four bytes in the byte order of the file."""
    word = four(data, at)
    return word if big else ((word & 0xFF) << 24) | ((word & 0xFF00) << 8) | ((word >> 8) & 0xFF00) | (word >> 24)


@inner
def _pcap_record(data: Data, state: Numbers) -> int:
    """Find the next record of a classic file."""
    at, stop, header, big = state[of.POSITION], state[of.STOP], state[of.HEADER], state[of.BIG]
    if stop - at < header:
        return of.MORE
    captured = _word(data, at + 8, big)
    if captured > MAXIMUM_RECORD:
        return of.READER
    if stop - at - header < captured:
        return of.MORE
    state[of.TIME] = _word(data, at, big) * SECOND + _word(data, at + 4, big) * state[of.TICK]
    state[of.FRAME_AT], state[of.CAPTURED], state[of.ORIGINAL] = at + header, captured, _word(data, at + 12, big)
    state[of.FOLLOWING] = at + header + captured
    return of.FOUND


@inner
def _tells_drops(data: Data, at: int, stop: int, big: int) -> bool:
    """Return whether the options of a packet block count lost packets."""
    while at + 4 <= stop:
        code = _half_word(data, at, big)
        if code in (0, _OPTION_PACKET_DROPS):
            return bool(code)
        length = _half_word(data, at + 2, big)
        at += 4 + length + (-length) % 4
    return False


@inner
def _pcapng_record(data: Data, state: Numbers) -> int:
    """Find the next block, if it is an enhanced packet block of the first interface; the reader takes all others."""
    at, stop, big = state[of.POSITION], state[of.STOP], state[of.BIG]
    if stop - at < _BLOCK_HEAD:
        return of.MORE
    length = _word(data, at + 4, big)
    if _word(data, at, big) != ENHANCED or length < _SMALLEST or length % 4 or length > MAXIMUM_RECORD:
        return of.READER
    if stop - at < length:
        return of.MORE
    high, captured = _word(data, at + 12, big), _word(data, at + 20, big)
    ticks = (high << 32) | _word(data, at + 16, big)
    if _word(data, at + 8, big) or captured > length - _SMALLEST or ticks < 0 or ticks > state[of.MOST_TICKS]:
        return of.READER
    options = at + _PACKET_HEAD + captured + (-captured) % 4
    if _tells_drops(data, options, at + length - 4, big):
        return of.READER
    state[of.TIME] = ticks * state[of.TICK] + state[of.OFFSET]
    state[of.FRAME_AT], state[of.CAPTURED], state[of.ORIGINAL] = at + _PACKET_HEAD, captured, _word(data, at + 24, big)
    state[of.FOLLOWING] = at + length
    return of.FOUND


@inner
def next_record(data: Data, state: Numbers) -> int:
    """Find the next packet of the file and note where it lies, how long it is and when it came."""
    code = _pcap_record(data, state) if state[of.HEADER] else _pcapng_record(data, state)
    if code == of.FOUND:
        state[of.NUMBER] += 1
    return code


@inner
def take_record(state: Numbers) -> None:
    """Count the packet that was found, and go on behind it."""
    state[of.POSITION], state[of.CLOCK] = state[of.FOLLOWING], state[of.TIME]
    state[of.SEEN] += 1
    state[of.SHORTENED] += state[of.ORIGINAL] > state[of.CAPTURED]
    state[of.BLOCKS] += state[of.HEADER] == 0
