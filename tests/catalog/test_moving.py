"""Settings that nothing depends on are told apart from those that move a flow."""

from __future__ import annotations

import pytest

from auditor.catalog import load_catalog
from auditor.catalog.moving import idle_settings

CATALOG = load_catalog()


@pytest.mark.parametrize(
    ("product", "idle", "moving"),
    [
        (
            "claude-code",
            {"force_login.organisation", "sandbox.domains"},
            {"known_marketplaces", "bedrock.prefix", "model", "telemetry_off"},
        ),
        ("coder", {"derp.relay_url", "derp.force_websockets", "tls.enable"}, {"derp.stun", "derp.nodes", "telemetry.enable"}),
        ("litellm", set(), {"default_fallbacks", "context_window_fallbacks", "bedrock.region", "models"}),
        ("vllm", set(), {"ray.cluster", "ray.url", "config.path", "model"}),
    ],
)
def test_what_moves_a_flow_is_not_idle(product: str, idle: set[str], moving: set[str]) -> None:
    found = set(idle_settings(CATALOG.product(product)))
    assert idle <= found
    assert not moving & found
