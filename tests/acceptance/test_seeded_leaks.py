"""Prove the negative by breaking it: one forbidden edge, or one leaking setting, in the air-gapped deployment.

Every way by which packets can leave is seeded alone into what was observed; the air gap must fail and name where it
went. Addresses of documentation stand for the outside (RFC 5737, RFC 3849).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import pytest

from auditor.facts.assessment import Assessment
from auditor.facts.endpoint import Endpoint
from auditor.facts.evidence import FrameLocation
from auditor.facts.observation import ObservedEdge
from auditor.facts.settings import Change
from auditor.facts.vocabulary import NameRung, Sighting, Stage, Transport
from auditor.pipeline.request import Inputs
from tests.acceptance import harness

WORKSPACE, WORKSPACE_V6 = "10.20.8.11", "fd00:20:8::12"
CODERD, MODEL_SERVER, MIRROR = "10.20.1.10", "10.20.2.10", "10.20.3.30"
CAPTURE = "traffic/inside.pcap"


@dataclass(frozen=True, slots=True)
class Seed:
    """One forbidden way out as the traffic stage would tell it."""

    what: str
    source: str
    destination: Endpoint
    application: str = ""
    hidden: bool = False
    sighting: Sighting = Sighting.DATA

    @property
    def named(self) -> str:
        """Return what a finding must say of the destination."""
        return self.destination.address if self.hidden or not self.destination.name else self.destination.name


def _to(
    address: str, port: int, transport: Transport = Transport.TCP, name: str = "", rung: NameRung = NameRung.NONE
) -> Endpoint:
    return Endpoint(address, port, transport, name, rung)


SEEDS = (
    Seed("TLS with a name", WORKSPACE, _to("203.0.113.7", 443, name="drop.example", rung=NameRung.SNI), "tls"),
    Seed("TLS without a name", WORKSPACE, _to("203.0.113.7", 443), "tls", hidden=True),
    Seed(
        "TLS with an encrypted name",
        WORKSPACE,
        _to("203.0.113.7", 443, name="front.example", rung=NameRung.SNI),
        "tls",
        hidden=True,
    ),
    Seed("TCP that nothing names", WORKSPACE, _to("203.0.113.7", 4444)),
    Seed("plain HTTP", WORKSPACE, _to("203.0.113.7", 80, name="drop.example", rung=NameRung.HTTP_HOST), "http"),
    Seed("TLS named by a lookup", CODERD, _to("203.0.113.7", 443, name="drop.example", rung=NameRung.DNS_SAME_CLIENT)),
    Seed("TLS to a vendor", CODERD, _to("203.0.113.7", 443, name="telemetry.coder.com", rung=NameRung.SNI), "tls"),
    Seed("UDP", WORKSPACE, _to("203.0.113.7", 9999, Transport.UDP)),
    Seed("QUIC", WORKSPACE, _to("203.0.113.7", 443, Transport.UDP, "drop.example", NameRung.SNI), "quic"),
    Seed("QUIC without a name", WORKSPACE, _to("203.0.113.7", 443, Transport.UDP), "quic", hidden=True),
    Seed("DNS to an outside resolver", WORKSPACE, _to("203.0.113.53", 53, Transport.UDP), "dns"),
    Seed("DNS over TCP to an outside resolver", WORKSPACE, _to("203.0.113.53", 53), "dns"),
    Seed("ICMP with payload", WORKSPACE, _to("203.0.113.7", 0, Transport.ICMP)),
    Seed("ICMPv6 with payload", WORKSPACE_V6, _to("2001:db8::7", 0, Transport.ICMPV6)),
    Seed("IPv6", WORKSPACE_V6, _to("2001:db8::7", 443, name="drop.example", rung=NameRung.SNI), "tls"),
    Seed("IPv6 that nothing names", WORKSPACE_V6, _to("2001:db8::7", 443)),
    Seed("SSH", WORKSPACE, _to("203.0.113.7", 22), "ssh"),
    Seed("SCTP", WORKSPACE, _to("203.0.113.7", 36412, Transport.SCTP)),
    Seed("another protocol", WORKSPACE, _to("203.0.113.7", 0, Transport.OTHER)),
    Seed(
        "CONNECT through a proxy inside",
        WORKSPACE,
        _to(MIRROR, 3128, name="api.openai.com", rung=NameRung.PROXY_AUTHORITY),
        "http",
    ),
    Seed(
        "CONNECT through a proxy outside", WORKSPACE, _to("203.0.113.7", 3128, name="drop.example", rung=NameRung.PROXY_AUTHORITY)
    ),
    Seed("STUN", CODERD, _to("203.0.113.7", 19302, Transport.UDP, "stun.l.google.com", NameRung.DNS_SAME_CLIENT), "stun"),
    Seed("the model server", MODEL_SERVER, _to("203.0.113.7", 443, name="stats.vllm.ai", rung=NameRung.SNI), "tls"),
    Seed(
        "an address of the zone that nobody described",
        "10.20.99.5",
        _to("203.0.113.7", 443, name="drop.example", rung=NameRung.SNI),
        "tls",
    ),
    Seed(
        "a name of the own zone at an outside address",
        WORKSPACE,
        _to("203.0.113.7", 443, name="git.corp.example", rung=NameRung.SNI),
        "tls",
    ),
)


@functools.cache
def _air_gap(stage: Stage) -> Inputs:
    window = (("observed_window", "20s", "lab capture"),) if stage is Stage.OPERATE else ()
    return harness.narrowed(harness.gathered("coder-air-gapped", stage), "air-gapped", window)


def _edge(seed: Seed) -> ObservedEdge:
    """Return the seed as an edge of 12 packets out and 9 in, or as a refused attempt."""
    data = seed.sighting is Sighting.DATA
    observation = _air_gap(Stage.OPERATE).observation
    assert observation is not None
    coverage = next(each for each in observation.coverage if each.id == CAPTURE)
    out, back = (4000, 900) if data else (0, 0)
    end = seed.destination
    locator = FrameLocation(
        CAPTURE, coverage.sha256, (1, 2), coverage.first_time, coverage.last_time, out, back, end.name, end.rung
    )
    return ObservedEdge(
        source=Endpoint(address=seed.source, transport=end.transport),
        destination=end,
        vlan=None,
        vni=None,
        flows=1,
        packets_out=12,
        packets_in=9,
        payload_out=out,
        payload_in=back,
        wire_out=out + 800,
        wire_in=back + 600,
        sighting=seed.sighting,
        attempt_reason="" if data else "refused",
        app_protocol=seed.application,
        name_hidden=seed.hidden,
        first_time=coverage.first_time,
        last_time=coverage.last_time,
        longest_seconds=1.5,
        held_open=False,
        orientation_rules=("syn",),
        locators=(locator,),
        source_ids=(CAPTURE,),
    )


def _leaking(seed: Seed) -> Assessment:
    inputs = _air_gap(Stage.OPERATE)
    assert inputs.observation is not None
    observation = replace(inputs.observation, edges=(*inputs.observation.edges, _edge(seed)))
    return harness.assessed(replace(inputs, observation=observation))


def _verdicts(assessment: Assessment) -> dict[str, str]:
    return {control.id: control.verdict for control in assessment.controls}


def _named(assessment: Assessment, control: str, host: str) -> bool:
    return any(f.control == control and host in harness.told(f, assessment) and f.evidence for f in assessment.findings)


def test_nothing_fails_before_anything_is_seeded() -> None:
    for stage in (Stage.CHANGE, Stage.OPERATE):
        assessment = harness.assessed(_air_gap(stage))
        assert assessment.findings == ()
        assert "fail" not in _verdicts(assessment).values()


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.what)
def test_a_seeded_way_out_fails_the_air_gap_and_is_named(seed: Seed) -> None:
    assessment = _leaking(seed)
    assert (assessment.exit_code, _verdicts(assessment)["AG-01"]) == (1, "fail")
    assert _named(assessment, "AG-01", seed.named), [finding.title for finding in assessment.findings]


@pytest.mark.parametrize("seed", SEEDS[:1] + SEEDS[3:4] + SEEDS[14:15], ids=lambda seed: seed.what)
def test_a_seeded_attempt_fails_the_air_gap_and_is_named(seed: Seed) -> None:
    assessment = _leaking(replace(seed, sighting=Sighting.ATTEMPT))
    assert (assessment.exit_code, _verdicts(assessment)["AG-02"]) == (1, "fail")
    assert _named(assessment, "AG-02", seed.named), [finding.title for finding in assessment.findings]


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.what)
def test_what_leaves_unexplained_may_hold_content(seed: Seed) -> None:
    """At least nothing, at most all that its source holds: the content control can no longer pass."""
    assert _verdicts(_leaking(seed))["INW-01"] in {"fail", "unknown"}


def test_whoever_dials_in_from_outside_is_no_pass() -> None:
    seed = Seed("from outside", "203.0.113.9", _to(CODERD, 443, name="coder.corp.example", rung=NameRung.SNI), "tls")
    assessment = _leaking(seed)
    assert _verdicts(assessment)["AG-04"] in {"fail", "unknown"}
    told = [unknown.text for unknown in assessment.unknowns if "AG-04" in " ".join(unknown.controls)]
    assert any("203.0.113.9" in text for text in (*told, *(finding.title for finding in assessment.findings)))


def test_a_name_that_only_a_proxy_inside_knows_is_asked_for_by_name() -> None:
    """Nothing says where drop.example is: the address in the packets is the proxy's. So it is open, and no pass."""
    seed = Seed("proxy", WORKSPACE, _to(MIRROR, 3128, name="drop.example", rung=NameRung.PROXY_AUTHORITY), "http")
    assert _asked_for(_leaking(seed), "drop.example")


def _asked_for(assessment: Assessment, host: str) -> bool:
    """Return whether the first control is open, and an unknown that blocks it names the host."""
    texts = [u.text for u in assessment.unknowns if u.blocking and "air-gapped/AG-01" in u.controls]
    return (assessment.exit_code, _verdicts(assessment)["AG-01"]) == (3, "unknown") and any(host in text for text in texts)


SETTINGS = {
    "CODER_TELEMETRY_ENABLE": ("coder", "true", "telemetry.coder.com"),
    "CODER_UPDATE_CHECK": ("coder", "true", "api.github.com"),
    "CODER_DERP_SERVER_STUN_ADDRESSES": ("coder", "stun.l.google.com:19302", "stun.l.google.com"),
    "CODER_OIDC_ISSUER_URL": ("coder", "https://accounts.google.com", "accounts.google.com"),
    "CODER_DOCS_URL": ("coder", "https://coder.com/docs", "coder.com"),
    "CODER_OAUTH2_GITHUB_DEFAULT_PROVIDER_ENABLE": ("coder", "true", "github.com"),
    "CODER_EXTERNAL_AUTH_GITHUB_DEFAULT_PROVIDER_ENABLE": ("coder", "true", "github.com"),
    "CODER_DISABLE_TEMPLATE_BUILDER": ("coder", "false", "registry.coder.com"),
    "VLLM_NO_USAGE_STATS": ("llm", "0", "stats.vllm.ai"),
}
"""By variable: system, a value that lets data out, and to whom."""

UNPLACED = {
    "CODER_DERP_SERVER_STUN_ADDRESSES": "stun.example.net:3478",
    "CODER_DOCS_URL": "https://docs.example.net",
    "CODER_PG_CONNECTION_URL": "postgres://db.example.net:5432/coder",
    "CODER_OIDC_ISSUER_URL": "https://login.example.net/realms/corp",
}
"""By variable: a host that no zone and no catalog entry covers. It may be one of the own network, so this is asked."""


def _key(inputs: Inputs, system: str, variable: str) -> str:
    """Return the catalog's key of an environment variable."""
    product = next(each.product for each in inputs.manifest.systems if each.id == system)
    (key,) = [s.id for s in inputs.catalog.product(product).settings if variable in s.names.env]
    return key


@pytest.mark.parametrize("variable", SETTINGS)
@pytest.mark.parametrize("stage", [Stage.CHANGE, Stage.OPERATE])
def test_a_leaking_setting_fails_the_air_gap_and_is_named(variable: str, stage: Stage) -> None:
    """Silence in the packets does not excuse what the configuration makes."""
    system, value, host = SETTINGS[variable]
    inputs = _air_gap(stage)
    assessment = harness.assessed(inputs, [Change(system, _key(inputs, system, variable), value)])
    assert (assessment.exit_code, _verdicts(assessment)["AG-01"]) == (1, "fail")
    assert _named(assessment, "AG-01", host), [finding.title for finding in assessment.findings]


@pytest.mark.parametrize("variable", UNPLACED)
def test_a_setting_that_names_a_host_of_nobody_is_asked_for_by_name(variable: str) -> None:
    inputs = _air_gap(Stage.CHANGE)
    host = next(part.partition(":")[0] for part in UNPLACED[variable].split("/") if "example.net" in part)
    change = Change("coder", _key(inputs, "coder", variable), UNPLACED[variable])
    assert _asked_for(harness.assessed(inputs, [change]), host)
