"""Hosts out of what people write as a destination."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.config.values import HostPort, host_of


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
    ],
)
def test_host_of(text: str, expected: HostPort) -> None:
    assert host_of(text) == expected


@given(st.text())
def test_host_of_takes_any_text(text: str) -> None:
    found = host_of(text)
    assert not (found.name and found.address)
