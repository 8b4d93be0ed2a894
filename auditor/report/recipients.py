"""Who is not inside and receives data, or may: one line an operator, for the first screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.facts.counts import total
from auditor.report import words
from auditor.report.names import NOT_KNOWN
from auditor.report.view_flows import INSIDE, total_words
from auditor.report.view_ledger import LedgerGroup, Received

MOST_HOSTS = 3
"""Hosts that are named of those of whom nobody knows who they are."""


@dataclass(frozen=True, slots=True)
class RecipientView:
    """One operator outside, or not known to be inside, over all countries and machines that it works with."""

    operator: str
    under: str
    """Where it is, on whose machines it works, and which hosts they are of whom nobody knows who they are."""
    law: str
    processing: str
    data: str
    total: str


def recipients(groups: Iterable[LedgerGroup]) -> tuple[RecipientView, ...]:
    """Return the recipients of a ledger: whoever surely gets data first, then by bytes seen, then by name."""
    held: dict[tuple[str, str], list[LedgerGroup]] = {}
    for group in groups:
        if group.where != INSIDE:
            held.setdefault((group.operator_id, group.where), []).append(group)
    found = [(mine, _together([group.received for group in mine])) for mine in held.values()]
    return tuple(_recipient(mine, received) for mine, received in sorted(found, key=lambda f: _rank(*f)))


def _rank(groups: list[LedgerGroup], received: Received) -> tuple[bool, int, str, str]:
    sure = bool(received.at_least or received.to)
    return not sure, -(received.to or 0), groups[0].operator, groups[0].where


def _together(parts: list[Received]) -> Received:
    seen = [part for part in parts if part.seen]
    return Received(
        at_least=tuple(dict.fromkeys(name for part in parts for name in part.at_least)),
        at_most=tuple(dict.fromkeys(name for part in parts for name in part.at_most)),
        to=total([part.to for part in seen]),
        back=total([part.back for part in seen]),
        untold=sum(part.untold for part in seen),
        seen=bool(seen),
    )


def _recipient(groups: list[LedgerGroup], received: Received) -> RecipientView:
    first = groups[0]
    under = (
        first.where if first.where != "outside the perimeter" else "",
        _machines(groups),
        "" if first.operator_id else _hosts(groups),
    )
    return RecipientView(
        operator=first.operator,
        under="; ".join(text for text in under if text),
        law=first.law.removeprefix("law of ").removeprefix("jurisdiction "),
        processing=_processing(groups),
        data=words.received_words(received.at_least, received.at_most, seen=received.seen and received.to != 0),
        total=total_words(received),
    )


def _hosts(groups: list[LedgerGroup]) -> str:
    hosts = list(dict.fromkeys(channel.recipient_label for group in groups for channel in group.channels))
    rest = len(hosts) - MOST_HOSTS
    return ", ".join(hosts[:MOST_HOSTS]) + (f" and {rest} more" if rest > 0 else "")


def _machines(groups: list[LedgerGroup]) -> str:
    hosts = dict.fromkeys(group.hosted_by for group in groups if group.hosted_by)
    if not hosts:
        return ""
    return f"{'on' if all(group.hosted_by for group in groups) else 'partly on'} machines of {', '.join(hosts)}"


def _processing(groups: list[LedgerGroup]) -> str:
    known = sorted({code for group in groups if group.countries != NOT_KNOWN for code in group.countries.split(", ")})
    if known and any(group.countries == NOT_KNOWN for group in groups):
        return f"{', '.join(known)}, partly {NOT_KNOWN}"
    return ", ".join(known) or NOT_KNOWN
