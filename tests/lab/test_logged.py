"""A fresh recording of a deployment that has logs: real programs, both sides of the router, and every flow once."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from auditor.facts.observation import CaptureSource, ObservedEdge
from auditor.traffic import log_source, observe
from fixtures.lab import plan
from fixtures.lab.logged import AGENT, EVENTS, PROGRAMS, PROXY, record_logged
from fixtures.lab.record import missing
from fixtures.lab.recorder import INSIDE, PERIMETER

pytestmark = [pytest.mark.root, pytest.mark.slow]
LOGS = ("vpc.log", "access.log", EVENTS)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], tuple[ObservedEdge, ...]]:
    """Record once; return what the agent did and what is seen of it."""
    lacks = (*missing(), *(name for name in PROGRAMS if shutil.which(name) is None))
    if lacks:
        pytest.skip(f"the lab cannot run here: it lacks {', '.join(lacks)}")
    folder: Path = tmp_path_factory.mktemp("logged")
    done = record_logged(folder)
    captures = [CaptureSource(name, str(folder / name), name, ("corp",)) for name in (INSIDE, PERIMETER)]
    return done, observe([*captures, *(log_source(name, str(folder / name)) for name in LOGS)]).edges


def test_every_connection_of_the_agent_is_one_flow_with_all_who_saw_it(
    recording: tuple[list[dict[str, Any]], tuple[ObservedEdge, ...]],
) -> None:
    done, edges = recording
    asked = Counter((ask["hosts"][0] if ask["kind"] == "get" else ask["host"]) for ask in done)
    mine = {e.destination.name: e for e in edges if e.source.address == AGENT and e.destination.port != 53}
    beside = mine.pop("api.github.com")  # the second name on one connection, which packets do not name
    assert (beside.flows, beside.source_ids) == (1, ("access.log",))
    assert {name: edge.flows for name, edge in mine.items()} == dict(asked)
    saw = {name: set(edge.source_ids) for name, edge in mine.items()}
    assert saw.pop("telemetry.coder.com") == {INSIDE, PERIMETER, "vpc.log", EVENTS}
    assert all(sources == {INSIDE, "vpc.log", "access.log", EVENTS} for sources in saw.values())


def test_every_connection_of_the_proxy_is_one_flow_on_both_sides_of_the_router(
    recording: tuple[list[dict[str, Any]], tuple[ObservedEdge, ...]],
) -> None:
    _, edges = recording
    own = [e for e in edges if e.source.address == PROXY and e.destination.port != 53]
    assert {e.destination.name for e in own} == {"api.anthropic.com", "api.openai.com", "registry.terraform.io", "api.github.com"}
    assert all(set(e.source_ids) == {INSIDE, PERIMETER, *LOGS} for e in own)
    assert not [e for e in edges if e.source.address == plan.LINK_ROUTER]
