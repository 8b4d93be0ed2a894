"""Who dialled, for all flows of the kernel at one go: the rules of ``auditor.traffic.orientation``."""

from __future__ import annotations

from functools import cache

import numpy as np

from auditor.traffic.fast import layout as of
from auditor.traffic.fast.addresses import address_of
from auditor.traffic.fast.done import Flows, Told
from auditor.traffic.fast.layout import Data, Numbers
from auditor.traffic.finding import Side
from auditor.traffic.internet import TCP, UDP
from auditor.traffic.orientation import SERVICES, Rule, orient_by_ends

RULES = tuple(rule.value for rule in Rule)
_ORDER = {rule: place for place, rule in enumerate(Rule)}
_HELLOS = (of.NAMED_HELLO, of.ENCRYPTED_HELLO)


@cache
def _services(protocol: int) -> Data:
    """Return by port whether servers usually listen there."""
    known = np.zeros(1 << 16, np.uint8)
    known[list(SERVICES[protocol])] = 1
    return known


def directions(flows: Flows) -> tuple[Numbers, Numbers]:
    """Return the half of each flow that dialled (0 or 1), and the place in ``RULES`` of the rule that tells."""
    rows = flows.rows
    flags = rows[:, of.FLAGS]
    one, two = flags, flags >> of.SIDE_BITS
    ways = [  # the strongest first
        (one & of.SYN_SEEN != 0, 0, Rule.SYN),
        (two & of.SYN_SEEN != 0, 1, Rule.SYN),
        (one & of.SYNACK_SEEN != 0, 1, Rule.SYN_ACK),
        (two & of.SYNACK_SEEN != 0, 0, Rule.SYN_ACK),
    ]
    shaken = (one | two) & (of.SYN_SEEN | of.SYNACK_SEEN) != 0
    ways += _by_content(flows, shaken) + _by_service(rows)
    holds = [held for held, _, _ in ways]
    client: Numbers = np.select(holds, [half for _, half, _ in ways], 0)
    rule: Numbers = np.select(holds, [_ORDER[rule] for _, _, rule in ways], _ORDER[Rule.FIRST_FRAME])
    weak = (rule == _ORDER[Rule.FIRST_FRAME]) & (rows[:, of.PORTS] >> 8 & 0xFF == TCP)
    for row in np.flatnonzero(weak).tolist():
        decided = _by_ends(rows[row].tolist())
        if decided is not None:
            client[row], rule[row] = decided[0], _ORDER[decided[1]]
    return client, rule


def _by_content(flows: Flows, shaken: Data) -> list[tuple[Data, int, Rule]]:
    """Return the flows of which the payload tells who dialled; those whose handshake tells need not be looked at."""
    rows = flows.rows
    dialled = np.full(len(rows), -1, np.int64)
    first, second = rows[:, of.SIDE + of.TOLD], rows[:, of.SIDE + of.SIDE_WIDTH + of.TOLD]
    for half, told in ((1, second), (0, first)):
        dialled[np.isin(told, _HELLOS)] = half
        dialled[told == of.SERVER_HELLO] = 1 - half
    for row, said in flows.told.items():
        if not shaken[row]:
            dialled[row] = _dialled(said)
    asked = rows[:, of.FLAGS] >> of.ASKED
    dialled[asked & 1 != 0] = 0
    dialled[asked & 2 != 0] = 1
    return [(dialled == 0, 0, Rule.CONTENT), (dialled == 1, 1, Rule.CONTENT)]


def _dialled(told: Told) -> int:
    for half, finding in enumerate(told.findings):
        if finding is not None and finding.side is not Side.EITHER:
            return half if finding.side is Side.CLIENT else 1 - half
    return -1


def _by_service(rows: Numbers) -> list[tuple[Data, int, Rule]]:
    protocol = rows[:, of.PORTS] >> 8 & 0xFF
    ports, others = rows[:, of.PORTS] >> 32, rows[:, of.PORTS] >> 16 & 0xFFFF
    first = np.where(protocol == TCP, _services(TCP)[ports], _services(UDP)[ports])
    second = np.where(protocol == TCP, _services(TCP)[others], _services(UDP)[others])
    return [(first > second, 1, Rule.SERVICE_PORT), (second > first, 0, Rule.SERVICE_PORT)]


def _by_ends(row: list[int]) -> tuple[int, Rule] | None:
    ports = row[of.PORTS]
    one = address_of(row[of.A_HIGH], row[of.A_LOW], ports & 0xFF), ports >> 32
    two = address_of(row[of.B_HIGH], row[of.B_LOW], ports & 0xFF), ports >> 16 & 0xFFFF
    return orient_by_ends(ports >> 8 & 0xFF, one, two)
