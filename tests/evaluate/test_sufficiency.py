"""Which evidence a control needs, and what of it is missing: each reason by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from auditor.evaluate.matching import Scene
from auditor.evaluate.parameters import STRENGTHS
from auditor.evaluate.sufficiency import PERMITTED, insufficiencies, permissions_examined
from auditor.facts.evidence import FileLocation
from auditor.facts.inventory import Seal, Unknown
from auditor.facts.manifest import NotExamined
from auditor.facts.model import Model
from auditor.facts.permission import Permission, Strength
from auditor.facts.profile import ComponentSelector, Control, EvidenceNeed, Forbid, Parameter
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, OnUnknown, Plane, Role, Severity, Stage, UnknownKind
from tests.evaluate.builder import AS_OF, VENDOR, channel, component, coverage, gap, model, row, seen

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
PARTS = (
    component("coder/agent-loop", Plane.AGENT_LOOP, Role.AGENT_LOOP),
    component("vendor/api", Plane.INFERENCE, Role.MODEL_SERVER, VENDOR),
)
OUT = row("coder/agent-loop", "vendor/api")


def control(*needed: Basis, exercised: tuple[Plane, ...] = (), **parameters: str) -> Control:
    return Control(
        id="X-01",
        title="x",
        owner="x",
        requirement=Forbid(ComponentSelector()),
        when=None,
        evidence=EvidenceNeed(needed, needed, needed, exercised),
        on_unknown=OnUnknown.BLOCK,
        severity=Severity.HIGH,
        maps=(),
        rationale="",
        remediation="",
        parameters=tuple(Parameter(name, (value,)) for name, value in parameters.items()),
        location=FileLocation("profile.yaml", "f" * 64, 1, 1),
    )


def everything(_: str) -> Truth:
    return YES


def lacking(given: Control, made: Model, scope: object = everything) -> list[Unknown]:
    return list(insufficiencies(given, Scene(made), scope, AS_OF))  # type: ignore[arg-type]


CONFIGURED = control(Basis.CONFIGURED)


@pytest.mark.parametrize("basis", [Basis.CONFIGURED, Basis.OBSERVED])
def test_a_gap_of_a_basis_counts_where_the_basis_is_needed(basis: Basis) -> None:
    made = model(PARTS, gaps=[gap(basis)])
    found = [u.subject for u in lacking(CONFIGURED, made)]
    assert found == ([f"{basis.value} gap"] if basis is Basis.CONFIGURED else [])


@pytest.mark.parametrize(
    ("concerned", "counts"),
    [((), True), (("in",), True), (("perhaps",), True), (("out",), False), (("out", "in"), True), (("out", "perhaps"), True)],
)
def test_a_gap_counts_where_it_may_hide_what_the_control_speaks_of(concerned: tuple[str, ...], counts: bool) -> None:
    scope = {"in": YES, "perhaps": UNKNOWN, "out": NO}.__getitem__
    made = model(PARTS, gaps=[gap(Basis.CONFIGURED, *concerned)])
    assert bool(lacking(CONFIGURED, made, scope)) is counts


def test_what_nobody_examined_of_the_network_is_told_in_one_way_and_any_other_gap_in_its_own() -> None:
    needed = control(Basis.PERMITTED)
    bare = replace(gap(Basis.PERMITTED), unknown=Unknown(UnknownKind.INVENTORY_OPEN, "permitted", "another text"))
    own = gap(Basis.PERMITTED)
    decided = model(PARTS, [OUT], permitted=YES)
    assert lacking(needed, replace(decided, gaps=(bare,))) == [PERMITTED]
    assert lacking(needed, replace(decided, gaps=(own,))) == [own.unknown]


def test_the_permitted_basis_is_asked_of_only_where_it_is_needed() -> None:
    made = model(PARTS, [OUT], permitted=UNKNOWN)
    assert lacking(CONFIGURED, made) == []
    assert lacking(control(Basis.PERMITTED), made) == [PERMITTED]
    assert lacking(control(Basis.PERMITTED), model(PARTS, [OUT], permitted=NO)) == []


@pytest.mark.parametrize(
    ("states", "examined"),
    [
        ([], False),
        ([(YES, YES)], True),
        ([(YES, NO)], True),
        ([(YES, UNKNOWN)], False),
        ([(UNKNOWN, UNKNOWN)], False),
        ([(NO, UNKNOWN)], True),
        ([(YES, YES), (YES, UNKNOWN)], False),
        ([(YES, YES), (NO, UNKNOWN)], True),
    ],
)
def test_every_channel_that_may_be_in_use_has_to_be_answered_for(states: list[tuple[Truth, Truth]], examined: bool) -> None:
    rows = [replace(row("coder/agent-loop", f"vendor/{n}"), exists=exists) for n, (exists, _) in enumerate(states)]
    channels = tuple(
        replace(channel(r), permission=Permission(told, None, (), "")) for r, (_, told) in zip(rows, states, strict=True)
    )
    assert permissions_examined(Scene(replace(model(PARTS, rows), channels=channels))) is examined


def seal(strength: Strength, *components: str) -> Seal:
    return Seal("coder", components, strength, Unknown(UnknownKind.FACT_WEAK, strength.value, "weak"))


def pairs() -> Iterator[tuple[Strength, Strength]]:
    yield from ((held, asked) for held in Strength for asked in Strength)


@pytest.mark.parametrize(("held", "asked"), list(pairs()))
def test_a_seal_that_is_weaker_than_asked_is_told(held: Strength, asked: Strength) -> None:
    made = replace(model(PARTS, [OUT], permitted=YES), seals=(seal(held),))
    found = lacking(control(Basis.PERMITTED, minimum_strength=asked.value), made)
    assert [u.subject for u in found] == ([held.value] if STRENGTHS.index(held.value) < STRENGTHS.index(asked.value) else [])


def test_seals_count_only_where_strength_is_asked_for_in_scope_and_with_the_basis() -> None:
    made = replace(model(PARTS, [OUT], permitted=YES), seals=(seal(Strength.ADVISORY, "coder/agent-loop"),))
    strict = control(Basis.PERMITTED, minimum_strength="network_policy")
    assert len(lacking(strict, made)) == 1
    assert lacking(control(Basis.PERMITTED), made) == []
    assert lacking(control(Basis.CONFIGURED, minimum_strength="network_policy"), made) == []
    assert lacking(strict, made, lambda _: NO) == []


def test_work_is_asked_for_in_operation_with_captures_and_nowhere_else() -> None:
    idle = control(Basis.CONFIGURED, exercised=(Plane.INFERENCE,))
    kinds = {
        (stage, bool(captures)): [u.kind for u in lacking(idle, model(PARTS, [OUT], stage=stage, captures=captures))]
        for stage in Stage
        for captures in ((), (coverage(),))
    }
    assert kinds.pop((Stage.OPERATE, True)) == [UnknownKind.NOT_EXERCISED]
    assert set(map(tuple, kinds.values())) == {()}


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("aside", [True, False])
@pytest.mark.parametrize("basis", [Basis.CONFIGURED, Basis.DECLARED])
def test_a_file_that_was_not_read_leaves_open_what_it_may_say(named: bool, aside: bool, basis: Basis) -> None:
    left = NotExamined("secret.bin", "it is no text", named, set_aside=aside)
    found = lacking(control(basis), replace(model(PARTS), not_examined=(left,)))
    counts = not aside and (named or basis is Basis.CONFIGURED)
    assert [u.kind for u in found] == [UnknownKind.NOT_EXAMINED] * counts
    if counts:
        word = "was named as evidence and could not be read" if named else "is among the inputs and was not examined"
        assert word in found[0].text


def test_captured_traffic_is_asked_for_where_it_is_needed() -> None:
    assert [u.kind for u in lacking(control(Basis.OBSERVED), model(PARTS))] == [UnknownKind.OBSERVATION_MISSING]
    assert lacking(CONFIGURED, model(PARTS)) == []
    assert lacking(control(Basis.OBSERVED), model(PARTS, [seen(OUT)], captures=[coverage()])) == []
