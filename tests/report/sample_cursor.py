"""Cursor self-hosted workers at the stage ``predeploy``: execution inside, everything else at the vendor, one point open."""

from __future__ import annotations

from typing import Any

from auditor.facts import assessment as a
from tests.report import samples as s

CONTENT = ("content.prompt", "content.source_code", "content.tool_io")
_CURSOR = s.outside("anysphere", "US", "US")
COMPONENTS = (
    s.component("cursor/worker", "Cursor worker pool", "execution", "worker", s.place("workers"), holds=CONTENT),
    s.component("git/server", "Git server", "supporting", "source_control", s.place("workers"), holds=("content.source_code",)),
    s.component(
        "cursor/managed-vm",
        "Vendor-managed VM",
        "execution",
        "worker",
        _CURSOR,
        present="unknown",
        present_reason="the dashboard's setting is not shown",
    ),
    s.component("anysphere/dashboard_api", "Cursor dashboard", "control_plane", "dashboard_api", _CURSOR, policy_by="anysphere"),
    s.component("anysphere/agent_loop", "Cursor agent loop", "agent_loop", "agent_loop", _CURSOR),
    s.component("anysphere/model_gateway", "Cursor model routing", "inference", "model_gateway", _CURSOR),
    s.component("anysphere/object_store", "Cursor artifacts", "supporting", "object_store", s.outside("anysphere", "US")),
    s.component("anysphere/telemetry_sink", "Cursor telemetry", "supporting", "telemetry_sink", s.outside("anysphere", "US")),
    s.component("openai/model_server", "OpenAI API", "inference", "model_server", s.outside("openai", "US", "US")),
    s.component("anthropic/model_server", "Anthropic API", "inference", "model_server", s.outside("anthropic", "US", "US")),
)
EVIDENCE = (
    s.at_line(1, "k8s/worker.yaml", 31, 15, "args: [worker, start, --pool, corp]", "the worker joins a pool"),
    a.EvidenceRecord(
        "E-2",
        "catalog",
        "configured",
        "the worker holds an outbound connection to the agent loop",
        "catalog/products/cursor_workers.yaml",
        s.digest("cursor.yaml"),
        fact="flows.session",
        source="cursor documentation, self-hosted pool",
        publisher="Anysphere",
        relation="vendor",
        grade="vendor",
        date="2026-08-30",
    ),
    a.EvidenceRecord(
        "E-3",
        "catalog",
        "configured",
        "inference is routed by the vendor to model providers",
        "catalog/products/cursor_workers.yaml",
        s.digest("cursor.yaml"),
        fact="flows.inference",
        source="cursor documentation, security",
        publisher="Anysphere",
        relation="vendor",
        grade="vendor",
        date="2026-08-30",
    ),
)
_E2: dict[str, Any] = {"evidence": ("E-2",)}
_E3: dict[str, Any] = {"evidence": ("E-3",)}
_NOT_SEEN: dict[str, Any] = {"sighting": "none_uncovered", "sighting_reason": "no traffic at this stage"}
CHANNELS = {
    "session": s.channel("cursor/worker", "anysphere/agent_loop", "api2.cursor.sh", **_NOT_SEEN, **_E2),
    "artifacts": s.channel("cursor/worker", "anysphere/object_store", "cloud-agent-artifacts.example", **_NOT_SEEN),
    "telemetry": s.channel("cursor/worker", "anysphere/telemetry_sink", "metrics.cursor.sh", **_NOT_SEEN),
    "git": s.channel("cursor/worker", "git/server", "git.corp.example", **_NOT_SEEN),
    "policy": s.channel("anysphere/dashboard_api", "anysphere/agent_loop", "", **_NOT_SEEN),
    "routing": s.channel("anysphere/agent_loop", "anysphere/model_gateway", "", **_NOT_SEEN),
    "openai": s.channel("anysphere/model_gateway", "openai/model_server", "api.openai.com", **_NOT_SEEN),
    "anthropic": s.channel("anysphere/model_gateway", "anthropic/model_server", "api.anthropic.com", **_NOT_SEEN),
    "vm": s.channel("anysphere/agent_loop", "cursor/managed-vm", "", **_NOT_SEEN),
}
_OUT = {"crosses_perimeter": "yes", "processing": ("US",), "required": "yes"}
_FAR = {"crosses_perimeter": "no", "processing": ("US",)}
FLOWS = (
    s.flow(
        CHANNELS["session"],
        "session with the vendor's agent loop",
        "unexercised",
        sends_at_least=CONTENT,
        receives=("content.tool_io", "inbound.policy"),
        cures=(a.CureRecord("none", "No setting removes it: the product needs this flow."),),
        **_OUT,
        **_E2,
    ),
    s.flow(
        CHANNELS["artifacts"],
        "upload of artifacts",
        "unexercised",
        sends_at_least=("content.artifact",),
        crosses_perimeter="yes",
        processing=(),
        processing_reason="the vendor does not say where it stores artifacts",
    ),
    s.flow(
        CHANNELS["telemetry"],
        "worker metrics",
        "possible",
        configured="unknown",
        exists="unknown",
        sends_at_most=("telemetry.diagnostic", "metadata.usage"),
        crosses_perimeter="yes",
        processing=(),
    ),
    s.flow(
        CHANNELS["git"],
        "clone and push",
        "unexercised",
        sends_at_least=("content.source_code",),
        receives=("content.source_code",),
    ),
    s.flow(
        CHANNELS["policy"], "policy and tasks", "unexercised", sends_at_least=("metadata.orchestration", "content.prompt"), **_FAR
    ),
    s.flow(CHANNELS["routing"], "model requests", "unexercised", sends_at_least=CONTENT, **_FAR, **_E3),
    s.flow(CHANNELS["openai"], "inference at OpenAI", "unexercised", sends_at_most=CONTENT, **_FAR, **_E3),
    s.flow(CHANNELS["anthropic"], "inference at Anthropic", "unexercised", sends_at_most=CONTENT, **_FAR, **_E3),
    s.flow(
        CHANNELS["vm"],
        "tasks for a vendor-managed VM",
        "possible",
        configured="unknown",
        exists="unknown",
        sends_at_most=CONTENT,
        **_FAR,
    ),
)
UNKNOWNS = (
    a.UnknownRecord(
        "setting_unknown@cursor/managed-vm",
        "setting_unknown",
        "cursor/managed-vm",
        "The dashboard's “Require self-hosted” is not shown, so a vendor-managed VM may run tasks.",
        ("Add a dated export of the dashboard's setting as a document.",),
        "platform",
        ("self-hosted-execution/SE-01",),
        True,
    ),
)
CONTROLS = (
    s.control(
        "SE-01",
        "critical",
        "Every worker runs on machines of the customer.",
        "unknown",
        unknowns=(UNKNOWNS[0].id,),
        reason="a vendor-managed VM may exist",
        needed=("configured",),
    ),
    s.control("SE-02", "high", "Source control is inside the perimeter.", "pass", needed=("configured",)),
)


def build() -> a.Assessment:
    """Return the assessment; it has no finding, no traffic, and one blocking open point."""
    settle = "1 blocking point, which the platform team can settle"
    sentence = f"Not shown: whether execution is self-hosted is open at stage predeploy; {settle}."
    return a.Assessment(
        schema=a.SCHEMA,
        tool="auditor 0.1.0",
        as_of="2026-11-23T12:00:00Z",
        stage="predeploy",
        deployment="cursor-workers-unproven",
        assumed=False,
        digest=s.digest("cursor-workers"),
        catalog_sha256=s.digest("catalog"),
        claim=a.ClaimRecord("self-hosted agents", "self-hosted-execution", "unknown", sentence, "auditor.yaml", 3),
        inputs=(
            a.InputRecord("auditor.yaml", s.digest("m"), "manifest", 512),
            a.InputRecord("k8s/worker.yaml", s.digest("k8s/worker.yaml"), "kubernetes", 2210),
        ),
        zones=(a.ZoneRecord("workers", "customer", "customer", ("IE",), ("IE",), ("10.40.0.0/16",), (), True),),
        operators=(
            a.OperatorRecord("customer", "the customer", "DE"),
            a.OperatorRecord("anysphere", "Anysphere, Inc.", "US"),
            a.OperatorRecord("openai", "OpenAI OpCo, LLC", "US"),
            a.OperatorRecord("anthropic", "Anthropic PBC", "US"),
        ),
        workloads=(a.WorkloadRecord("cursor/host", "worker pods", ("10.40.0.0/16",), "workers"),),
        components=COMPONENTS,
        stores=(),
        settings=(),
        channels=tuple(CHANNELS.values()),
        flows=FLOWS,
        coverage=(),
        evidence=EVIDENCE,
        profiles=(s.profile("self-hosted-execution", "Self-hosted execution", CONTROLS, "unknown", sentence),),
        controls=CONTROLS,
        findings=(),
        unknowns=UNKNOWNS,
        exceptions=(),
        not_examined=(),
        ladder=(a.RungRecord("self-hosted-execution", "Self-hosted execution", "unknown", "SE-01"),),
        exit_code=3,
    )
