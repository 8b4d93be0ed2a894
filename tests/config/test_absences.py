"""A scope that the manifest states absent and that something names, or that was read, is a conflict and no absence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from auditor.facts.configuration import Configuration
from auditor.facts.vocabulary import UnknownKind

Deploy = Callable[..., Configuration]


def _conflicts(configuration: Configuration) -> list[str]:
    return [g.unknown.text for g in configuration.gaps if g.unknown.kind is UnknownKind.CONFLICT]


STATED = "The manifest states that there is no demo.yaml (absent: config_file (auditor.yaml:1))"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"demo.env": "DEMO_CONFIG=/etc/demo.yaml\n"}, f"{STATED}, and DEMO_CONFIG=/etc/demo.yaml at demo.env:1"),
        (
            {"demo.service": "[Service]\nExecStart=/bin/demo serve --config=/etc/demo.yaml\n"},
            f"{STATED}, and --config=/etc/demo.yaml at demo.service:2",
        ),
        (
            {"demo.env": "DEMO_X=1\n", "conf/demo.yaml": "telemetry: {enable: false}\n"},
            f"{STATED}, and conf/demo.yaml is one",
        ),
    ],
)
def test_evidence_of_use_contradicts_the_statement(deploy: Deploy, files: dict[str, str], told: str) -> None:
    assert _conflicts(deploy(files)) == [told]


@pytest.mark.parametrize(
    ("files", "absent"),
    [
        ({"demo.env": "DEMO_X=1\n"}, ("flags", "config_file")),
        ({"demo.env": "DEMO_CONFIG=\n"}, ("flags", "config_file")),
        ({"demo.service": "[Service]\nExecStart=/bin/demo serve --telemetry=false\n"}, ("flags", "config_file")),
        ({"demo.env": "DEMO_CONFIG=/etc/demo.yaml\n"}, ("flags",)),
    ],
)
def test_nothing_contradicts_what_nothing_names(deploy: Deploy, files: dict[str, str], absent: Sequence[str]) -> None:
    assert _conflicts(deploy(files, absent=absent)) == []
