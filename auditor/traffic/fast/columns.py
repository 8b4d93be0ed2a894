"""From the rows of the kernel to the columns of the flow table, all flows at one go: what ``FlowTable.append`` does for one."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple, cast

import numpy as np

from auditor.traffic.beginnings import Beginnings, InitialNumbers
from auditor.traffic.coded import Coded
from auditor.traffic.community import community_id
from auditor.traffic.community_ids import CommunityIds
from auditor.traffic.fast import layout as of
from auditor.traffic.fast.addresses import address_of
from auditor.traffic.fast.directions import RULES, directions
from auditor.traffic.fast.done import Flows
from auditor.traffic.fast.layout import Numbers
from auditor.traffic.fast.told import finding_of
from auditor.traffic.finding import Finding
from auditor.traffic.flow import FRAMES_KEPT
from auditor.traffic.frame_numbers import FrameNumbers
from auditor.traffic.internet import TCP, UDP, text
from auditor.traffic.table import COLUMNS, WORKING, Column, certificate_name, finding_between, protocol_between

_IPV4 = 4
_FLAGS = ("cut", "evicted", "gap", "midstream", "one_way")
_LOSSES = tuple("|".join(name for bit, name in enumerate(_FLAGS) if mask >> bit & 1) for mask in range(1 << len(_FLAGS)))
_STATES = ("icmp_unreachable", "answered", "one_way", "refused", "unanswered", "reset", "closed", "established", "partial")
_TRANSPORTS = ("tcp", "udp")
_V4_MESSAGE = 16


def columns_of(flows: Flows, source_id: str) -> dict[str, Column]:
    """Return the columns of the flow table but ``winner`` for flows of the kernel, in their order."""
    rows, count = flows.rows, len(flows.rows)
    client, rules = directions(flows)
    sides = rows[:, of.SIDE :].reshape(count, 2, of.SIDE_WIDTH)
    out, back = sides[np.arange(count), client], sides[np.arange(count), 1 - client]
    protocol = rows[:, of.PORTS] >> 8 & 0xFF
    ends = _ends(rows, client)
    none = np.zeros(count, np.int32)
    columns: dict[str, Any] = {
        "start": _packed(rows[:, of.FIRST]),
        "end": _packed(rows[:, of.LAST]),
        "transport": _coded(_TRANSPORTS, protocol != TCP),
        "vlan": _distinct(rows[:, of.VLANS], lambda tags: tags >> 4 & 0xFFF if tags else None),
        "orientation_rule": _coded(RULES, rules),
        "state": _coded(_STATES, _states(rows, out, back, client, protocol)),
        "first_frame": _packed(rows[:, of.FIRST_FRAME]),
        "last_frame": _packed(rows[:, of.LAST_FRAME]),
        "loss_flags": _coded(_LOSSES, _losses(rows, out, back, protocol)),
        "community_id": _community(rows, protocol),
        "frames": FrameNumbers(rows[:, of.FRAMES : of.FRAMES + FRAMES_KEPT].tobytes()),
        "first_payload": _beginnings(flows),
        "isn": InitialNumbers(np.where(out[:, of.ISN] >= 0, out[:, of.ISN], back[:, of.ISN]).tobytes()),
        "source_id": _coded((source_id,), none),
        "sources": _coded(((source_id,),), none),
        "vni": _coded((None,), none),
        **{name: _coded(("",), none) for name in ("tunnel", "outer_src_addr", "outer_dst_addr", "local_protocol")},
        **ends,
        **_counts(out, back),
        **_named(flows, client, protocol, np.frombuffer(ends["dst_port"], np.int64)),
    }
    return {name: columns[name] for name in (*COLUMNS, *WORKING) if name in columns}


def _packed(numbers: Numbers) -> array[int]:
    return array("q", np.ascontiguousarray(numbers).tobytes())


def _coded(values: Iterable[Any], codes: Any) -> Coded:
    return Coded(values, array("i", codes.astype(np.int32).tobytes()))


def _distinct(numbers: Any, value_of: Callable[[Any], Any]) -> Coded:
    """Return a column of what numbers mean; each different one is looked at once."""
    column = Coded()
    different, codes = np.unique(numbers, return_inverse=True)
    places = np.fromiter((column.place(value_of(number)) for number in different.tolist()), np.int32, len(different))
    column.codes = array("i", places[codes].tobytes())
    return column


def _ends(rows: Numbers, client: Numbers) -> dict[str, Any]:
    """Return who dialled whom."""
    each = np.arange(len(rows))
    ports = np.stack((rows[:, of.PORTS] >> 32, rows[:, of.PORTS] >> 16 & 0xFFFF))
    addresses, codes = _addresses(rows)
    return {
        "src_addr": _coded(addresses, codes[client, each]),
        "src_port": _packed(ports[client, each]),
        "dst_addr": _coded(addresses, codes[1 - client, each]),
        "dst_port": _packed(ports[1 - client, each]),
    }


def _addresses(rows: Numbers) -> tuple[list[str], Numbers]:
    """Return the texts of the different addresses, and of both ends of each flow the place of its own among them."""
    highs, lows = rows[:, [of.A_HIGH, of.B_HIGH]].T.reshape(-1), rows[:, [of.A_LOW, of.B_LOW]].T.reshape(-1)
    short = np.tile(rows[:, of.PORTS] & 0xFF == _IPV4, 2)
    codes = np.empty(len(lows), np.int64)
    found, codes[short] = np.unique(lows[short], return_inverse=True)
    texts = [text(address_of(0, number, _IPV4)) for number in found.tolist()]
    pairs = np.stack((highs[~short], lows[~short]), axis=1).view([("high", np.int64), ("low", np.int64)]).reshape(-1)
    long, places = np.unique(pairs, return_inverse=True)
    codes[~short] = places + len(texts)
    texts += [text(address_of(high, low, 0)) for high, low in long.tolist()]
    return texts, codes.reshape(2, -1)


def _counts(out: Numbers, back: Numbers) -> dict[str, Any]:
    """Return what went each way."""
    return {
        "packets_out": _packed(out[:, of.PACKETS]),
        "packets_in": _packed(back[:, of.PACKETS]),
        "payload_out": _packed(out[:, of.PAYLOAD]),
        "payload_in": _packed(back[:, of.PAYLOAD]),
        "wire_out": _packed(out[:, of.WIRE]),
        "wire_in": _packed(back[:, of.WIRE]),
    }


class _Told(NamedTuple):
    """What the first bytes of a flow tell, by column."""

    name: str
    name_rung: str
    app_protocol: str
    server_name: str
    hidden: bool
    certificate_name: str


def _named(flows: Flows, client: Numbers, protocol: Numbers, target_port: Numbers) -> dict[str, Any]:
    """Return what first bytes tell of the destination."""
    tried = protocol << 16 | target_port
    found = _distinct(tried, lambda both: _told((None, None), 0, both))
    codes = np.frombuffer(found.codes, np.int32)
    for row, told in _findings(flows, client, tried):
        codes[row] = found.place(told)
    columns = {}
    for at, name in enumerate(_Told._fields):
        column = Coded()
        places = np.fromiter((column.place(told[at]) for told in found.values), np.int32, len(found.values))
        column.codes = array("i", places[codes].tobytes())
        columns[name] = column
    return columns


def _findings(flows: Flows, client: Numbers, tried: Numbers) -> Iterator[tuple[int, _Told]]:
    """Yield the rows of flows of which something is known by their first bytes, and what they tell."""
    rows, told, names = flows.rows, flows.told, flows.names.tobytes()
    looked = np.zeros(len(rows), np.bool_)
    looked[list(told)] = True
    columns = [side + at for side in (of.SIDE, of.SIDE + of.SIDE_WIDTH) for at in (of.TOLD, of.NAME_AT, of.NAME_LENGTH)]
    known = np.flatnonzero(looked | (rows[:, of.SIDE + of.TOLD] != 0) | (rows[:, of.SIDE + of.SIDE_WIDTH + of.TOLD] != 0))
    some = zip(known.tolist(), client[known].tolist(), tried[known].tolist(), rows[known][:, columns].tolist(), strict=True)
    for row, dialled, both, (one, at, length, two, other_at, other_length) in some:
        if row in told:
            yield row, _told(told[row].findings, dialled, both)
        else:
            raw, other = names[at : at + length] if one else b"", names[other_at : other_at + other_length] if two else b""
            yield row, _told_by_kernel((one, raw), (two, other), dialled, both)


@lru_cache(maxsize=16_384)
def _told_by_kernel(one: tuple[int, bytes], two: tuple[int, bytes], dialled: int, both: int) -> _Told:
    """Return what the kernel was told by both halves, the same in many flows."""
    return _told((finding_of(*one), finding_of(*two)), dialled, both)


def _told(halves: tuple[Finding | None, Finding | None], dialled: int, both: int) -> _Told:
    """Return what the findings of both halves tell; ``dialled``: which is the client's; ``both``: protocol and its port."""
    ordered = (halves[1], halves[0]) if dialled else halves
    finding = finding_between(ordered, protocol_between(both >> 16, both & 0xFFFF))
    shown = finding.name, finding.rung.value, finding.protocol, finding.server_name, finding.hidden
    return _Told(*shown, certificate_name(ordered))


def _states(rows: Numbers, out: Numbers, back: Numbers, client: Numbers, protocol: Numbers) -> Numbers:
    """Return the place in ``_STATES`` of each flow's state; see ``table.state_of``."""
    flags = rows[:, of.FLAGS]
    one = flags >> client * of.SIDE_BITS & 0xFF
    two = flags >> (1 - client) * of.SIDE_BITS & 0xFF
    answered, silent = back[:, of.PACKETS] > 0, (out[:, of.PAYLOAD] == 0) & (back[:, of.PAYLOAD] == 0)
    unreachable = (flags & of.UNREACHABLE != 0) & ~answered & ((protocol == UDP) | (out[:, of.PAYLOAD] == 0))
    attempt = (one & of.SYN_SEEN != 0) & (two & of.SYNACK_SEEN == 0) & silent
    reset = (one | two) & of.RST_SEEN != 0
    conditions = [
        unreachable,
        (protocol != TCP) & answered,
        protocol != TCP,
        attempt & (two & of.RST_SEEN != 0),
        attempt,
        reset,
        one & two & of.FIN_SEEN != 0,
        (one & of.SYN_SEEN != 0) & (two & of.SYNACK_SEEN != 0),
    ]
    chosen: Numbers = np.select(conditions, list(range(len(conditions))), len(conditions))
    return chosen


def _losses(rows: Numbers, out: Numbers, back: Numbers, protocol: Numbers) -> Numbers:
    """Return the place in ``_LOSSES`` of each flow's losses."""
    flags = rows[:, of.FLAGS]
    opened = (flags | flags >> of.SIDE_BITS) & (of.SYN_SEEN | of.SYNACK_SEEN) != 0
    holds = (
        flags & of.CUT != 0,
        flags & of.EVICTED != 0,
        (out[:, of.GAP_COUNT] > 0) | (back[:, of.GAP_COUNT] > 0),
        (protocol == TCP) & ~opened,
        (out[:, of.PACKETS] == 0) | (back[:, of.PACKETS] == 0),
    )
    return cast("Numbers", sum(held.astype(np.int64) << bit for bit, held in enumerate(holds)))


def _beginnings(flows: Flows) -> Beginnings:
    rows = np.zeros((len(flows.rows), Beginnings.width), np.uint8)
    rows[:, 0] = flows.rows[:, of.OPENING]
    rows[:, 1:] = np.where(np.arange(of.OPENING_LENGTH) < rows[:, :1], flows.opening, 0)  # a flow before may have left more
    return Beginnings(rows.tobytes())


def _community(rows: Numbers, protocol: Numbers) -> CommunityIds:
    """Return the Community ID of each flow; what is hashed for IPv4 is laid out for all of them at one go."""
    low, other = rows[:, of.A_LOW], rows[:, of.B_LOW]
    port, other_port = rows[:, of.PORTS] >> 32, rows[:, of.PORTS] >> 16 & 0xFFFF
    turned = (other < low) | ((other == low) & (other_port < port))
    messages = np.zeros((len(rows), _V4_MESSAGE), np.uint8)
    for begin, numbers, kind in (
        (2, np.where(turned, other, low), ">u4"),
        (6, np.where(turned, low, other), ">u4"),
        (12, np.where(turned, other_port, port), ">u2"),
        (14, np.where(turned, port, other_port), ">u2"),
    ):
        written = np.ascontiguousarray(numbers.astype(kind)).view(np.uint8).reshape(len(rows), -1)
        messages[:, begin : begin + written.shape[1]] = written
    messages[:, 10] = protocol
    whole, sha1 = messages.tobytes(), hashlib.sha1
    digests = [sha1(whole[at : at + _V4_MESSAGE], usedforsecurity=False).digest() for at in range(0, len(whole), _V4_MESSAGE)]
    for row in np.flatnonzero(rows[:, of.PORTS] & 0xFF != _IPV4).tolist():
        digests[row] = CommunityIds.written(_community_of(rows[row].tolist()))
    return CommunityIds(b"".join(digests))


def _community_of(row: list[int]) -> str:
    ports = row[of.PORTS]
    one = address_of(row[of.A_HIGH], row[of.A_LOW], ports & 0xFF), ports >> 32
    two = address_of(row[of.B_HIGH], row[of.B_LOW], ports & 0xFF), ports >> 16 & 0xFFFF
    return community_id(one, two, ports >> 8 & 0xFF)


def senders_of(rows: Numbers) -> set[bytes]:
    """Return the addresses that sent packets of the flows."""
    found: set[bytes] = set()
    for at, side in ((of.A_HIGH, 0), (of.B_HIGH, 1)):
        sent = rows[rows[:, of.SIDE + side * of.SIDE_WIDTH + of.PACKETS] > 0]
        short = sent[:, of.PORTS] & 0xFF == _IPV4
        found.update(address_of(0, low, _IPV4) for low in np.unique(sent[short, at + 1]).tolist())
        found.update(address_of(high, low, 0) for high, low in set(map(tuple, sent[~short, at : at + 2].tolist())))
    return found
