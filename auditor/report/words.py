"""Plain words for the closed vocabularies, and the glossary. A word that is not known prints as it came."""

from __future__ import annotations

import re

from auditor.facts.vocabulary import DataClass

VERDICT_GLYPHS = {"pass": "✓", "fail": "✕", "unknown": "?", "not_applicable": "–", "none": "–"}
VERDICT_WORDS = {"pass": "pass", "fail": "fail", "unknown": "unknown", "not_applicable": "not applicable", "none": "no finding"}
VERDICT_ORDER = ("fail", "unknown", "pass", "not_applicable")
SEVERITY_ORDER = ("critical", "high", "medium", "low")

PLANES = {
    "control_plane": "Control plane",
    "agent_loop": "Agent loop",
    "inference": "Inference",
    "execution": "Execution",
    "supporting": "Supporting services",
}
PLANE_PURPOSES = {
    "control_plane": "dashboard, identity, policy, provisioning",
    "agent_loop": "plans and decides the next tool call",
    "inference": "the model, and every gateway on the way to it",
    "execution": "where code is edited and commands run",
    "supporting": "source control, registries, telemetry, updates",
}
PLANE_NOT_KNOWN = "Plane not known"
NONE_NAMED = "no named kind of data"
"""What a flow sends for which no data class is named."""

STAGES = {
    "change": "change: configuration only, before anything runs",
    "predeploy": "predeploy: configuration and what the network permits",
    "operate": "operate: configuration, network and captured traffic",
}

DECLARED = {
    "yes": "a document says so",
    "no": "a document says it does not happen",
    "unknown": "no document speaks of it",
}
CONFIGURED = {
    "yes": "the configuration makes it",
    "no": "the configuration does not make it",
    "unknown": "the configuration leaves it open",
}
PERMITTED = {
    "yes": "the network lets it pass",
    "no": "the network does not let it pass",
    "unknown": "not known what the network permits",
}
SIGHTINGS = {
    "data": "data seen",
    "attempt": "tried; no data passed",
    "none_covered": "never seen, though the sensor would have seen it",
    "none_uncovered": "not seen, and no sensor would have seen it",
}
BASES = {
    "declared": "declared",
    "configured": "configured",
    "permitted": "permitted",
    "observed": "observed",
}

ROW_NAMES = {
    "bypass": "seen, although the network should not let it pass",
    "confirmed": "intended and seen",
    "confirmed_shared": "intended; seen on a channel that several flows share",
    "unexplained": "seen; not known whether anyone intends it",
    "undeclared": "seen; nobody intends it",
    "blocked": "intended, but the network does not let it pass",
    "silent": "intended; never seen, though the sensor would have seen it",
    "unexercised": "intended; not seen, and no sensor would have seen it",
    "attempted": "tried, refused or unanswered",
    "possible": "may happen; nothing seen",
    "latent": "nobody intends it, but the network would let it pass",
    "open": "nobody intends it; not known whether the network would let it pass",
    "absent": "switched off, and nothing seen",
}
MARKS = {
    "undocumented": "configured, but no document says so",
    "contradicted": "a document says otherwise",
}
REQUIRED = {"yes": "required by the product", "no": "can be switched off", "unknown": "not known whether it is required"}

PARTIES = {
    "vendor": "the vendor",
    "network": "the network team",
    "platform": "the platform team",
    "legal": "the legal or contract team",
}
EXCEPTION_STATUS = {
    "in_force": "in force",
    "expired": "expired: counts for nothing",
    "unused": "unused: nothing to excuse",
    "orphaned": "orphaned: its target does not exist",
    "refused": "refused",
    "void": "void: what it was granted on has changed",
}
RUNGS = {
    "proxy_authority": "proxy authority",
    "sni": "TLS server name",
    "http_host": "HTTP Host",
    "dns_same_client": "DNS answer to the same client",
    "dns_other_client": "DNS answer to another client",
    "certificate": "certificate",
    "reverse_dns": "reverse DNS",
    "address_range": "address range",
    "none": "name not established",
}

DATA_CLASSES = {
    "content.source_code": "source code",
    "content.prompt": "prompts",
    "content.completion": "completions",
    "content.tool_io": "tool input and output",
    "content.transcript": "transcripts",
    "content.embedding": "embeddings",
    "content.artifact": "artifacts",
    "content.web_query": "web queries",
    "content.voice": "voice",
    "content.telemetry": "telemetry that can hold content",
    "metadata.repository": "repository names",
    "metadata.orchestration": "orchestration metadata",
    "metadata.usage": "usage counts",
    "identity.user": "user identity",
    "identity.organisation": "organisation identity",
    "secret.credential": "credentials",
    "telemetry.diagnostic": "diagnostics",
    "telemetry.error": "error reports",
    "inbound.software": "software",
    "inbound.catalog": "catalogs",
    "inbound.policy": "policy",
}

GLOSSARY = (
    (
        "plane",
        "One of the parts of an agent deployment: control plane, agent loop, inference, execution, and what supports them.",
    ),
    ("component", "One part with one role in one plane, for example a workspace or a model gateway."),
    ("operator", "The organisation that controls a component; its country is the one whose law reaches it."),
    ("hosted by", "On whose machines a component runs, which need not be its operator's."),
    ("perimeter", "The zones that count as inside. Everything else is outside."),
    ("flow", "One purpose for which data goes from one component to another; data may go both ways whoever dials."),
    (
        "channel",
        "What packets can show: one source, destination, transport and port. Flows that share it share its bytes, undivided.",
    ),
    ("declared", "A document says so: a contract, an architecture page, a statement."),
    ("configured", "The configuration that was read makes it happen."),
    ("permitted", "The network lets it pass."),
    ("observed", "Captured traffic shows it."),
    ("at least / at most", "Data classes that a flow certainly carries, and those that it could carry."),
    ("pass", "Shown to hold, with the evidence that this stage needs."),
    ("fail", "Shown not to hold; each finding names its evidence."),
    ("unknown", "Not looked at, not decidable, or nothing to look at. Never counted as a pass."),
    ("not applicable", "A stated condition of the control was decided false for this deployment."),
    ("waiver", "A dated, reasoned, approved exception for one control and one exact target. The raw verdict stays beside it."),
    ("attestation", "A person's signed-off statement. It may fill an unknown; it never lifts a fail."),
    ("coverage", "What an observation source could have seen. Silence counts only where the sensor would have seen it."),
    ("evidence", "One located fact: a line of a file, frames of a capture, a passage of a document, or a sourced catalog fact."),
)


def word(table: dict[str, str], key: str) -> str:
    """Return the plain word for ``key``, or ``key`` itself when the table does not know it."""
    return table.get(key, key)


def data_words(classes: tuple[str, ...]) -> str:
    """Return data classes in plain words; every class of the vocabulary together is ``any data``."""
    if len(set(classes)) == len(DataClass):
        return "any data"
    return ", ".join(word(DATA_CLASSES, name) for name in classes)


def sends_words(at_least: tuple[str, ...], at_most: tuple[str, ...]) -> str:
    """Return what a flow sends: what is certain, and what more is possible.

    That no class is named does not say that no byte goes: ``received_words`` tells where bytes were seen.
    """
    more = tuple(name for name in at_most if name not in at_least)
    if at_least and more:
        return f"{data_words(at_least)}; possibly also {data_words(more)}"
    if at_least:
        return data_words(at_least)
    if more:
        return f"possibly {data_words(more)}"
    return NONE_NAMED


def received_words(at_least: tuple[str, ...], at_most: tuple[str, ...], *, seen: bool) -> str:
    """Return what a recipient gets; ``seen`` is whether captured traffic shows bytes that it got."""
    if seen and not at_least and not at_most:
        return "bytes seen, but no kind of data is named for them"
    return sends_words(at_least, at_most)


def byte_words(count: int) -> str:
    """Return a byte count in decimal units with one digit: ``1.2 kB``."""
    if count < 1000:  # noqa: PLR2004 -- SI units step by a thousand
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.95:  # noqa: PLR2004 -- would round up to 1000.0
            return f"{value:.1f} {unit}"
    return f"{value:.1f} TB"


def amount_words(count: int | None, untold: int = 0) -> str:
    """Return a byte count of which ``untold`` flows do not tell: at least so much, or not told at all."""
    if count is None:
        return "bytes not told"
    return f"at least {byte_words(count)}" if untold else byte_words(count)


def duration_words(seconds: float) -> str:
    """Return a duration in its largest fitting unit with one digit."""
    for size, unit in ((86400.0, "d"), (3600.0, "h"), (60.0, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"


def time_words(time: str) -> str:
    """Return an RFC 3339 time in UTC without fractions of a second: ``2026-11-20 09:00:04 UTC``; others as they are."""
    match = re.fullmatch(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?Z", time)
    return f"{match[1]} {match[2]} UTC" if match else time


def plural(count: int, noun: str) -> str:
    """Return ``1 finding`` or ``2 findings``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
