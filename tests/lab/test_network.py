"""Namespaces are removed whatever happens, and only those that the lab made."""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Iterator

import pytest

from fixtures.lab.deployments import SCENARIOS
from fixtures.lab.network import LabError, Network, run
from fixtures.lab.record import missing
from fixtures.lab.scenario import Node

pytestmark = pytest.mark.root
FOREIGN = "aud-not-of-the-lab"


@pytest.fixture
def foreign() -> Iterator[str]:
    """Make a namespace that looks like one of the lab and is not."""
    lacks = missing()
    if lacks:
        pytest.skip(f"the lab cannot run here: it lacks {', '.join(lacks)}")
    run("ip", "netns", "add", FOREIGN)
    yield FOREIGN
    run("ip", "netns", "delete", FOREIGN)


def _namespaces() -> set[str]:
    listed = subprocess.run(["ip", "netns", "list"], check=True, capture_output=True, text=True, timeout=10).stdout
    return {line.split()[0] for line in listed.splitlines() if line}


def test_what_was_built_is_removed_and_the_rest_is_left_alone(foreign: str) -> None:
    scenario = SCENARIOS["cursor-self-hosted-workers"]()
    with Network(scenario) as network:
        assert {network.router, *(network.namespace(node) for node in scenario.inside), foreign} <= _namespaces()
        router = network.router
    assert router not in _namespaces()
    assert foreign in _namespaces()


def test_a_failure_half_way_removes_what_was_made(foreign: str) -> None:
    broken = Node("broken", "broken", ("not-an-address/16",))
    scenario = SCENARIOS["cursor-self-hosted-workers"]()
    network = Network(dataclasses.replace(scenario, inside=(*scenario.inside, broken)))
    with pytest.raises(LabError, match="not-an-address"):
        network.__enter__()
    assert not {name for name in _namespaces() if name.startswith(network.router.removesuffix("router"))}
    assert foreign in _namespaces()
