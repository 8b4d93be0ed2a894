from __future__ import annotations

import dataclasses

from auditor.facts.assessment import Assessment
from auditor.report.recipients import recipients
from auditor.report.view import build_view
from auditor.report.view_flows import INSIDE
from auditor.report.view_ledger import LedgerGroup, Received

_NONE = Received((), (), None, None, 0, seen=False)


def _group(**values: object) -> LedgerGroup:
    plain = LedgerGroup(
        operator_id="acme",
        operator="Acme",
        law="law of US",
        hosted_by="",
        countries="US",
        storage=(),
        retention=(),
        sub_processors=(),
        contracts=(),
        note="",
        where="outside the perimeter",
        data="",
        total="",
        received=_NONE,
        channels=(),
    )
    return dataclasses.replace(plain, **values)  # type: ignore[arg-type]


def _received(*, sure: tuple[str, ...] = (), may: tuple[str, ...] = (), to: int | None = None) -> Received:
    return Received(sure, (*sure, *may), to, 0 if to is not None else None, 0, seen=to is not None)


def test_each_operator_has_one_line_over_all_its_countries_and_machines() -> None:
    groups = (
        _group(received=_received(sure=("content.prompt",), to=1_000)),
        _group(countries="not known", hosted_by="Cloud", received=_received(may=("content.voice",), to=500)),
    )
    (only,) = recipients(groups)
    assert (only.law, only.processing, only.under) == ("US", "US, partly not known", "partly on machines of Cloud")
    assert (only.data, only.total) == ("prompts; possibly also voice", "1.5 kB to it, 0 B back")
    (second,) = recipients(groups[1:])
    assert (second.law, second.processing, second.under) == ("US", "not known", "on machines of Cloud")


def test_bytes_of_which_no_kind_is_named_are_not_called_nothing() -> None:
    (seen,) = recipients((_group(received=_received(to=800)),))
    assert (seen.data, seen.total) == ("bytes seen, but no kind of data is named for them", "800 B to it, 0 B back")
    (unseen,) = recipients((_group(),))
    assert (unseen.data, unseen.total) == ("no named kind of data", "no data seen")


def test_whoever_surely_gets_data_comes_first_then_by_bytes() -> None:
    def named(name: str, received: Received) -> LedgerGroup:
        return _group(operator_id=name, operator=name, received=received)

    groups = (
        named("may", _received(may=("content.prompt",))),
        named("little", _received(to=1)),
        named("much", _received(to=2)),
        named("configured", _received(sure=("content.prompt",))),
    )
    assert [r.operator for r in recipients(groups)] == ["much", "little", "configured", "may"]


def test_who_is_inside_is_none_and_who_is_not_known_is_one(coder: Assessment) -> None:
    assert recipients((_group(where=INSIDE),)) == ()
    channel = next(c for g in build_view(coder).ledger for c in g.channels)
    hosts = tuple(dataclasses.replace(channel, recipient_label=f"host{n}.example") for n in (1, 2, 2, 3, 4, 5))
    (stranger,) = recipients(
        (_group(operator_id="", operator="operator not known", law="jurisdiction not known", where="?", channels=hosts),)
    )
    assert (stranger.law, stranger.under) == ("not known", "?; host1.example, host2.example, host3.example and 2 more")
    groups = build_view(coder).ledger
    outside = {(g.operator, g.where) for g in groups if g.where != INSIDE}
    assert len(recipients(groups)) == len(outside)
