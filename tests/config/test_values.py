"""Hosts out of what people write as a destination."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.catalog.settings import Truthiness
from auditor.config.values import HostPort, host_of, is_truthy, is_yes
from auditor.facts.truth import Truth


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://API.Example.com/v1", HostPort("api.example.com", "", 443)),
        ("http://vllm:8000", HostPort("vllm", "", 8000)),
        ("https://user:pass@proxy.example:3128/x?y#z", HostPort("proxy.example", "", 3128)),
        ("stun.example:19302", HostPort("stun.example", "", 19302)),
        ("http://[2001:db8::1]:9/", HostPort("", "2001:db8::1", 9)),
        ("10.1.2.3", HostPort("", "10.1.2.3", 0)),
        ("/run/socket", HostPort()),
        ("https://${HOST}/", HostPort()),
        ("", HostPort()),
        ("http://evil.example\\@inside.corp.example/v1", HostPort()),
        ("http://inside.corp.example\\.evil.example/", HostPort()),
        ("http://evil.example @inside.corp.example/", HostPort()),
        ("http://evil.example\t@inside.corp.example/", HostPort()),
        ("http://inside.corp.example\x00.evil.example/", HostPort()),
    ],
)
def test_host_of(text: str, expected: HostPort) -> None:
    assert host_of(text) == expected


@pytest.mark.parametrize("text", [" false", "false ", "\tfalse", "fAlSe", ""])
def test_go_refuses_a_boolean_with_anything_around_it(text: str) -> None:
    assert is_truthy(text, Truthiness.GO_BOOL) is Truth.UNKNOWN


@pytest.mark.parametrize(
    ("text", "expected"), [("Yes", Truth.YES), ("off", Truth.NO), ("enabled", Truth.UNKNOWN), ("", Truth.UNKNOWN)]
)
def test_the_yes_and_no_of_an_entry(text: str, expected: Truth) -> None:
    assert is_yes(text) is expected


@given(st.text())
def test_host_of_takes_any_text(text: str) -> None:
    found = host_of(text)
    assert not (found.name and found.address)
