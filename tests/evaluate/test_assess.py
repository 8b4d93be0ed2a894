"""A whole assessment: claim, profiles, ladder, unknowns, exit code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.errors import InvalidInputError
from auditor.evaluate import assess, exit_code, load_ladder, load_profile
from auditor.evaluate.matching import Scene
from auditor.evaluate.telling import run_by
from auditor.facts.assessment import Assessment
from auditor.facts.evidence import FileLocation
from auditor.facts.manifest import Attestation, Claim, InputEntry, NotExamined
from auditor.facts.model import Model
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import ConfigState, DataClass, Plane, Role, Severity, Stage
from tests.evaluate.builder import VENDOR, Mini, air_gapped, at, component, context, coverage, gap, model, row, seen

LADDER = load_ladder()
CLAIM = Claim("self-hosted, air-gapped", "air-gapped", FileLocation("auditor.yaml", "d" * 64, 3, 8))
LOOSENED = (("observed_window", "10m", "lab capture"),)


def clean(**options: object) -> Assessment:
    """Return the clean deployment judged in operation, over one hour of traffic."""
    given = {"stage": Stage.OPERATE, "captures": [coverage(3600)], "claim": CLAIM, **options}
    return assess(air_gapped().model(**given), [], context(ladder=LADDER))


def blocking(assessment: Assessment) -> list[str]:
    return [u.id for u in assessment.unknowns if u.blocking]


def test_the_clean_deployment_lacks_exactly_permissions_and_window() -> None:
    found = clean()
    assert [u.id for u in found.unknowns] == ["observation_window@observed", "permitted_not_examined@permitted"]
    assert blocking(found) == [u.id for u in found.unknowns]
    assert found.exit_code == 3
    assert found.claim is not None
    assert (found.claim.verdict, found.claim.sentence) == (
        "unknown",
        (
            '"self-hosted, air-gapped" is not proven at stage operate: what the network permits was not examined and traffic '
            "was not watched for long enough; 7 controls open."
        ),
    )
    assert [(r.profile, r.verdict, r.stopped_by) for r in found.ladder] == [
        ("vendor-managed", "pass", ""),
        ("self-hosted-execution", "pass", ""),
        ("fully-self-hosted", "pass", ""),
        ("in-network", "unknown", "INW-01"),
        ("air-gapped", "unknown", "INW-01"),
    ]
    (profile,) = found.profiles
    assert profile.counts == (("fail", 0), ("unknown", 7), ("pass", 7), ("not_applicable", 0))
    assert len(found.controls) == 14


def test_a_loosened_window_needs_a_reason_and_shows() -> None:
    found = clean(parameters=LOOSENED)
    assert blocking(found) == ["permitted_not_examined@permitted"]
    assert found.profiles[0].parameters == (
        ("max_age", "30d", ""),
        ("minimum_strength", "network_policy", ""),
        ("observed_window", "10m", "lab capture"),
    )
    with pytest.raises(InvalidInputError, match="loosened without a reason: 24h to 10m"):
        clean(parameters=(("observed_window", "10m", " "),))
    assert clean(parameters=(("observed_window", "48h", ""),)).exit_code == 3  # stricter: no reason needed
    with pytest.raises(InvalidInputError, match="no profile has a parameter 'observed_windows'"):
        clean(parameters=(("observed_windows", "10m", "typo"),))


def test_everything_shown_holds() -> None:
    found = clean(permitted=Truth.NO, captures=[coverage()])
    assert (found.exit_code, found.unknowns) == (0, ())
    assert found.claim is not None
    assert found.claim.sentence == (
        '"self-hosted, air-gapped" holds at stage operate: nothing in configuration, network permissions and captured '
        "traffic speaks against it."
    )


def test_a_change_is_not_refuted_and_awaits_traffic() -> None:
    found = clean(stage=Stage.CHANGE, captures=[])
    assert found.exit_code == 0
    assert found.claim is not None
    assert found.claim.sentence == (
        '"self-hosted, air-gapped" is not refuted by configuration (stage change); 7 controls await network permissions and '
        "14 controls await traffic."
    )


def leak(**options: object) -> Assessment:
    leaking = row("coder/control-plane", "vendor/telemetry", "telemetry", sends=[DataClass.USAGE])
    given = {"stage": Stage.OPERATE, "captures": [coverage(3600)], "claim": CLAIM, **options}
    return assess(air_gapped().with_row(leaking).model(**given), [], context(ladder=LADDER))


def test_a_leak_contradicts_the_claim_whatever_evidence_is_missing() -> None:
    for found in (leak(), leak(captures=[]), leak(gaps=[gap()]), leak(stage=Stage.CHANGE, captures=[])):
        assert [f.id for f in found.findings] == ["AG-01@coder/control-plane>vendor/telemetry#any"]
        assert found.exit_code == 1
        assert found.claim is not None
        assert found.claim.sentence == (
            '"self-hosted, air-gapped" is contradicted by 1 finding, first: From coder control-plane to '
            "vendor telemetry, run by Vendor Inc. (law of US): a connection (telemetry; configured)."
        )
        assert found.findings[0].evidence
        assert {e.id for e in found.evidence} >= set(found.findings[0].evidence)


def test_two_purposes_on_one_way_are_one_finding_that_names_both() -> None:
    other = row("coder/control-plane", "vendor/telemetry", "update check")
    first = row("coder/control-plane", "vendor/telemetry", "telemetry")
    found = assess(air_gapped().with_row(first).with_row(other).model(), [load_profile("air-gapped")], context())
    (finding,) = found.findings
    assert finding.rows == (first.id, other.id)
    assert finding.title == (
        "From coder control-plane to vendor telemetry, run by Vendor Inc. (law of US): a connection (telemetry; configured); "
        "and a connection (update check; configured)."
    )


def test_what_two_flows_say_alike_is_said_once() -> None:
    first = row("coder/control-plane", "vendor/telemetry", "telemetry")
    again = replace(first, id=f"{first.id}/2", channel=f"{first.channel}/2")
    found = assess(air_gapped().with_row(first).with_row(again).model(), [load_profile("air-gapped")], context())
    (finding,) = found.findings
    assert len(finding.rows) == 2
    assert finding.title.count("telemetry; configured") == 1


def test_the_title_names_nobody_who_is_not_known_or_is_ours() -> None:
    """An end inside is ours; of one that nobody knows nothing is said."""
    ours = row("coder/control-plane", "coder/workspace", "start")
    stranger = row("coder/control-plane", "host:x.example", "talk")
    scene = Scene(air_gapped().with_row(ours).with_row(stranger).model())
    assert [run_by(end, scene) for end in ("coder/workspace", "host:x.example")] == ["", ""]


def cursor(managed: Truth) -> Assessment:
    parts = (
        component("cursor/worker", Plane.EXECUTION, Role.WORKER),
        component("cursor/agent_loop", Plane.AGENT_LOOP, Role.AGENT_LOOP, VENDOR),
        component("cursor/model_gateway", Plane.INFERENCE, Role.MODEL_GATEWAY, VENDOR),
        component("cursor/dashboard_api", Plane.CONTROL_PLANE, Role.DASHBOARD_API, VENDOR),
        replace(component("cursor/vm", Plane.EXECUTION, Role.WORKSPACE, VENDOR, managed), system="cursor"),
    )
    rows = (seen(row("cursor/worker", "cursor/agent_loop", "control channel", sends=[DataClass.TOOL_IO])),)
    mini = Mini({c.id: c for c in parts}, {r.id: r for r in rows})
    built = mini.model(stage=Stage.OPERATE, captures=[coverage(600)])
    return assess(built, [LADDER[1], LADDER[2]], context(ladder=LADDER))


@pytest.mark.parametrize(
    ("managed", "verdict", "unknowns"),
    [(Truth.NO, "pass", []), (Truth.UNKNOWN, "unknown", ["fact_unknown@cursor/vm"]), (Truth.YES, "fail", [])],
)
def test_workers_with_a_vendors_loop(managed: Truth, verdict: str, unknowns: list[str]) -> None:
    """The lowest rung hangs on the vendor's machines; the next one fails on loop, routing and control plane."""
    found = cursor(managed)
    assert [p.verdict for p in found.profiles] == [verdict, "fail"]
    assert [u.id for u in found.unknowns if u.kind == "fact_unknown"] == unknowns
    assert [f.id for f in found.findings if f.control.startswith("FSH")] == [
        "FSH-01@cursor/dashboard_api",
        "FSH-02@cursor/agent_loop",
        "FSH-03@cursor/model_gateway",
    ]
    assert all(f.profiles == ("fully-self-hosted",) for f in found.findings if f.control.startswith("FSH"))


def test_an_expired_profile_is_an_error_and_an_expired_rung_unknown() -> None:
    late = context(as_of="2028-01-01", ladder=LADDER)
    with pytest.raises(InvalidInputError, match="profile air-gapped expired on 2027-12-31"):
        assess(air_gapped().model(), [load_profile("air-gapped")], late)
    mine = replace(load_profile("self-hosted-execution"), valid_until="2029-12-31")
    assert {r.verdict for r in assess(air_gapped().model(), [mine], late).ladder} == {"unknown"}


def test_the_last_day_of_a_profile_is_still_valid() -> None:
    assert assess(air_gapped().model(), LADDER, context(as_of="2027-12-31T23:59:59Z")).exit_code == 0


def test_a_claim_without_its_profile_is_an_error() -> None:
    with pytest.raises(InvalidInputError, match="no profile 'nowhere' for the claim"):
        assess(model(claim=replace(CLAIM, profile="nowhere")), [LADDER[1]], context())


def test_without_a_manifest_nothing_passes() -> None:
    found = clean(permitted=Truth.NO, captures=[coverage()], assumed=True)
    assert blocking(found) == ["inventory_open@manifest"]
    assert {c.verdict for c in found.controls} == {"unknown"}


def test_named_evidence_that_was_not_read_blocks_and_exits_4() -> None:
    built = replace(air_gapped().model(), not_examined=(NotExamined("dpa.pdf", "not a text file", named=True),))
    found = assess(built, [LADDER[1]], context())
    assert (found.exit_code, blocking(found)) == (4, ["not_examined@dpa.pdf"])
    assert assess(air_gapped().model(), [LADDER[1]], context(unreadable_named=True)).exit_code == 4


def not_examined(*items: NotExamined, stage: Stage = Stage.CHANGE) -> Assessment:
    return assess(replace(air_gapped().model(stage=stage), not_examined=items), [LADDER[1]], context())


def test_a_discovered_file_that_was_not_examined_leaves_every_control_open() -> None:
    found = not_examined(NotExamined("config/agent.yaml", "not valid YAML", named=False))
    assert (found.exit_code, blocking(found)) == (3, ["not_examined@config/agent.yaml"])
    assert {c.verdict for c in found.controls} == {"unknown"}


def test_what_is_set_aside_is_shown_and_leaves_nothing_open() -> None:
    found = not_examined(
        NotExamined("config/run.sh", "ruled out by the author", named=False, set_aside=True),
        NotExamined("a.pcap", "not looked at at stage change", named=True, set_aside=True),
    )
    assert (found.exit_code, blocking(found)) == (0, [])
    assert [(n.path, n.set_aside) for n in found.not_examined] == [("a.pcap", True), ("config/run.sh", True)]


def with_captures(stage: Stage, *paths: str) -> Assessment:
    built = air_gapped().model(stage=stage, claim=CLAIM)
    at_line = FileLocation("auditor.yaml", "", 1, 1)
    inputs = tuple(InputEntry("capture", p, (), ConfigState.COMMITTED, "", "", "", (), "", at_line) for p in paths)
    return assess(replace(built, manifest=replace(built.manifest, inputs=inputs)), [], context(ladder=LADDER))


def test_captures_that_a_stage_does_not_look_at_are_named_in_the_sentence() -> None:
    two = with_captures(Stage.CHANGE, "a.pcap", "b.pcap").claim
    assert two is not None
    assert two.sentence.endswith("14 controls await traffic; the 2 captures of the manifest are not looked at at this stage.")
    one = with_captures(Stage.PREDEPLOY, "a.pcap").claim
    assert one is not None
    assert one.sentence.endswith("; the 1 capture of the manifest is not looked at at this stage.")


def attestation(control: str) -> Attestation:
    return Attestation(control, control, "permitted", "reviewed", "role", "2026-11-20", "2026-12-20", at(1, "attestations.yaml"))


def test_an_attested_basis_is_never_said_to_have_been_examined() -> None:
    built = air_gapped().model(stage=Stage.OPERATE, captures=[coverage()], claim=CLAIM)
    signed = tuple(attestation(c.id) for c in load_profile("air-gapped").controls)
    found = assess(built, [], context(ladder=LADDER, attestations=signed)).claim
    assert found is not None
    assert found.verdict == "pass"
    assert found.sentence == (
        '"self-hosted, air-gapped" holds at stage operate: nothing in configuration and captured traffic speaks against it; '
        "network permissions: attested, not examined (7 questions answered by attestation)."
    )


@pytest.mark.parametrize("value", ["0s", "0d", "00h"])
@pytest.mark.parametrize("name", ["observed_window", "max_age"])
def test_a_window_of_nothing_is_refused_even_with_a_reason(name: str, value: str) -> None:
    with pytest.raises(InvalidInputError, match=f"parameter {name} must be longer than nothing, and is {value}"):
        clean(parameters=((name, value, "x"),))


def test_a_negative_window_is_no_duration() -> None:
    with pytest.raises(InvalidInputError, match="'-5h' is no duration"):
        clean(parameters=(("observed_window", "-5h", "x"),))


def test_exit_codes_over_all_options() -> None:
    failing, open_, held = leak(), clean(), clean(permitted=Truth.NO, captures=[coverage()])
    assert [exit_code(a) for a in (failing, open_, held)] == [1, 3, 0]
    assert [exit_code(a, exit_zero=True) for a in (failing, open_, held)] == [0, 0, 0]
    assert exit_code(failing, Severity.CRITICAL) == 1
    mild = replace(failing, controls=tuple(replace(c, severity="low") for c in failing.controls))
    assert exit_code(mild, Severity.HIGH) == 3  # the breach is below the threshold; the open questions stay
    unread = replace(failing, exit_code=4)
    assert (exit_code(unread), exit_code(unread, exit_zero=True)) == (4, 4)


def test_a_warning_control_leaves_its_profile_passing() -> None:
    mine = load_profile("self-hosted-execution")
    warn = replace(mine.controls[2], on_unknown=type(mine.controls[2].on_unknown).WARN)
    found = assess(
        Mini(
            {"a/w": replace(component("a/w", Plane.EXECUTION, Role.WORKER), place=replace(VENDOR, inside=True, hosted_by=""))}
        ).model(),
        [replace(mine, controls=(*mine.controls[:2], warn))],
        context(),
    )
    assert [c.verdict for c in found.controls] == ["pass", "pass", "unknown"]
    assert (found.profiles[0].verdict, found.exit_code) == ("pass", 0)
    alone = assess(Mini().model(), [replace(mine, controls=(warn,))], context())
    assert alone.profiles[0].verdict == "unknown"  # nothing passed: nothing is proven


def test_the_same_input_gives_the_same_bytes_and_the_digest_follows_its_parts() -> None:
    assert clean() == clean()
    assert clean().digest != clean(parameters=LOOSENED).digest
    later = assess(air_gapped().model(), [LADDER[1]], context(as_of="2026-11-23T23:00:00Z"))
    today = assess(air_gapped().model(), [LADDER[1]], context())
    assert later.digest == today.digest  # the date counts, not the hour
    assert assess(air_gapped().model(), [LADDER[1]], context(catalog_sha256="e" * 64)).digest != today.digest


def test_a_control_of_two_profiles_is_judged_once_and_shown_under_both() -> None:
    found = assess(cursor_model(), [LADDER[2], LADDER[3]], context())
    finding = next(f for f in found.findings if f.control == "FSH-02")
    assert finding.profiles == ("fully-self-hosted", "in-network")
    assert [c.id for c in found.controls].count("FSH-02") == 1


def cursor_model() -> Model:
    """Return a deployment with the vendor's loop."""
    return Mini({"v/l": component("v/l", Plane.AGENT_LOOP, Role.AGENT_LOOP, VENDOR)}).model()
