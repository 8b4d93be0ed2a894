"""How layers of one workload come together: each must let a packet through, and advice stops nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pytest

from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.network import (
    ALL,
    Connections,
    Decision,
    Layer,
    Named,
    NamePattern,
    Range,
    Step,
    layered_regions,
    parse_block,
    together,
)
from auditor.network.connections import NONE
from auditor.network.spans import Spans
from tests.network.bench import tcp, udp

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN


@dataclass(frozen=True)
class _Only:
    """A layer that lets ``allowed`` through to one block, and may let through ``perhaps``."""

    block: str
    allowed: Connections
    strength: Strength
    perhaps: Connections = NONE
    dialect: str = "test"
    assumed: tuple[str, ...] = ()

    def cuts(self, family: int) -> Iterable[Spans]:
        found = parse_block(self.block)
        return [found.spans] if found is not None and found.family == family else []

    def names(self) -> Sequence[NamePattern]:
        return ()

    def decide(self, target: Range | Named) -> Decision:
        place = target.range if isinstance(target, Named) else target
        found = parse_block(self.block)
        inside = found is not None and found.family == place.family and found.spans.covers(place.spans)
        allowed = self.allowed if inside else NONE
        denied = ALL - allowed
        steps = (Step(allowed, YES, f"{self.dialect} allows it"), Step(denied, NO, f"{self.dialect} denies it"))
        return Decision(allowed | self.perhaps, denied, tuple(s for s in steps if s.connections))


TARGET = Range(4, 0xC0000207, 0xC0000207)


def test_every_layer_must_allow_and_the_strongest_denial_is_named() -> None:
    host = _Only("192.0.2.0/24", tcp(80, 443), Strength.NAMESPACE)
    cloud = _Only("192.0.2.0/24", tcp(443) | udp(53), Strength.NO_ROUTE)
    found = together((host, cloud), TARGET)
    assert [found.decision.answer(c) for c in (tcp(443), tcp(80), udp(53))] == [YES, NO, NO]
    assert [found.strength(c) for c in (tcp(443), tcp(80), udp(53), udp(123))] == [
        None,
        Strength.NO_ROUTE,
        Strength.NAMESPACE,
        Strength.NO_ROUTE,
    ]
    assert found.strength(tcp(80) | udp(53)) is Strength.NAMESPACE


def test_what_one_layer_leaves_open_is_unknown_unless_another_denies_it() -> None:
    unsure = _Only("192.0.2.0/24", tcp(443), Strength.SANDBOX, perhaps=tcp(80))
    strict = _Only("192.0.2.0/24", tcp(443), Strength.NAMESPACE)
    assert together((unsure,), TARGET).decision.answer(tcp(80)) is UNKNOWN
    assert together((unsure,), TARGET).strength(tcp(80)) is None
    assert together((unsure, strict), TARGET).decision.answer(tcp(80)) is NO


def test_advice_never_proves_a_denial_and_is_told() -> None:
    found = together((_Only("192.0.2.0/24", NONE, Strength.ADVISORY, dialect="proxy variable"),), TARGET)
    assert (found.decision.answer(ALL), found.strength(ALL)) == (YES, None)
    assert [s.text for s in found.decision.steps] == [
        "proxy variable denies it (only advice: a process may go round proxy variable)"
    ]


@pytest.mark.parametrize("family", [4, 6])
def test_regions_cover_every_address_once_and_families_are_apart(family: int) -> None:
    layers: tuple[Layer, ...] = (
        _Only("192.0.2.0/24", tcp(443), Strength.NAMESPACE),
        _Only("0.0.0.0/0", ALL, Strength.NO_ROUTE),
    )
    found = layered_regions(layers, family)
    assert [r.text() for r, d in found if d.decision.allowed] == (["192.0.2.0-192.0.2.255"] if family == 4 else [])
    assert found[0][0].first == 0
    assert sum(r.last - r.first + 1 for r, _ in found) == 2 ** (32 if family == 4 else 128)
