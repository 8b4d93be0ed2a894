"""Requests and connections, one to one where nothing else can be meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.traffic.proxied_legs import Ask, Leg

_Candidates = Mapping["Ask", Sequence["Leg"]]


def assigned(candidates: _Candidates, *, alike: bool) -> dict[Ask, Leg]:
    """Return which request was made on which connection.

    A request that shares its connection with others takes the only one possible, or the nearest of those that are alike. Of those
    that have one to
    themselves, each takes the only one left to it; two that have only the same one take none. What then remains is settled only
    for requests of one name that have as many connections as they are: which is which changes nothing.

    Args:
        candidates: the connections that each request may have been made on.
        alike: all connections of a request are known to be of its name, so that which is which never matters.
    """
    shared = {ask: legs for ask, legs in candidates.items() if not ask.alone and legs and (alike or len(legs) == 1)}
    found = {ask: min(legs, key=lambda leg: (abs(leg.start - ask.start), leg.source)) for ask, legs in shared.items()}
    left = {ask: list(legs) for ask, legs in candidates.items() if ask.alone and legs}
    while forced := _forced(left):
        for ask, leg in forced.items():
            found[ask] = leg
            del left[ask]
        taken = {id(leg) for leg in forced.values()}
        left = {ask: [leg for leg in legs if id(leg) not in taken] for ask, legs in left.items()}
    for asks in _knots(left):
        legs = sorted({id(leg): leg for ask in asks for leg in left[ask]}.values(), key=lambda leg: (leg.start, leg.source))
        complete = len(legs) == len(asks) and all(len(left[ask]) == len(legs) for ask in asks)
        if alike or (complete and len({ask.name for ask in asks}) == 1):
            found |= dict(zip(sorted(asks, key=lambda ask: (ask.start, ask.row)), legs, strict=False))
    return found


def _forced(left: _Candidates) -> dict[Ask, Leg]:
    """Return the requests that have one connection left, which no other one has as its only one."""
    only: dict[int, list[Ask]] = {}
    for ask, legs in left.items():
        if len(legs) == 1:
            only.setdefault(id(legs[0]), []).append(ask)
    return {asks[0]: left[asks[0]][0] for asks in only.values() if len(asks) == 1}


def _knots(left: _Candidates) -> list[list[Ask]]:
    """Return the requests in groups that share connections, directly or through others."""
    group: dict[int, list[Ask]] = {}
    for ask, legs in left.items():
        joined = [ask]
        for known in {id(g): g for leg in legs if (g := group.get(id(leg))) is not None}.values():
            joined += known
        for member in joined:
            group |= dict.fromkeys((id(leg) for leg in left[member]), joined)
    return list({id(asks): asks for asks in group.values()}.values())
