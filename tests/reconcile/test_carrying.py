"""What may be carried: the fixed point of holdings."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Role
from auditor.reconcile.carrying import holdings, settle
from tests.reconcile.builders import CREDENTIAL, PROMPT, SOURCE, component, row

USAGE = DataClass.USAGE


def sends(made: FlowRow, *classes: DataClass, receives: tuple[DataClass, ...] = ()) -> FlowRow:
    return replace(made, sends_at_least=classes, sends_at_most=classes, receives=receives)


def test_a_gateway_passes_content_on_and_keeps_its_own_telemetry() -> None:
    parts = [
        component("s/ws", Role.WORKSPACE, originates=[SOURCE]),
        component("s/gw", Role.MODEL_GATEWAY, originates=[CREDENTIAL]),
        component("v/model", Role.MODEL_SERVER, inside=False),
        component("v/sink", Role.TELEMETRY_SINK, inside=False),
    ]
    rows = [
        sends(row("1", "s/ws", "s/gw"), SOURCE, PROMPT),
        sends(row("2", "s/gw", "v/model"), PROMPT),
        sends(row("3", "s/gw", "v/sink"), USAGE),
    ]
    settled = settle(parts, rows, ())
    assert [r.sends_at_most for r in settled] == [(SOURCE, PROMPT), (SOURCE, PROMPT), (USAGE,)]
    assert settled[1].sends_at_least == (PROMPT,)
    assert holdings(parts, settled)["v/model"] == (SOURCE, PROMPT)


def test_what_is_no_gateway_passes_nothing_on() -> None:
    parts = [component("s/ws", Role.WORKSPACE, originates=[SOURCE]), component("s/db", Role.DATABASE)]
    rows = [sends(row("1", "s/ws", "s/db"), SOURCE), sends(row("2", "s/db", "v/model"), USAGE)]
    assert settle(parts, rows, ())[1].sends_at_most == (USAGE,)


def test_unmodelled_traffic_may_be_all_that_its_source_holds_also_what_it_received() -> None:
    parts = [component("s/ws", Role.WORKSPACE, originates=[SOURCE]), component("s/db", Role.DATABASE)]
    rows = [
        sends(row("1", "s/ws", "s/db", exists=Truth.UNKNOWN), PROMPT, receives=(USAGE,)),
        row("2", "s/db", "out"),
        row("3", "s/ws", "out"),
    ]
    assert [r.sends_at_most for r in settle(parts, rows, {"2", "3"})] == [(PROMPT,), (PROMPT,), (SOURCE, USAGE)]


def test_a_flow_that_does_not_exist_brings_nothing() -> None:
    parts = [component("s/ws", Role.WORKSPACE, originates=[SOURCE]), component("s/gw", Role.PROXY)]
    rows = [sends(row("1", "s/ws", "s/gw", exists=Truth.NO), SOURCE), row("2", "s/gw", "out")]
    assert settle(parts, rows, {"2"})[1].sends_at_most == ()


def test_an_end_to_end_row_of_a_relay_stays_metadata() -> None:
    parts = [component("s/relay", Role.RELAY, originates=[SOURCE]), component("v/relay", Role.RELAY)]
    rows = [replace(sends(row("1", "s/relay", "v/relay"), DataClass.ORCHESTRATION), end_to_end=True)]
    assert settle(parts, rows, ()) == tuple(rows)


IDS = [f"s/{n}" for n in "abcde"]
ROLES = st.sampled_from([Role.MODEL_GATEWAY, Role.PROXY, Role.DATABASE, Role.MODEL_SERVER])
CLASSES = st.lists(st.sampled_from(list(DataClass)), unique=True, max_size=3).map(tuple)
ROWS = st.lists(
    st.tuples(st.sampled_from(IDS), st.sampled_from(IDS), CLASSES, CLASSES, st.sampled_from(Truth), st.booleans()), max_size=12
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(ROLES, CLASSES), min_size=5, max_size=5), ROWS)
def test_the_fixed_point_is_reached_and_only_adds(
    parts: list[tuple[Role, tuple[DataClass, ...]]],
    drawn: list[tuple[str, str, tuple[DataClass, ...], tuple[DataClass, ...], Truth, bool]],
) -> None:
    made = [component(id_, role, originates=own) for id_, (role, own) in zip(IDS, parts, strict=True)]
    rows = [sends(row(str(n), a, b, exists=e), *s, receives=r) for n, (a, b, s, r, e, _) in enumerate(drawn)]
    open_rows = {str(n) for n, item in enumerate(drawn) if item[5]}
    settled = settle(made, rows, open_rows)
    assert settle(made, settled, open_rows) == settled
    for before, after in zip(rows, settled, strict=True):
        assert set(before.sends_at_most) <= set(after.sends_at_most)
        assert replace(after, sends_at_most=before.sends_at_most) == before
    held = holdings(made, settled)
    assert all(set(own) <= set(held[id_]) for id_, (_, own) in zip(IDS, parts, strict=True))
    assert all(set(r.sends_at_most) <= set(held[r.destination]) for r in settled if r.exists is not Truth.NO)


def test_what_a_proxy_holds_goes_on_to_whoever_has_no_known_role() -> None:
    proxy = component("s/proxy", Role.PROXY, originates=[SOURCE])
    unknown = replace(component("v/thing", Role.DATABASE, inside=False), role=None)
    sink = component("v/sink", Role.TELEMETRY_SINK, inside=False)
    rows = [sends(row("1", "s/proxy", "v/thing"), USAGE), sends(row("2", "s/proxy", "v/sink"), USAGE)]
    assert [r.sends_at_most for r in settle([proxy, unknown, sink], rows, ())] == [(SOURCE, USAGE), (USAGE,)]
    either = replace(rows[1], destination_candidates=("v/sink", "v/thing"))
    assert settle([proxy, unknown, sink], [either], ())[0].sends_at_most == (SOURCE, USAGE)


def test_a_shipper_passes_on_what_it_holds_although_its_role_would_not() -> None:
    parts = [component("s/mirror", Role.DATABASE, originates=[SOURCE], passes_on=True), component("s/relay", Role.RELAY)]
    rows = [sends(row("1", "s/mirror", "s/relay"), USAGE), sends(row("2", "s/relay", "v/model"), USAGE)]
    model = component("v/model", Role.MODEL_SERVER, inside=False)
    assert [r.sends_at_most for r in settle([*parts, model], rows, ())] == [(SOURCE, USAGE), (SOURCE, USAGE)]


def test_every_candidate_of_an_end_holds_what_may_have_come_and_sends_what_it_may_hold() -> None:
    parts = [
        component("s/a", Role.PROXY, originates=[SOURCE]),
        component("s/b", Role.PROXY, originates=[PROMPT]),
        component("v/x", Role.MODEL_SERVER, inside=False),
        component("v/y", Role.MODEL_SERVER, inside=False),
    ]
    either = replace(row("1", "?", "?"), source_candidates=("s/a", "s/b"), destination_candidates=("v/x", "v/y"))
    answered = sends(either, USAGE, receives=(CREDENTIAL,))
    (settled,) = settle(parts, [answered], ())
    assert settled.sends_at_most == (SOURCE, PROMPT, USAGE, CREDENTIAL)
    held = holdings(parts, [settled])
    assert held["v/x"] == held["v/y"] == settled.sends_at_most
    assert {CREDENTIAL} <= {*held["s/a"]} & {*held["s/b"]}
