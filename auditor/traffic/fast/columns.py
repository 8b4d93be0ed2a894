"""From the rows of the kernel to the columns of the flow table, all flows at one go: what ``FlowTable.append`` does for one."""

from __future__ import annotations

import hashlib
from array import array
from typing import NamedTuple, cast

import numpy as np

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
_TRANSPORTS = {TCP: "tcp", UDP: "udp"}
_V4_MESSAGE = 16


def columns_of(flows: Flows, source_id: str) -> dict[str, Column]:
    """Return the columns of the flow table but ``winner`` for flows of the kernel, in their order."""
    rows, count = flows.rows, len(flows.rows)
    client, rules = directions(flows)
    sides = rows[:, of.SIDE :].reshape(count, 2, of.SIDE_WIDTH)
    out, back = sides[np.arange(count), client], sides[np.arange(count), 1 - client]
    protocol = rows[:, of.PORTS] >> 8 & 0xFF
    columns: dict[str, Column] = {
        "start": _packed(rows[:, of.FIRST]),
        "end": _packed(rows[:, of.LAST]),
        "transport": [_TRANSPORTS[number] for number in protocol.tolist()],
        "vlan": [tags >> 4 & 0xFFF if tags else None for tags in rows[:, of.VLANS].tolist()],
        "orientation_rule": [RULES[rule] for rule in rules.tolist()],
        "state": [_STATES[state] for state in _states(rows, out, back, client, protocol).tolist()],
        "first_frame": _packed(rows[:, of.FIRST_FRAME]),
        "last_frame": _packed(rows[:, of.LAST_FRAME]),
        "loss_flags": [_LOSSES[loss] for loss in _losses(rows, out, back, protocol).tolist()],
        "community_id": _community(rows, protocol),
        "frames": cast("Column", FrameNumbers(array("q", rows[:, of.FRAMES : of.FRAMES + FRAMES_KEPT].tobytes()))),
        "first_payload": _beginnings(flows),
        "source_id": [source_id] * count,
        "sources": [(source_id,)] * count,
        "vni": [None] * count,
        **{name: [""] * count for name in ("tunnel", "outer_src_addr", "outer_dst_addr", "local_protocol")},
        **_ends(rows, client),
        **_counts(out, back),
    }
    columns |= _named(flows, client, protocol, columns["dst_port"])
    return {name: columns[name] for name in (*COLUMNS, *WORKING) if name in columns}


def _ends(rows: Numbers, client: Numbers) -> dict[str, Column]:
    """Return who dialled whom."""
    each, swapped = np.arange(len(rows)), client.tolist()
    ports = np.stack((rows[:, of.PORTS] >> 32, rows[:, of.PORTS] >> 16 & 0xFFFF))
    both = list(zip(_addresses(rows, of.A_HIGH), _addresses(rows, of.B_HIGH), swapped, strict=True))
    return {
        "src_addr": [two if back else one for one, two, back in both],
        "src_port": _packed(ports[client, each]),
        "dst_addr": [one if back else two for one, two, back in both],
        "dst_port": _packed(ports[1 - client, each]),
    }


def _counts(out: Numbers, back: Numbers) -> dict[str, Column]:
    """Return what went each way, and the initial number of the client or else of the server."""
    begun = np.where(out[:, of.ISN] >= 0, out[:, of.ISN], back[:, of.ISN]).tolist()
    return {
        "packets_out": _packed(out[:, of.PACKETS]),
        "packets_in": _packed(back[:, of.PACKETS]),
        "payload_out": _packed(out[:, of.PAYLOAD]),
        "payload_in": _packed(back[:, of.PAYLOAD]),
        "wire_out": _packed(out[:, of.WIRE]),
        "wire_in": _packed(back[:, of.WIRE]),
        "isn": [number if number >= 0 else None for number in begun],
    }


def _named(flows: Flows, client: Numbers, protocol: Numbers, target_port: Column) -> dict[str, Column]:
    """Return what first bytes tell of the destination."""
    found = _findings(flows, client.tolist(), protocol.tolist(), target_port)
    return {name: [told[place] for told in found] for place, name in enumerate(_Told._fields)}


def _packed(numbers: Numbers) -> Column:
    return cast("Column", array("q", np.ascontiguousarray(numbers).tobytes()))


def _addresses(rows: Numbers, at: int) -> list[str]:
    """Return the text of one end of every flow; each address is written once."""
    pairs = rows[:, [at, at + 1, of.PORTS]]
    pairs[:, 2] &= 0xFF
    known: dict[tuple[int, ...], str] = {}
    told = []
    for end in map(tuple, pairs.tolist()):
        written = known.get(end)
        if written is None:
            written = known[end] = text(address_of(*end))
        told.append(written)
    return told


class _Told(NamedTuple):
    """What the first bytes of a flow tell, by column."""

    name: str
    name_rung: str
    app_protocol: str
    server_name: str
    hidden: bool
    certificate_name: str


def _findings(flows: Flows, client: list[int], protocol: list[int], target_port: Column) -> list[_Told]:
    """Return by flow what its first bytes tell of the destination."""
    told, names = flows.told, flows.names.tobytes()
    columns = [side + at for side in (of.SIDE, of.SIDE + of.SIDE_WIDTH) for at in (of.TOLD, of.NAME_AT, of.NAME_LENGTH)]
    known: dict[tuple[int, int, int, int], tuple[_Told, tuple[Finding | None, Finding | None]]] = {}
    found = []
    for row, (one, at, length, two, other_at, other_length) in enumerate(flows.rows[:, columns].tolist()):
        if row in told:
            halves = told[row].findings
        else:
            halves = (
                finding_of(one, names[at : at + length]) if one else None,
                finding_of(two, names[other_at : other_at + other_length]) if two else None,
            )
        ordered = (halves[1], halves[0]) if client[row] else halves
        # To compare findings takes longer than to look at them; these live as long as their identities are used.
        key = (id(ordered[0]), id(ordered[1]), protocol[row], target_port[row])
        if key not in known:
            known[key] = _told(ordered, protocol_between(*key[2:])), ordered
        found.append(known[key][0])
    return found


def _told(ordered: tuple[Finding | None, Finding | None], protocol: str) -> _Told:
    finding = finding_between(ordered, protocol)
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


def _beginnings(flows: Flows) -> Column:
    whole, lengths = flows.opening.tobytes(), flows.rows[:, of.OPENING].tolist()
    places = range(0, len(whole), of.OPENING_LENGTH)
    return [whole[at : at + length] for at, length in zip(places, lengths, strict=True)]


def _community(rows: Numbers, protocol: Numbers) -> Column:
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
        one = CommunityIds()
        one.append(_community_of(rows[row].tolist()))
        digests[row] = bytes(one.digests)
    return cast("Column", CommunityIds(b"".join(digests)))


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
