"""The first bytes of a TLS connection, compiled: what ``auditor.traffic.tls`` tells, for hellos that are plain.

Plain is a ClientHello in one record, its segments one after the other, with a server name of letters, digits, dots and dashes;
and a ServerHello after a named ClientHello, with no handshake message behind it that could be a certificate. Whatever is not
plain is left to Python, with the bytes that were held until then.
"""

from __future__ import annotations

import numpy as np

from auditor.traffic.fast import layout as of
from auditor.traffic.fast.compiled import inner
from auditor.traffic.fast.headers import two
from auditor.traffic.fast.layout import Data, Numbers, Slots

_HANDSHAKE, _CLIENT_HELLO, _SERVER_HELLO = 22, 1, 2
_RECORD_HEADER, _MESSAGE_HEADER = 5, 4
_LARGEST_RECORD = 2**14 + 2048
_LATEST_MINOR = 4
_SERVER_NAME, _ENCRYPTED_HELLO, _ESNI = 0, 0xFE0D, 0xFFCE


@inner
def listen(
    state: Numbers, data: Data, row: Numbers, side: int, packet: Numbers, held: Data, held_free: Slots, names: Data
) -> int:
    """Take the payload of a packet of a direction from which nothing is known yet; return who has to look at it."""
    shift = side * of.SIDE_BITS
    half = row[of.SIDE + side * of.SIDE_WIDTH : of.SIDE + (side + 1) * of.SIDE_WIDTH]
    if row[of.FLAGS] & of.LOOKED << shift:
        return of.PYTHON
    whole = packet[of.HELD] == packet[of.LENGTH] and not packet[of.FAR] and not half[of.LOW]
    code = of.PYTHON
    if half[of.HELD_IN]:
        code = _go_on(state, data, half, packet, held, held_free, names) if whole else of.PYTHON_HELD
    elif whole and not packet[of.START]:
        code = _begin(state, data, row, side, half, packet, held, held_free, names)
    if code == of.KERNEL:
        if half[of.TOLD]:
            row[of.FLAGS] &= ~(of.WANTED << shift)
    else:
        row[of.FLAGS] |= of.LOOKED << shift
    return code


@inner
def _begin(
    state: Numbers, data: Data, row: Numbers, side: int, half: Numbers, packet: Numbers, held: Data, held_free: Slots, names: Data
) -> int:
    """Take the first payload of a direction."""
    at, length = packet[of.BEGIN], packet[of.LENGTH]
    if length < _RECORD_HEADER + _MESSAGE_HEADER or not _is_record(data, at):
        return of.PYTHON
    kind, size = np.int64(data[at + _RECORD_HEADER]), two(data, at + 3)
    message = int(_MESSAGE_HEADER + (np.int64(data[at + 6]) << 16) + two(data, at + 7))
    if message <= size and kind == _CLIENT_HELLO:
        return _client(state, data, half, _RECORD_HEADER + message, packet, held, held_free, names)
    other = row[of.SIDE + (1 - side) * of.SIDE_WIDTH + of.TOLD]
    if message != size or kind != _SERVER_HELLO or other != of.NAMED_HELLO:
        return of.PYTHON
    behind = _RECORD_HEADER + size
    if length > behind and data[at + behind] == _HANDSHAKE:  # with TLS 1.2 its certificate may be there
        return of.PYTHON
    half[of.TOLD] = of.SERVER_HELLO
    return of.KERNEL


@inner
def _client(
    state: Numbers, data: Data, half: Numbers, wanted: int, packet: Numbers, held: Data, held_free: Slots, names: Data
) -> int:
    """Read a ClientHello that is whole after ``wanted`` bytes, or hold its beginning."""
    at, length = packet[of.BEGIN], packet[of.LENGTH]
    if length >= wanted:
        return of.KERNEL if _tell(state, data, at, at + wanted, half, names) else of.PYTHON
    if wanted > of.HELD_ROOM or not state[of.HELD_FREE]:
        return of.PYTHON
    state[of.HELD_FREE] -= 1
    slot = np.int64(held_free[state[of.HELD_FREE]])
    for i in range(length):
        held[slot * of.HELD_ROOM + i] = data[at + i]
    half[of.HELD_IN], half[of.NAME_AT], half[of.NAME_LENGTH] = slot + 1, wanted, length
    return of.KERNEL


@inner
def _go_on(state: Numbers, data: Data, half: Numbers, packet: Numbers, held: Data, held_free: Slots, names: Data) -> int:
    """Take what follows the bytes that are held."""
    known, length = half[of.NAME_LENGTH], packet[of.LENGTH]
    if packet[of.START] != known or known + length > of.HELD_ROOM:
        return of.PYTHON_HELD
    slot = half[of.HELD_IN] - 1
    base, at = slot * of.HELD_ROOM, packet[of.BEGIN]
    for i in range(length):
        held[base + known + i] = data[at + i]
    half[of.NAME_LENGTH] = known + length
    wanted = half[of.NAME_AT]
    if known + length < wanted:
        return of.KERNEL
    if not _tell(state, held, base, base + wanted, half, names):
        return of.PYTHON_ALL_HELD
    half[of.HELD_IN] = 0
    held_free[state[of.HELD_FREE]] = slot
    state[of.HELD_FREE] += 1
    return of.KERNEL


@inner
def _is_record(data: Data, at: int) -> bool:
    size = two(data, at + 3)
    return bool(data[at] == _HANDSHAKE and data[at + 1] == 3 and data[at + 2] <= _LATEST_MINOR and 0 < size <= _LARGEST_RECORD)


@inner
def _tell(state: Numbers, data: Data, begin: int, end: int, half: Numbers, names: Data) -> bool:
    """Note what a whole ClientHello in its record tells; ``False`` where Python has to read it."""
    at = begin + _RECORD_HEADER + _MESSAGE_HEADER + 34
    name, length, encrypted = -1, 0, False
    for size in (1, 2, 1):  # session, cipher suites, compression methods
        if at + size > end:
            return False
        at += size + int(np.int64(data[at]) if size == 1 else two(data, at))
    at += 2
    while at + 4 <= end:
        kind, size = two(data, at), two(data, at + 2)
        at += 4
        if at + size > end:
            break
        if kind == _SERVER_NAME and size > 5 and data[at + 2] == 0:
            name = at + 5
            length = min(at + size, name + two(data, at + 3)) - name
        encrypted = encrypted or kind in (_ENCRYPTED_HELLO, _ESNI)
        at += size
    if name < 0 or not _is_plain(data, name, length):
        return False
    used = state[of.NAMES_USED]
    for i in range(length):
        names[used + i] = data[name + i]
    half[of.NAME_AT], half[of.NAME_LENGTH] = used, length
    half[of.TOLD] = of.ENCRYPTED_HELLO if encrypted else of.NAMED_HELLO
    state[of.NAMES_USED] = used + length
    return True


@inner
def _is_plain(data: Data, at: int, length: int) -> bool:
    """Return whether bytes are a host name without doubt: no address, nothing to be written otherwise but capital letters."""
    if not 0 < length <= of.LONGEST_PLAIN:
        return False
    last = np.int64(data[at + length - 1]) | 0x20
    if not 97 <= last <= 122:  # a letter at the end: no address, no dot to be taken away
        return False
    for i in range(at, at + length):
        byte = np.int64(data[i])
        if not (97 <= (byte | 0x20) <= 122 or 48 <= byte <= 57 or byte in (45, 46)):
            return False
    return True
