"""What voids a silence: data to somebody whom nothing names, and what counts as certainly inside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.facts.identity import ResolvedEdge
from auditor.facts.observation import ObservedEdge
from auditor.facts.places import Place
from auditor.facts.rows import ResolvedEnd
from auditor.facts.vocabulary import NameRung, Role, Sighting
from auditor.reconcile.silence import is_inside, is_unnamed_outbound
from tests.reconcile.builders import UNKNOWN_ADDRESS, WORKSPACE, component, edge

KNOWN = {
    "git": component("git", Role.SOURCE_CONTROL, inside=True),
    "far": component("far", Role.SOURCE_CONTROL, inside=False),
    "somewhere": component("somewhere", Role.SOURCE_CONTROL),
}
ZONED = replace(KNOWN["far"], id="zoned", place=Place(False, zone="partner"))
ALL = {**KNOWN, "zoned": ZONED}


def end(*candidates: str, conflict: str = "") -> ResolvedEnd:
    return ResolvedEnd(candidates, "", "", "", UNKNOWN_ADDRESS, conflict=conflict)


@pytest.mark.parametrize(
    ("candidates", "inside"),
    [
        (("git",), True),
        (("git", "far"), False),
        (("git", "somewhere"), False),
        (("git", "addr:203.0.113.99"), False),
        (("addr:203.0.113.99",), False),
        ((), False),
    ],
)
def test_only_who_is_inside_by_every_candidate_is_inside(candidates: tuple[str, ...], *, inside: bool) -> None:
    assert is_inside(end(*candidates), ALL) is inside


@pytest.mark.parametrize(
    ("to", "seen", "unnamed"),
    [
        (end(), edge(WORKSPACE, UNKNOWN_ADDRESS), True),
        (end(), edge(WORKSPACE, UNKNOWN_ADDRESS, sighting=Sighting.ATTEMPT), False),
        (end(), edge(WORKSPACE, UNKNOWN_ADDRESS, name="api.anthropic.com"), False),
        (end(), edge(WORKSPACE, UNKNOWN_ADDRESS, name="front.example", rung=NameRung.SNI, hidden=True), True),
        (end("git"), edge(WORKSPACE, UNKNOWN_ADDRESS), False),
        (end("zoned"), edge(WORKSPACE, UNKNOWN_ADDRESS), False),
        (end("far"), edge(WORKSPACE, UNKNOWN_ADDRESS), True),
        (end("zoned", "far"), edge(WORKSPACE, UNKNOWN_ADDRESS), True),
        (end("zoned", conflict="two say so"), edge(WORKSPACE, UNKNOWN_ADDRESS, name="a.example"), True),
    ],
)
def test_data_to_whom_nothing_names_may_be_any_flow(to: ResolvedEnd, seen: ObservedEdge, *, unnamed: bool) -> None:
    assert is_unnamed_outbound(ResolvedEdge(seen, end("coder/workspace"), to), ALL) is unnamed
