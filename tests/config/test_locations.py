"""Google's addresses name a location twice: where host and path differ, the host proves nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.config.locations import location_conflict
from tests.catalog.bench import Bench

REGIONAL = "europe-west4-aiplatform.googleapis.com"


@pytest.mark.parametrize(
    ("path", "host", "speaks_against_it"),
    [
        ("/v1/projects/p/locations/europe-west4/publishers", REGIONAL, False),
        ("/v1/projects/p/locations/EUROPE-WEST4", REGIONAL, False),
        ("/v1", REGIONAL, False),
        ("", REGIONAL, False),
        ("/v1/projects/p/locations/us-central1", REGIONAL, True),
        ("/v1/projects/p/locations/global", REGIONAL, True),
        ("/v1/projects/p/locations/global", "aiplatform.googleapis.com", False),
        ("/v1/projects/p/locations/europe-west4", "aiplatform.googleapis.com", True),
        ("/v1/projects/p/locations/eu", "aiplatform.eu.rep.googleapis.com", False),
        ("/v1/projects/p/locations/us", "aiplatform.eu.rep.googleapis.com", True),
        ("/v1/projects/p/locations/us", "vertex.corp.example", False),
    ],
)
def test_host_and_path_must_agree(path: str, host: str, speaks_against_it: bool) -> None:
    assert bool(location_conflict(f"https://{host}{path}", host)) is speaks_against_it


@pytest.mark.parametrize(("location", "agrees"), [("europe-west4", True), ("us-central1", False)])
@pytest.mark.parametrize("product", ["litellm", "claude-code"])
def test_a_conflict_reaches_the_flow(tmp_path: Path, product: str, location: str, agrees: bool) -> None:
    url = f"https://{REGIONAL}/v1/projects/p/locations/{location}"
    files: dict[str, tuple[str, Any]] = {}
    env = {"CLAUDE_CODE_USE_VERTEX": "1", "CLOUD_ML_REGION": "europe-west4", "ANTHROPIC_VERTEX_BASE_URL": url}
    if product == "litellm":
        env = {"LITELLM_OFFLINE_MODE": "true"}
        entry = {"model_name": "m", "litellm_params": {"model": "vertex_ai/x", "api_base": url}}
        files = {"litellm.yaml": ("", {"model_list": [entry]})}
    image, version = ("corp/claude", "2.1.330") if product == "claude-code" else ("ghcr.io/berriai/litellm:v1.109.1", "1.109.1")
    words = ("claude",) if product == "claude-code" else ()
    bench = Bench(product=product, version=version, image=image, command=words, env=env, files=files)
    flows = bench.flows(tmp_path)
    found = [f for f in flows.values() if f.destination.name == REGIONAL]
    assert found
    assert {bool(f.processing_reason and "path of the address" in f.processing_reason) for f in found} == {not agrees}
