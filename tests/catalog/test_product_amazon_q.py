"""Amazon Q Developer: what it does as it comes, and every switch both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.catalog.bench import ON, Bench, Outward, Turn

Q_TELEMETRY: Outward = {
    "telemetry:client-telemetry.us-east-1.amazonaws.com": ("client-telemetry.us-east-1.amazonaws.com", ON),
    "telemetry:cognito-identity.us-east-1.amazonaws.com": ("cognito-identity.us-east-1.amazonaws.com", ON),
}
Q_SERVICE: Outward = {
    "inference": ("q.us-east-1.amazonaws.com", ON),
    "sharing": ("q.us-east-1.amazonaws.com", ON),
    "telemetry.service": ("q.us-east-1.amazonaws.com", ON),
}
Q_UPDATES = (
    "aws-language-servers.us-east-1.amazonaws.com",
    "aws-toolkit-language-servers.amazonaws.com",
    "desktop-release.q.us-east-1.amazonaws.com",
    "idetoolkits-hostedfiles.amazonaws.com",
    "idetoolkits.amazonwebservices.com",
)
BENCH = Bench(
    product="amazon-q",
    version="1.0",
    image="corp/q",
    command=("q", "chat"),
    files={"amazon-q/settings.json": ("", {})},
    facts={"code_scan": "off"},
)
START: Outward = {
    **Q_SERVICE,
    **Q_TELEMETRY,
    "inference.old": ("codewhisperer.us-east-1.amazonaws.com", ON),
    "sign-in": ("oidc.us-east-1.amazonaws.com", ON),
    **{f"update:{host}": (host, ON) for host in Q_UPDATES},
}
TURNS = (
    Turn(files={"amazon-q/settings.json": ("", {"telemetry.enabled": False})}, vanishes=Q_TELEMETRY),
    # Sent all the same, marked as opted out.
    Turn(files={"amazon-q/settings.json": ("", {"codeWhisperer.shareCodeWhispererContentWithAWS": False})}),
    Turn(
        files={"amazon-q/settings.json": ("", {"api.q.service": {"endpoint": "https://q.corp.example", "region": "us-east-1"}})},
        vanishes=Q_SERVICE,
    ),
    Turn(env={"Q_DISABLE_TELEMETRY": ""}, vanishes=Q_TELEMETRY),
    Turn(env={"AMAZON_Q_SIGV4": "1"}, vanishes={"telemetry.service": ("q.us-east-1.amazonaws.com", ON)}),
    Turn(
        facts={"code_scan": "on"},
        appears={
            f"{flow}:{host}": (host, ON)
            for flow, hosts in {
                "code-scan": (
                    "amazonq-code-scan-us-east-1-29121b44f7b.s3.amazonaws.com",
                    "amazonq-code-scan-eu-central-1-9374e402cc5.s3.amazonaws.com",
                ),
                "code-transformation": (
                    "amazonq-code-transformation-us-east-1-c6160f047e0.s3.amazonaws.com",
                    "amazonq-code-transformation-eu-central-1-a0a89cc2b94.s3.amazonaws.com",
                ),
            }.items()
            for host in hosts
        },
    ),
)


def test_it_comes_with_exactly_these_flows(tmp_path: Path) -> None:
    assert BENCH.outward(tmp_path) == START


@pytest.mark.parametrize("turn", TURNS)
def test_a_switch_moves_exactly_its_flows(tmp_path: Path, turn: Turn) -> None:
    assert turn.moved(BENCH, START, tmp_path) == (turn.appears, turn.vanishes)
