"""Allowlists of agent tools: what their commands reach, by each tool's own meaning of a name."""

from __future__ import annotations

import json

import pytest

from auditor.facts.truth import Truth
from auditor.network import ALL, ICMP, Governed, read_governed
from tests.network.bench import tcp, udp
from tests.network.rule_sets import all_governed, documents, governed, outcome, reaches, reasons

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
ADDRESS = "203.0.113.7"


def boundary(*rules: str) -> Governed:
    """Return what an allowlist of Coder's firewall says."""
    return governed("boundary", config__yaml="allowlist:\n" + "".join(f"  - {json.dumps(r)}\n" for r in rules))


def claude(settings: str, name: str = "managed-settings.json", **more: str) -> Governed:
    """Return what settings of Claude Code say of its commands."""
    files = {name: settings, **{k.replace("__", "."): v for k, v in more.items()}}
    (found,) = read_governed(documents(files))
    return found


def codex(text: str) -> Governed:
    """Return what a configuration of Codex says of its commands."""
    return governed("codex/commands", config__toml=text)


@pytest.mark.parametrize(
    ("rule", "host", "truth"),
    [
        ("domain=github.com", "github.com", YES),
        ("domain=github.com", "api.github.com", UNKNOWN),
        ("domain=github.com", "github.com.evil.example", NO),
        ("domain=*.github.com", "v1.api.github.com", YES),
        ("domain=*.github.com", "github.com", NO),
        ("domain=api.*.com", "api.vendor.com", YES),
        ("method=GET path=/api/*", "any.example", YES),
        ("method=GET,POST domain=api.vendor.example path=/v1/*", "api.vendor.example", YES),
        ("domain=*", "any.example", YES),
    ],
)
def test_rules_of_the_agent_firewall_mean_what_its_source_says(rule: str, host: str, truth: Truth) -> None:
    assert reaches(boundary(rule), ADDRESS, tcp(443), name=host) is truth


def test_the_agent_firewall_denies_what_no_rule_takes_and_is_a_sandbox() -> None:
    found = boundary("domain=github.com")
    assert outcome(found, ADDRESS, "evil.example").strength(tcp(443)) == "sandbox"
    assert [reaches(found, ADDRESS, c, name="evil.example") for c in (udp(53), ICMP)] == [UNKNOWN, UNKNOWN]
    assert reaches(found, ADDRESS, tcp(443)) is UNKNOWN


def test_a_list_of_something_else_is_no_firewall() -> None:
    assert all_governed(config__yaml="allowlist: [alice, bob]\n") == ()


CLOSED = """\
{"sandbox": {"enabled": true, "allowUnsandboxedCommands": false, "network": {
  "allowManagedDomainsOnly": true,
  "allowedDomains": ["*.vendor.example", "git.example:443"],
  "deniedDomains": ["bad.vendor.example"]
}}}
"""


def test_managed_settings_of_claude_code_can_close_its_sandbox() -> None:
    found = claude(
        CLOSED, settings__json='{"sandbox": {"allowUnsandboxedCommands": false, "network": {"allowedDomains": ["mine.example"]}}}'
    )
    asked = [
        ("api.vendor.example", 443),
        ("bad.vendor.example", 443),
        ("git.example", 443),
        ("git.example", 22),
        ("mine.example", 443),
    ]
    assert [reaches(found, ADDRESS, tcp(p), name=h) for h, p in asked] == [YES, NO, YES, NO, NO]
    assert outcome(found, ADDRESS, "other.example").strength(tcp(443)) == "sandbox"
    assert any("MCP servers" in text for text in found.layers[0].assumed)


@pytest.mark.parametrize(
    "change",
    [
        ('"allowManagedDomainsOnly": true', '"allowManagedDomainsOnly": false'),
        ('"allowUnsandboxedCommands": false', '"allowUnsandboxedCommands": true'),
        ('"allowUnsandboxedCommands": false', '"allowUnsandboxedCommands": false, "excludedCommands": ["docker"]'),
    ],
)
def test_a_sandbox_that_asks_or_lets_commands_out_denies_nothing(change: tuple[str, str]) -> None:
    assert reaches(claude(CLOSED.replace(*change)), ADDRESS, tcp(443), name="other.example") is UNKNOWN


def test_a_sandbox_that_is_off_or_only_the_users_closes_nothing() -> None:
    assert (
        reaches(claude(CLOSED.replace('"enabled": true', '"enabled": false')), ADDRESS, tcp(443), name="bad.vendor.example")
        is YES
    )
    assert reaches(claude(CLOSED, "settings.json"), ADDRESS, tcp(443), name="other.example") is UNKNOWN
    assert all_governed(settings__json='{"model": "x"}') == ()


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ('sandbox_mode = "read-only"\napproval_policy = "never"', NO),
        ('sandbox_mode = "workspace-write"\napproval_policy = "never"', NO),
        ('sandbox_mode = "workspace-write"', UNKNOWN),
        ('sandbox_mode = "workspace-write"\napproval_policy = "on-request"', UNKNOWN),
        ('sandbox_mode = "workspace-write"\n[sandbox_workspace_write]\nnetwork_access = true', YES),
        ('sandbox_mode = "danger-full-access"\napproval_policy = "never"', YES),
        ('default_permissions = "mine"\napproval_policy = "never"', UNKNOWN),
        ('sandbox_mode = "of-tomorrow"\napproval_policy = "never"', UNKNOWN),
    ],
)
def test_the_mode_of_codex_decides_on_all_traffic(text: str, truth: Truth) -> None:
    assert reaches(codex(text), ADDRESS, ALL) is truth


def test_the_deciding_setting_has_its_place() -> None:
    found = codex('approval_policy = "never"\nsandbox_mode = "read-only"\n')
    assert reasons(found, ADDRESS) == ["read-only has no network"]
    place = outcome(found, ADDRESS).decision.steps[0].location
    assert place is not None
    assert (place.path, place.line) == ("config.toml", 2)
    assert not found.restricts
