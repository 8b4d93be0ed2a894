"""The closed vocabularies of docs/design.md section 2, used in code, files and reports alike."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from enum import StrEnum


class Plane(StrEnum):
    """What part of an agent deployment a component belongs to."""

    CONTROL_PLANE = "control_plane"
    AGENT_LOOP = "agent_loop"
    INFERENCE = "inference"
    EXECUTION = "execution"
    SUPPORTING = "supporting"


class Role(StrEnum):
    """What a component does inside its plane."""

    DASHBOARD_API = "dashboard_api"
    IDENTITY_PROVIDER = "identity_provider"
    PROVISIONER = "provisioner"
    DATABASE = "database"
    AGENT_LOOP = "agent_loop"
    MODEL_GATEWAY = "model_gateway"
    MODEL_SERVER = "model_server"
    WORKSPACE = "workspace"
    WORKER = "worker"
    TOOL_SERVER = "tool_server"
    SOURCE_CONTROL = "source_control"
    REGISTRY = "registry"
    OBJECT_STORE = "object_store"
    TELEMETRY_SINK = "telemetry_sink"
    UPDATE_SERVICE = "update_service"
    RESOLVER = "resolver"
    RELAY = "relay"
    PROXY = "proxy"
    CLIENT = "client"


class DataClass(StrEnum):
    """A class of data; a rule on a group such as ``content`` covers every class below it."""

    SOURCE_CODE = "content.source_code"
    PROMPT = "content.prompt"
    COMPLETION = "content.completion"
    TOOL_IO = "content.tool_io"
    TRANSCRIPT = "content.transcript"
    EMBEDDING = "content.embedding"
    ARTIFACT = "content.artifact"
    WEB_QUERY = "content.web_query"
    VOICE = "content.voice"
    CONTENT_TELEMETRY = "content.telemetry"
    REPOSITORY = "metadata.repository"
    ORCHESTRATION = "metadata.orchestration"
    USAGE = "metadata.usage"
    USER = "identity.user"
    ORGANISATION = "identity.organisation"
    CREDENTIAL = "secret.credential"
    DIAGNOSTIC = "telemetry.diagnostic"
    ERROR = "telemetry.error"
    SOFTWARE = "inbound.software"
    CATALOG = "inbound.catalog"
    POLICY = "inbound.policy"


DATA_GROUPS: tuple[str, ...] = ("content", "metadata", "identity", "secret", "telemetry", "inbound")


_POSITION = {c: number for number, c in enumerate(DataClass)}


def in_order(classes: Iterable[DataClass]) -> tuple[DataClass, ...]:
    """Return ``classes`` once each, in vocabulary order."""
    return tuple(sorted(set(classes), key=_POSITION.__getitem__))


def expand_data_classes(names: Iterable[str]) -> tuple[DataClass, ...]:
    """Return the classes that ``names`` (classes or groups) cover, in vocabulary order.

    Raises:
        ValueError: a name is neither a class nor a group.
    """
    return _expanded(tuple(names))


@functools.lru_cache(maxsize=1024)
def _expanded(names: tuple[str, ...]) -> tuple[DataClass, ...]:
    wanted: set[DataClass] = set()
    for name in names:
        found = [c for c in DataClass if c.value == name or c.value.split(".", 1)[0] == name]
        if not found or (name not in DATA_GROUPS and "." not in name):
            raise ValueError(f"unknown data class {name!r}")
        wanted.update(found)
    return tuple(c for c in DataClass if c in wanted)


class Basis(StrEnum):
    """On what a fact is believed."""

    DECLARED = "declared"
    CONFIGURED = "configured"
    PERMITTED = "permitted"
    OBSERVED = "observed"


class ConfigState(StrEnum):
    """Which state of a configuration a file shows."""

    COMMITTED = "committed"
    RENDERED = "rendered"
    LIVE = "live"


class Stage(StrEnum):
    """When in the life of a deployment it is judged; decides which bases can exist."""

    CHANGE = "change"
    PREDEPLOY = "predeploy"
    OPERATE = "operate"


class Verdict(StrEnum):
    """The outcome of a control or a profile; ``unknown`` is never a pass."""

    PASS = "pass"  # noqa: S105 -- a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    """How much a violated control matters, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class OnUnknown(StrEnum):
    """Whether an unknown control blocks its profile; never rewrites the verdict."""

    BLOCK = "block"
    WARN = "warn"


class Grade(StrEnum):
    """How well a catalog fact is known, best first."""

    CODE = "code"
    VENDOR = "vendor"
    THIRD = "third"
    DERIVED = "derived"
    UNKNOWN = "unknown"

    @property
    def decides(self) -> bool:
        """Whether a fact of this grade may grant a pass (vendor grade or better)."""
        return self in (Grade.CODE, Grade.VENDOR)


class Relation(StrEnum):
    """How the publisher of a fact stands to the product it is about."""

    VENDOR = "vendor"
    COMPETITOR = "competitor"
    THIRD_PARTY = "third_party"
    MEASURED = "measured"


class Transport(StrEnum):
    """Transport protocol of a channel."""

    TCP = "tcp"
    UDP = "udp"
    SCTP = "sctp"
    ICMP = "icmp"
    ICMPV6 = "icmpv6"
    OTHER = "other"


class NameRung(StrEnum):
    """How a destination got its name, strongest evidence first (facts R5)."""

    PROXY_AUTHORITY = "proxy_authority"
    """CONNECT authority or SOCKS request."""
    SNI = "sni"
    HTTP_HOST = "http_host"
    DNS_SAME_CLIENT = "dns_same_client"
    DNS_OTHER_CLIENT = "dns_other_client"
    CERTIFICATE = "certificate"
    REVERSE_DNS = "reverse_dns"
    ADDRESS_RANGE = "address_range"
    NONE = "none"
    """Nothing names it, or the name is hidden (ECH): name not established."""


class RowName(StrEnum):
    """The name that reconciliation gives to a row of the four-basis table."""

    BYPASS = "bypass"
    CONFIRMED = "confirmed"
    CONFIRMED_SHARED = "confirmed_shared"
    UNEXPLAINED = "unexplained"
    UNDECLARED = "undeclared"
    BLOCKED = "blocked"
    SILENT = "silent"
    UNEXERCISED = "unexercised"
    ATTEMPTED = "attempted"
    POSSIBLE = "possible"
    LATENT = "latent"
    OPEN = "open"
    ABSENT = "absent"
    """Intended no, nothing seen, not permitted or permission not asked: the flow is shown as switched off."""


class Mark(StrEnum):
    """A note beside the row name."""

    UNDOCUMENTED = "undocumented"
    """Configured, not declared."""
    CONTRADICTED = "contradicted"
    """Declared, and configured off or seen otherwise."""


class Sighting(StrEnum):
    """What captured traffic shows of a row."""

    DATA = "data"
    ATTEMPT = "attempt"
    NONE_COVERED = "none_covered"
    NONE_UNCOVERED = "none_uncovered"


class Party(StrEnum):
    """Who can settle an unknown."""

    VENDOR = "vendor"
    NETWORK = "network"
    PLATFORM = "platform"
    LEGAL = "legal"


class UnknownKind(StrEnum):
    """Why something is not known: closed, so that tests and gates can name the reason."""

    PERMITTED_NOT_EXAMINED = "permitted_not_examined"
    PERMITTED_OPEN = "permitted_open"
    """The network permits, or may permit, what nobody is known to intend."""
    OBSERVATION_MISSING = "observation_missing"
    OBSERVATION_WINDOW = "observation_window"
    OBSERVATION_COVERAGE = "observation_coverage"
    OBSERVATION_STALE = "observation_stale"
    NOT_EXERCISED = "not_exercised"
    INVENTORY_OPEN = "inventory_open"
    SETTING_UNKNOWN = "setting_unknown"
    FACT_UNKNOWN = "fact_unknown"
    FACT_WEAK = "fact_weak"
    DESTINATION_UNNAMED = "destination_unnamed"
    DESTINATION_UNKNOWN = "destination_unknown"
    SOURCE_NOT_ESTABLISHED = "source_not_established"
    UNEXPLAINED_TRAFFIC = "unexplained_traffic"
    PLACE_UNKNOWN = "place_unknown"
    OPERATOR_UNKNOWN = "operator_unknown"
    CONFLICT = "conflict"
    NOTHING_TO_JUDGE = "nothing_to_judge"
    EVIDENCE_UNDATED = "evidence_undated"
    NOT_EXAMINED = "not_examined"
    EXPIRED = "expired"
