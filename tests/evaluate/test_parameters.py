"""Values of parameters: what is refused, and which way is looser."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.errors import InvalidInputError
from auditor.evaluate import load_profile
from auditor.evaluate.parameters import STRENGTHS, check_value, loosens, refuse_unknown
from auditor.facts.profile import Parameter


@pytest.mark.parametrize(
    ("name", "values", "fault"),
    [
        ("allowed_countries", (), "has no value"),
        ("allowed_countries", ("DE", ""), "has no value"),
        ("allowed_countries", ("DE", "FR"), ""),
        ("exercised_channels", ("1",), ""),
        ("exercised_channels", ("120000",), ""),
        ("exercised_channels", ("0",), "whole number from 1"),
        ("exercised_channels", ("1.5",), "whole number from 1"),
        ("exercised_channels", ("1", "2"), "whole number from 1"),
        ("minimum_strength", ("sandbox",), ""),
        ("minimum_strength", ("strong",), "is one of advisory"),
        ("minimum_strength", ("sandbox", "no_route"), "is one of advisory"),
        ("max_age", ("30d",), ""),
        ("max_age", ("30d", "1h"), "is one duration"),
        ("max_age", ("0h",), "longer than nothing"),
        ("anything", ("1", "2"), ""),
    ],
)
def test_what_is_wrong_with_a_value(name: str, values: tuple[str, ...], fault: str) -> None:
    found = check_value(name, values)
    assert fault in found
    assert bool(found) is bool(fault)


@pytest.mark.parametrize(
    ("name", "before", "after", "looser"),
    [
        ("observed_window", "24h", "23h", True),
        ("observed_window", "24h", "1d", False),
        ("observed_window", "24h", "25h", False),
        ("max_age", "30d", "31d", True),
        ("max_age", "30d", "30d", False),
        ("max_age", "30d", "29d", False),
        ("exercised_channels", "2", "1", True),
        ("exercised_channels", "2", "2", False),
        ("exercised_channels", "2", "10", False),
        *(("minimum_strength", a, b, STRENGTHS.index(b) < STRENGTHS.index(a)) for a in STRENGTHS for b in STRENGTHS),
        ("allowed_countries", "DE FR", "DE", False),
        ("allowed_countries", "DE FR", "FR DE", False),
        ("allowed_countries", "DE FR", "DE US", True),
        ("allowed_countries", "DE FR", "DE FR US", True),
        ("mode", "a", "a", False),
        ("mode", "a", "b", True),
    ],
)
def test_which_way_is_looser(name: str, before: str, after: str, looser: bool) -> None:
    assert loosens(Parameter(name, tuple(before.split())), tuple(after.split())) is looser


def test_a_change_of_a_parameter_that_no_profile_has_is_refused_with_those_that_there_are() -> None:
    profile = load_profile("air-gapped")
    refuse_unknown((profile,), (("observed_window", "1h", "why"),), "auditor.yaml")
    refuse_unknown((replace(profile, controls=()),), (("observed_window", "1h", "why"),), "auditor.yaml")
    with pytest.raises(InvalidInputError) as raised:
        refuse_unknown((profile,), (("typo", "1h", "why"),), "auditor.yaml")
    (told,) = raised.value.diagnostics()
    assert told.next_step.startswith("known here: ")
    assert "observed_window" in told.next_step
    with pytest.raises(InvalidInputError) as raised:
        refuse_unknown((), (("typo", "1h", "why"),), "auditor.yaml")
    assert raised.value.diagnostics()[0].next_step == "known here: none"
