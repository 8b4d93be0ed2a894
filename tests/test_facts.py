"""Words, three-valued logic and host names: the ground that every stage stands on."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.facts.addresses import covers, is_loopback, parse_network
from auditor.facts.hosts import host_matches, is_address, normalise_host, pattern_rank
from auditor.facts.truth import Truth, all_of, any_of, negate
from auditor.facts.vocabulary import DataClass, expand_data_classes

TRUTHS = st.sampled_from(Truth)


@pytest.mark.parametrize(("left", "right"), list(itertools.product(Truth, repeat=2)))
def test_kleene_tables(left: Truth, right: Truth) -> None:
    order = {Truth.NO: 0, Truth.UNKNOWN: 1, Truth.YES: 2}
    back = {number: truth for truth, number in order.items()}
    assert all_of([left, right]) is back[min(order[left], order[right])]
    assert any_of([left, right]) is back[max(order[left], order[right])]
    assert order[negate(left)] == 2 - order[left]


@given(st.lists(TRUTHS))
def test_de_morgan(values: list[Truth]) -> None:
    assert negate(all_of(values)) is any_of(negate(v) for v in values)


def test_a_truth_refuses_to_be_a_boolean() -> None:
    with pytest.raises(TypeError, match="not a boolean"):
        bool(Truth.UNKNOWN)


def test_a_group_covers_every_class_below_it() -> None:
    assert expand_data_classes(["telemetry"]) == (DataClass.DIAGNOSTIC, DataClass.ERROR)
    assert expand_data_classes(["content.prompt", "secret"]) == (DataClass.PROMPT, DataClass.CREDENTIAL)


@pytest.mark.parametrize("name", ["prompt", "contents", "content.", "", "content.prompts"])
def test_an_unknown_data_class_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="unknown data class"):
        expand_data_classes([name])


@pytest.mark.parametrize(
    ("pattern", "host", "expected"),
    [
        ("*.cursor.sh", "api2.cursor.sh", True),
        ("*.cursor.sh", "agent.api5.cursor.sh", True),
        ("*.cursor.sh", "cursor.sh", False),
        ("*.cursor.sh", "evil-cursor.sh", False),
        ("*.cursor.sh", "api2.cursor.sh.evil.example", False),
        ("api.cursor.com", "api.cursor.com", True),
        ("api.cursor.com", "xapi.cursor.com", False),
        ("api.cursor.com", "apixcursor.com", False),
        ("{region}-aiplatform.googleapis.com", "europe-west4-aiplatform.googleapis.com", True),
        ("{region}-aiplatform.googleapis.com", "a.b-aiplatform.googleapis.com", False),
        ("bedrock-runtime.{region}.amazonaws.com", "bedrock-runtime.eu-central-1.amazonaws.com", True),
        ("bedrock-runtime.{region}.amazonaws.com", "bedrock-runtime.amazonaws.com", False),
    ],
)
def test_host_patterns_match_label_by_label(pattern: str, host: str, expected: bool) -> None:
    assert host_matches(pattern, host) is expected


def test_the_more_specific_pattern_ranks_higher() -> None:
    ordered = ["*.cursor.sh", "*.api5.cursor.sh", "agent.api5.cursor.sh"]
    assert sorted(set(ordered), key=pattern_rank) == ordered


@pytest.mark.parametrize(
    ("raw", "normal"),
    [("API2.Cursor.SH.", "api2.cursor.sh"), ("bücher.example", "xn--bcher-kva.example"), (" a.b ", "a.b")],
)
def test_host_names_have_one_form(raw: str, normal: str) -> None:
    assert normalise_host(raw) == normal


def test_addresses_are_told_from_names() -> None:
    assert [is_address(t) for t in ("10.0.0.1", "[::1]", "::1", "a.b", "1.2.3")] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("10.20.0.7/16", "10.20.0.0/16"),
        ("[fd00:20::1]", "fd00:20::1/128"),
        ("::ffff:10.20.0.0/112", "10.20.0.0/16"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::/0", "::/0"),
        ("::ffff:0:0/95", "::fffe:0:0/95"),
    ],
)
def test_a_network_of_mapped_addresses_is_the_one_that_it_maps(text: str, network: str) -> None:
    assert str(parse_network(text)) == network


@pytest.mark.parametrize("text", ["", "corp", "10.20.0.0/33", "10.20.0"])
def test_what_is_no_network(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear"):
        parse_network(text)


def test_networks_of_different_versions_never_cover_each_other() -> None:
    four, six, part = (parse_network(n) for n in ("0.0.0.0/0", "::/0", "10.0.0.0/8"))
    assert [covers(a, b) for a in (four, six, part) for b in (four, six, part)] == [
        True,
        False,
        True,
        False,
        True,
        False,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "model.localhost",
        "ip6-localhost",
        "127.0.0.1",
        "127.9.9.9",
        "::1",
        "[::1]",
        "0.0.0.0",  # noqa: S104
        "::",
        "::ffff:127.0.0.1",
    ],
)
def test_the_machine_itself(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "localhost.example", "mylocalhost", "10.0.0.1", "127.0.0.0/8", "::2", "fe80::1"])
def test_another_machine(host: str) -> None:
    assert not is_loopback(host)
