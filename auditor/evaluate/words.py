"""Plain words for the closed vocabularies, as sentences and findings say them."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

from auditor.facts.places import CUSTOMER
from auditor.facts.vocabulary import Basis, DataClass, Plane, Role, Stage

PLANES: Mapping[Plane, str] = {
    Plane.CONTROL_PLANE: "control plane",
    Plane.AGENT_LOOP: "agent loop",
    Plane.INFERENCE: "inference plane",
    Plane.EXECUTION: "execution plane",
    Plane.SUPPORTING: "supporting services",
}

ROLES: Mapping[Role, str] = {
    Role.DASHBOARD_API: "dashboard or API",
    Role.IDENTITY_PROVIDER: "identity provider",
    Role.PROVISIONER: "provisioner",
    Role.DATABASE: "database",
    Role.AGENT_LOOP: "agent loop",
    Role.MODEL_GATEWAY: "model gateway",
    Role.MODEL_SERVER: "model server",
    Role.WORKSPACE: "workspace",
    Role.WORKER: "worker",
    Role.TOOL_SERVER: "tool server",
    Role.SOURCE_CONTROL: "source control server",
    Role.REGISTRY: "registry",
    Role.OBJECT_STORE: "object store",
    Role.TELEMETRY_SINK: "telemetry receiver",
    Role.UPDATE_SERVICE: "update service",
    Role.RESOLVER: "name resolver",
    Role.RELAY: "relay",
    Role.PROXY: "proxy",
    Role.CLIENT: "client",
}

DATA: Mapping[str, str] = {
    DataClass.SOURCE_CODE: "source code",
    DataClass.PROMPT: "prompts",
    DataClass.COMPLETION: "model answers",
    DataClass.TOOL_IO: "tool input and output",
    DataClass.TRANSCRIPT: "session transcripts",
    DataClass.EMBEDDING: "embeddings",
    DataClass.ARTIFACT: "built artefacts",
    DataClass.WEB_QUERY: "web queries",
    DataClass.VOICE: "voice",
    DataClass.CONTENT_TELEMETRY: "telemetry that can hold content",
    DataClass.REPOSITORY: "repository metadata",
    DataClass.ORCHESTRATION: "orchestration metadata",
    DataClass.USAGE: "usage metadata",
    DataClass.USER: "user identities",
    DataClass.ORGANISATION: "the organisation's identity",
    DataClass.CREDENTIAL: "credentials",
    DataClass.DIAGNOSTIC: "diagnostic telemetry",
    DataClass.ERROR: "error reports",
    DataClass.SOFTWARE: "software downloads",
    DataClass.CATALOG: "catalogue downloads",
    DataClass.POLICY: "policy downloads",
    "content": "content (source code, prompts, answers, tool output and the like)",
    "metadata": "metadata",
    "identity": "identities",
    "secret": "secrets",
    "telemetry": "telemetry",
    "inbound": "downloads",
}

BASES: Mapping[Basis, str] = {
    Basis.DECLARED: "documents",
    Basis.CONFIGURED: "configuration",
    Basis.PERMITTED: "network permissions",
    Basis.OBSERVED: "captured traffic",
}

STAGES: Mapping[Stage, str] = {
    Stage.CHANGE: "configuration review (stage change)",
    Stage.PREDEPLOY: "pre-deployment review (stage predeploy)",
    Stage.OPERATE: "operation (stage operate)",
}


def operator_words(operator: str) -> str:
    """Return an operator id as a sentence says it."""
    return "the customer" if operator == CUSTOMER else operator


def joined(parts: Iterable[str], word: str = "and") -> str:
    """Return ``a, b and c``."""
    found = list(parts)
    if len(found) < 2:  # noqa: PLR2004 -- one part needs no joining word
        return "".join(found)
    return f"{', '.join(found[:-1])} {word} {found[-1]}"


def data_words(names: Iterable[str], word: str = "and") -> str:
    """Return data classes and groups as a sentence says them."""
    return _data_words(tuple(names), word)


@functools.lru_cache(maxsize=1024)
def _data_words(names: tuple[str, ...], word: str) -> str:
    return joined((DATA[str(name)] for name in names), word)


def counted(number: int, noun: str) -> str:
    """Return ``1 finding`` or ``3 findings``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def with_stop(sentence: str) -> str:
    """Return the sentence with one closing stop."""
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."
