"""A Coder deployment that calls itself air-gapped and is not: leaks, a shared channel, a hidden name, a waiver."""

from __future__ import annotations

from auditor.facts import assessment as a
from tests.report import samples as s

CONTENT = ("content.prompt", "content.source_code", "content.tool_io")
ANYTHING = ("content.source_code", "content.prompt", "metadata.repository", "identity.user", "secret.credential")
INSIDE = (
    s.component(
        "coder/control-plane", "Coder control plane", "control_plane", "dashboard_api", s.place(), licence="AGPL-3.0-only"
    ),
    s.component("coder/database", "PostgreSQL", "control_plane", "database", s.place()),
    s.component("coder/agent-loop", "Coder Agents loop", "agent_loop", "agent_loop", s.place(), holds=CONTENT),
    s.component("llm/gateway", "LiteLLM gateway", "inference", "model_gateway", s.place(), holds=CONTENT),
    s.component("llm/model-server", "vLLM", "inference", "model_server", s.place(), holds=CONTENT),
    s.component("coder/workspace", "Workspace", "execution", "workspace", s.place("dev"), holds=ANYTHING),
    s.component("git/server", "Git server", "supporting", "source_control", s.place(), holds=("content.source_code",)),
)
OUTSIDE = (
    s.component("anthropic/model_server", "Anthropic API", "inference", "model_server", s.outside("anthropic", "US", "US")),
    s.component(
        "anthropic/telemetry_sink", "Anthropic event logging", "supporting", "telemetry_sink", s.outside("anthropic", "US")
    ),
    s.component(
        "coder-inc/telemetry_sink", "Coder telemetry", "supporting", "telemetry_sink", s.outside("coder-inc", "US", "US")
    ),
    s.component("github/update_service", "GitHub releases", "supporting", "update_service", s.outside("github", "US")),
    s.component("google/relay", "Google STUN", "supporting", "relay", s.outside("google", "US")),
    s.component(
        "host:files.transfer.example",
        "files.transfer.example",
        "",
        "",
        a.PlaceRecord("no", "", "", (), (), "", "", "nothing names its operator"),
    ),
    s.component(
        "addr:203.0.113.77", "203.0.113.77", "", "", a.PlaceRecord("unknown", "", "", (), (), "", "", "name hidden by ECH")
    ),
)
CONTRACTS = (
    a.ContractRecord(
        *("MSA-2025/17", "anthropic", "0000EXAMPLEVENDOR125", "LEI", "0000EXAMPLEBANK00121", "F-12", "S19"),
        *("2025-03-01", "2027-02-28", "", "90", "180", "IE", "IE", "High", "Material reliance"),
        *(("google", "Example Support Ltd"), "auditor.yaml", 40),
    ),
    a.ContractRecord(
        *("ORDER-9", "nobody-reaches-it", "", "", "", "", "", "", "", "", "", "", "", "", "", ""), (), "auditor.yaml", 58
    ),
)
"""One with a provider that data reaches, one with a provider that no flow reaches."""
EVIDENCE = (
    s.at_line(1, "config/coder.env", 4, 24, "CODER_TELEMETRY_ENABLE=true", "telemetry is switched on"),
    s.in_frames(2, "telemetry.coder.com", 48211, 9120, 118, 119, 121),
    s.at_line(
        3, "config/litellm.yaml", 17, 7, "- model: anthropic/claude-sonnet", "a fallback of the local model goes to Anthropic"
    ),
    s.in_frames(4, "api.anthropic.com", 1840233, 733120, 402, 403, 410, 411, 415),
    s.at_line(
        5,
        "workspace/.claude/settings.json",
        3,
        5,
        '"env": {"ANTHROPIC_BASE_URL": "https://api.anthropic.com"}',
        "Claude Code talks to its vendor",
    ),
    s.in_frames(6, "files.transfer.example", 5400122, 2110, 902, 903),
    s.in_frames(7, "", 22040, 18000, 1201, 1202),
    s.in_frames(8, "stun.l.google.com", 220, 260, 77, 78),
    a.EvidenceRecord(
        "E-9",
        "catalog",
        "configured",
        "update check is on unless CODER_UPDATE_CHECK is false",
        "catalog/products/coder.yaml",
        s.digest("coder.yaml"),
        fact="flows.update_check",
        source="coder documentation, air-gapped installation",
        publisher="Coder Technologies",
        relation="vendor",
        grade="vendor",
        date="2026-09-14",
    ),
    a.EvidenceRecord(
        "E-10",
        "statement",
        "declared",
        "no data leaves the corporate network",
        "docs/architecture.pdf",
        s.digest("arch"),
        place="page 7",
        issuer="platform team",
        date="2026-05-02",
        statement="The platform is air-gapped; nothing leaves corp.",
    ),
    s.at_line(11, "config/coder.env", 9, 20, "CODER_OIDC_ISSUER_URL=https://id.corp.example", "identity stays inside"),
)
OPERATORS = (
    a.OperatorRecord("customer", "the customer", "DE"),
    a.OperatorRecord("anthropic", "Anthropic PBC", "US"),
    a.OperatorRecord("coder-inc", "Coder Technologies, Inc.", "US"),
    a.OperatorRecord("github", "GitHub, Inc.", "US"),
    a.OperatorRecord("google", "Google LLC", "US"),
)
ZONES = (
    a.ZoneRecord("corp", "customer", "customer", ("DE",), ("DE",), ("10.20.0.0/21",), ("*.corp.example",), True),
    a.ZoneRecord("dev", "customer", "customer", ("DE",), ("DE",), ("10.20.8.0/21",), (), True),
)
CHANNELS = {
    "db": s.channel("coder/control-plane", "coder/database", "db.corp.example", 5432, **s.seen(901233, 2200110)),
    "loop": s.channel("coder/agent-loop", "llm/gateway", "litellm.corp.example", 4000, **s.seen(4120000, 910000)),
    "model": s.channel("llm/gateway", "llm/model-server", "vllm.corp.example", 8000, **s.seen(3910000, 880000)),
    "agent": s.channel("coder/workspace", "coder/control-plane", "coder.corp.example", **s.seen(700400, 1201000, held_open=True)),
    "git": s.channel("coder/workspace", "git/server", "git.corp.example", **s.seen(310000, 9100000)),
    "fallback": s.channel(
        "llm/gateway", "anthropic/model_server", "api.anthropic.com", **s.seen(1840233, 733120, evidence=("E-4",))
    ),
    "claude": s.channel(
        "coder/workspace", "anthropic/model_server", "api.anthropic.com", **s.seen(640110, 220180, evidence=("E-4",))
    ),
    "events": s.channel("coder/workspace", "anthropic/telemetry_sink", "api.anthropic.com", 8443),
    "telemetry": s.channel(
        "coder/control-plane", "coder-inc/telemetry_sink", "telemetry.coder.com", **s.seen(48211, 9120, evidence=("E-2",))
    ),
    "updates": s.channel(
        "coder/control-plane", "github/update_service", "api.github.com", sighting="attempt", sighting_reason="reset by peer"
    ),
    "stun": s.channel(
        "coder/workspace", "google/relay", "stun.l.google.com", 19302, transport="udp", **s.seen(220, 260, evidence=("E-8",))
    ),
    "upload": s.channel(
        "coder/workspace", "host:files.transfer.example", "files.transfer.example", **s.seen(5400122, 2110, evidence=("E-6",))
    ),
    "hidden": s.channel(
        "coder/workspace", "addr:203.0.113.77", "", **s.seen(22040, 18000, name_hidden=True, rungs=("none",), evidence=("E-7",))
    ),
}
_OUT = {"crosses_perimeter": "yes", "declared": "no", "marks": ("contradicted",)}
_TELEMETRY_CURE = a.CureRecord("setting", "Set CODER_TELEMETRY_ENABLE=false in config/coder.env.", "telemetry.enable", "false")
FLOWS = (
    s.flow(
        CHANNELS["db"],
        "state of chats and workspaces",
        "confirmed",
        sends_at_least=("content.transcript", "identity.user"),
        required="yes",
    ),
    s.flow(
        CHANNELS["loop"], "model requests", "confirmed", sends_at_least=CONTENT, receives=("content.completion",), required="yes"
    ),
    s.flow(
        CHANNELS["model"],
        "local inference",
        "confirmed",
        sends_at_least=CONTENT,
        receives=("content.completion",),
        required="yes",
    ),
    s.flow(
        CHANNELS["agent"], "workspace agent connection", "confirmed_shared", sends_at_least=("content.tool_io",), required="yes"
    ),
    s.flow(CHANNELS["agent"], "workspace applications", "confirmed_shared", sends_at_most=("content.source_code",)),
    s.flow(
        CHANNELS["git"], "clone and push", "confirmed", sends_at_least=("content.source_code",), receives=("content.source_code",)
    ),
    s.flow(
        CHANNELS["fallback"],
        "fallback inference at Anthropic",
        "confirmed",
        sends_at_least=CONTENT,
        processing=("US",),
        receives=("content.completion",),
        evidence=("E-3", "E-4"),
        reason="litellm.yaml lists a cloud model as fallback of the local one.",
        cures=(a.CureRecord("setting", "Remove the fallback from config/litellm.yaml.", "fallbacks", ""),),
        **_OUT,
    ),
    s.flow(
        CHANNELS["claude"],
        "Claude Code inference",
        "confirmed",
        sends_at_least=CONTENT,
        processing=("US",),
        evidence=("E-5", "E-4"),
        receives=("content.completion",),
        reason="Claude Code in the workspace talks to its vendor's address.",
        cures=(
            a.CureRecord(
                "redirect",
                "Set ANTHROPIC_BASE_URL to the local gateway.",
                "env.ANTHROPIC_BASE_URL",
                "https://litellm.corp.example",
            ),
        ),
        **_OUT,
    ),
    s.flow(
        CHANNELS["events"],
        "Claude Code event logging",
        "silent",
        sends_at_most=("telemetry.diagnostic", "content.telemetry"),
        processing=(),
        processing_reason="the vendor does not say where it processes",
        crosses_perimeter="yes",
    ),
    s.flow(
        CHANNELS["telemetry"],
        "deployment telemetry",
        "confirmed",
        sends_at_least=("telemetry.diagnostic", "metadata.usage", "identity.organisation"),
        processing=("US",),
        evidence=("E-1", "E-2"),
        reason="CODER_TELEMETRY_ENABLE=true at config/coder.env:4.",
        cures=(_TELEMETRY_CURE,),
        **_OUT,
    ),
    s.flow(
        CHANNELS["updates"],
        "update check",
        "attempted",
        sends_at_least=("telemetry.diagnostic",),
        receives=("inbound.catalog",),
        processing=(),
        processing_reason="the release service is served from many countries",
        evidence=("E-9",),
        crosses_perimeter="yes",
        reason="Tried and reset; the DNS query has left all the same.",
        cures=(a.CureRecord("setting", "Set CODER_UPDATE_CHECK=false.", "update_check", "false"),),
    ),
    s.flow(
        CHANNELS["stun"],
        "STUN address discovery",
        "confirmed",
        sends_at_least=("telemetry.diagnostic",),
        processing=(),
        processing_reason="anycast",
        **_OUT,
    ),
    s.flow(
        CHANNELS["upload"],
        "",
        "undeclared",
        flow="",
        configured="no",
        sends_at_most=ANYTHING,
        processing=(),
        processing_reason="nothing names its operator",
        reason="5.4 MB went to a host that no document and no configuration names.",
        **_OUT,
    ),
    s.flow(
        CHANNELS["hidden"],
        "",
        "unexplained",
        flow="",
        configured="unknown",
        exists="yes",
        sends_at_most=ANYTHING,
        processing=(),
        processing_reason="the destination hides its name",
        reason="The server name is encrypted, so nothing tells who this is.",
        crosses_perimeter="unknown",
    ),
    s.flow(
        s.channel("coder/control-plane", "coder-inc/telemetry_sink", "tallyman-prod.coder.com", 8443),
        "licence usage reports",
        "absent",
        configured="no",
        exists="no",
        sends_at_most=("metadata.usage",),
        crosses_perimeter="yes",
    ),
)
_F = {row.purpose or row.destination: row for row in FLOWS}
FINDINGS = (
    s.finding(
        "AG-01",
        "critical",
        "The LiteLLM gateway sends prompts, source code and tool output to Anthropic in the US",
        (_F["model requests"], _F["fallback inference at Anthropic"]),
    ),
    s.finding(
        "AG-01",
        "critical",
        "Claude Code in the workspace sends prompts and source code to Anthropic in the US",
        (_F["Claude Code inference"],),
    ),
    s.finding(
        "AG-01",
        "critical",
        "The workspace uploaded 5.4 MB to files.transfer.example, which nobody declares or configures",
        (_F["host:files.transfer.example"],),
        bases=("observed",),
        cures=(
            a.CureRecord("network", "Block files.transfer.example at the perimeter and ask the workspace's owner what it is."),
        ),
        evidence=("E-6",),
    ),
    s.finding(
        "IN-03",
        "high",
        "The Coder control plane sends usage and diagnostics to Coder Technologies in the US",
        (_F["deployment telemetry"],),
    ),
    s.finding("AG-02", "medium", "The Coder control plane tries to reach GitHub for updates", (_F["update check"],)),
    s.finding(
        "AG-02",
        "low",
        "The workspace asks Google's STUN server for its public address",
        (_F["STUN address discovery"],),
        waived_by="W-1",
        evidence=("E-8",),
    ),
)
UNKNOWNS = (
    a.UnknownRecord(
        "destination_unnamed@addr:203.0.113.77",
        "destination_unnamed",
        "addr:203.0.113.77",
        "The workspace exchanged 40.0 kB with 203.0.113.77; the server name is encrypted, so the destination is not established.",
        ("Capture DNS at the workspace's resolver in the same window.", "Ask the network team who 203.0.113.77 is."),
        "network",
        ("air-gapped/IN-01",),
        True,
    ),
    a.UnknownRecord(
        "permitted_not_examined@permitted",
        "permitted_not_examined",
        "permitted",
        "No network policy was examined, so what the network permits is not known.",
        ("Add the firewall rules and network policies to inputs.",),
        "network",
        ("air-gapped/AG-03",),
        True,
    ),
    a.UnknownRecord(
        "place_unknown@anthropic/telemetry_sink",
        "place_unknown",
        "anthropic/telemetry_sink",
        "Anthropic does not say where event logs are processed.",
        ("Ask the vendor for the country of processing.",),
        "vendor",
        ("air-gapped/RS-01",),
        False,
    ),
)
_FINDING_IDS = {c: tuple(f.id for f in FINDINGS if f.control == c) for c in ("AG-01", "AG-02", "IN-03")}
CONTROLS = (
    s.control(
        "FS-01", "critical", "The control plane runs on machines of the customer.", "pass", reason="2 components, all inside."
    ),
    s.control("FS-02", "critical", "The agent loop runs on machines of the customer.", "pass", reason="1 component, inside."),
    s.control(
        "IN-01",
        "critical",
        "No destination inside the perimeter's traffic is left without a name.",
        "unknown",
        unknowns=(UNKNOWNS[0].id,),
        reason="one destination hides its name",
    ),
    s.control("IN-03", "high", "No telemetry leaves the perimeter.", "fail", findings=_FINDING_IDS["IN-03"], reason="1 flow"),
    s.control(
        "AG-01",
        "critical",
        "Nothing inside the perimeter sends content to anything outside.",
        "fail",
        findings=_FINDING_IDS["AG-01"],
        reason="3 flows",
    ),
    s.control(
        "AG-02",
        "medium",
        "Nothing inside the perimeter reaches for updates or address discovery outside.",
        "fail",
        findings=_FINDING_IDS["AG-02"],
        reason="2 flows, one waived",
    ),
    s.control(
        "AG-03",
        "high",
        "The network permits nothing from inside to outside.",
        "unknown",
        unknowns=(UNKNOWNS[1].id,),
        reason="no network policy was examined",
    ),
    s.control(
        "RS-01",
        "low",
        "The country of processing of every recipient is known.",
        "unknown",
        on_unknown="warn",
        unknowns=(UNKNOWNS[2].id,),
    ),
    s.control(
        "AG-09",
        "low",
        "Mobile clients reach the dashboard only from inside.",
        "not_applicable",
        reason="no mobile client is configured",
        maps=(),
    ),
)


def build() -> a.Assessment:
    """Return the assessment."""
    worst = "the LiteLLM gateway sends prompts and source code to Anthropic in the US"
    sentence = f"Refuted: the deployment is not air-gapped; 6 findings, the worst: {worst}."
    air = s.profile("air-gapped", "Air-gapped", CONTROLS, "fail", sentence)
    hosted = s.profile(
        "self-hosted-execution",
        "Self-hosted execution",
        CONTROLS[:2],
        "pass",
        "Execution runs on machines of the customer, shown at stage operate.",
    )
    coder = s.digest("coder-mislabelled")
    return a.Assessment(
        schema=a.SCHEMA,
        tool="auditor 0.1.0",
        as_of="2026-11-23T12:00:00Z",
        stage="operate",
        deployment="coder-mislabelled",
        assumed=False,
        digest=coder,
        catalog_sha256=s.digest("catalog"),
        claim=a.ClaimRecord("self-hosted, air-gapped", "air-gapped", "fail", sentence, "auditor.yaml", 3),
        inputs=tuple(
            a.InputRecord(path, s.digest(path), kind, size)
            for path, kind, size in (
                ("auditor.yaml", "manifest", 1402),
                ("config/coder.env", "env", 611),
                ("config/litellm.yaml", "yaml", 904),
                ("docs/architecture.pdf", "document", 220140),
                ("traffic/egress.pcapng", "capture", 911220),
                ("workspace/.claude/settings.json", "json", 220),
            )
        ),
        zones=ZONES,
        operators=OPERATORS,
        workloads=(
            a.WorkloadRecord("coder/host", "coderd", ("10.20.1.10/32",), "corp"),
            a.WorkloadRecord("llm/host", "llm host", ("10.20.1.20/32",), "corp"),
        ),
        components=(*INSIDE, *OUTSIDE),
        stores=(
            a.StoreRecord(
                "coder/chats",
                "Chats and transcripts",
                "coder/database",
                ("content.transcript", "content.prompt"),
                ("DE",),
                "until deleted",
                "none",
                "yes",
                ("E-11",),
            ),
            a.StoreRecord(
                "anthropic/logs",
                "Provider's abuse monitoring",
                "anthropic/model_server",
                ("content.prompt", "content.completion"),
                (),
                "30 days",
                "",
                "unknown",
                (),
            ),
        ),
        settings=(
            a.SettingRecord(
                "coder",
                "telemetry.enable",
                "set",
                "true",
                "CODER_TELEMETRY_ENABLE=true at config/coder.env:4",
                (a.SettingSourceRecord("environment", "CODER_TELEMETRY_ENABLE", "true", True, "E-1"),),
            ),
        ),
        channels=tuple(CHANNELS.values()),
        flows=FLOWS,
        coverage=(s.coverage("coder/host", unproven=("llm/host",)),),
        evidence=EVIDENCE,
        profiles=(hosted, air),
        controls=CONTROLS,
        findings=FINDINGS,
        unknowns=UNKNOWNS,
        exceptions=(
            a.ExceptionRecord(
                "W-1",
                "waiver",
                "AG-02",
                "coder/workspace>google/relay",
                "STUN carries no content; relays come in spring",
                "role:security-lead@corp.example",
                "SEC-412",
                "2026-10-01",
                "2027-03-31",
                "in_force",
                "",
                "waivers.yaml",
                2,
            ),
            a.ExceptionRecord(
                "W-0",
                "waiver",
                "IN-03",
                "coder/control-plane>coder-inc/telemetry_sink",
                "licence talks are open",
                "role:security-lead@corp.example",
                "SEC-377",
                "2026-02-01",
                "2026-08-01",
                "expired",
                "expired 114 days before the date of judgement",
                "waivers.yaml",
                11,
            ),
        ),
        not_examined=(
            a.NotExaminedRecord("config/old.cfg", "format not recognised", named=False),
            a.NotExaminedRecord("docs/dpa.docx", "no reader for this kind of document", named=True, line=22),
        ),
        ladder=(
            a.RungRecord("self-hosted-execution", "Self-hosted execution", "pass", ""),
            a.RungRecord("fully-self-hosted", "Fully self-hosted", "fail", "AG-01"),
            a.RungRecord("in-network", "In-network", "fail", "AG-01"),
            a.RungRecord("air-gapped", "Air-gapped", "fail", "AG-01"),
        ),
        exit_code=1,
        owner="Platform team",
        contracts=CONTRACTS,
    )
