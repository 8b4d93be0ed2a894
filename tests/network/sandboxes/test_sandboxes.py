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


PROFILE = """\
approval_policy = "never"
default_permissions = "mine"
[features]
network_proxy = true
[permissions.mine.network]
enabled = true
[permissions.mine.network.domains]
"api.example" = "allow"
"*.vendor.example" = "allow"
"**.both.example" = "allow"
"bad.vendor.example" = "deny"
"""


def test_a_permission_profile_of_codex_with_its_proxy_allows_and_denies_names() -> None:
    found = codex(PROFILE)
    names = ("api.example", "x.api.example", "a.vendor.example", "vendor.example", "both.example", "a.both.example")
    answers = [reaches(found, ADDRESS, tcp(443), name=n) for n in names]
    assert answers == [YES, UNKNOWN, YES, UNKNOWN, YES, YES]
    assert reaches(found, ADDRESS, tcp(443), name="bad.vendor.example") is NO


@pytest.mark.parametrize(
    ("change", "truth"),
    [
        (("network_proxy = true", "network_proxy = false"), YES),
        (("enabled = true", "enabled = false"), NO),
        (("enabled = true\n", ""), NO),
        (('default_permissions = "mine"', 'default_permissions = "other"'), UNKNOWN),
        (("[permissions.mine.network]", '[permissions.mine]\nextends = "x"\n[permissions.mine.network]'), UNKNOWN),
        (('default_permissions = "mine"', 'default_permissions = ":workspace"'), NO),
        (('default_permissions = "mine"', 'default_permissions = ":danger-full-access"'), YES),
        (('default_permissions = "mine"', 'default_permissions = "mine"\nsandbox_mode = "danger-full-access"'), YES),
        (('approval_policy = "never"', 'approval_policy = "on-request"'), UNKNOWN),
    ],
)
def test_a_permission_profile_counts_as_codex_reads_it(change: tuple[str, str], truth: Truth) -> None:
    assert reaches(codex(PROFILE.replace(*change)), ADDRESS, tcp(443), name="other.example") is truth


@pytest.mark.parametrize(
    "files",
    [
        {
            "vars__env": "COPILOT_AGENT_FIREWALL_ENABLED=true\nCOPILOT_AGENT_FIREWALL_ALLOW_LIST_ADDITIONS=a.example, https://b.example/x\n"
        },
        {
            "vars__json": '{"variables": [{"name": "COPILOT_AGENT_FIREWALL_ALLOW_LIST_ADDITIONS", "value": "a.example,https://b.example/x"}]}'
        },
        {"copilot-setup-steps__yml": "env:\n  COPILOT_AGENT_FIREWALL_ALLOW_LIST: a.example,https://b.example/x\n"},
    ],
)
def test_the_firewall_of_copilots_cloud_agent_allows_its_list_and_denies_nothing_for_sure(files: dict[str, str]) -> None:
    found = next(g for g in all_governed(**files) if g.subject.id == "copilot/commands")
    names = ("a.example", "x.a.example", "b.example", "x.b.example", "other.example")
    assert [reaches(found, ADDRESS, tcp(443), name=n) for n in names] == [YES, UNKNOWN, YES, UNKNOWN, UNKNOWN]
    assert any("MCP servers" in text for text in found.layers[0].assumed)
    assert not found.restricts


def test_the_firewall_of_copilots_cloud_agent_may_be_off() -> None:
    text = "COPILOT_AGENT_FIREWALL_ENABLED=false\nCOPILOT_AGENT_FIREWALL_ALLOW_LIST=a.example\n"
    found = next(g for g in all_governed(vars__env=text) if g.subject.id == "copilot/commands")
    assert (reaches(found, ADDRESS, tcp(443), name="other.example"), reasons(found, ADDRESS)[-1]) == (YES, "the firewall is off")


def test_the_deciding_setting_has_its_place() -> None:
    found = codex('approval_policy = "never"\nsandbox_mode = "read-only"\n')
    assert reasons(found, ADDRESS) == ["read-only has no network"]
    place = outcome(found, ADDRESS).decision.steps[0].location
    assert place is not None
    assert (place.path, place.line) == ("config.toml", 2)
    assert not found.restricts
