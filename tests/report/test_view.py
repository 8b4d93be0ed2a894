from __future__ import annotations

import dataclasses

from auditor.facts.assessment import Assessment, ExceptionRecord, NotExaminedRecord
from auditor.report import words
from auditor.report.view import build_view, headline


def test_findings_come_worst_first_and_waived_ones_last(coder: Assessment) -> None:
    turned = dataclasses.replace(coder, findings=tuple(reversed(coder.findings)))
    found = [(f.severity, f.waived_by) for f in build_view(turned).findings]
    assert found == [("critical", "")] * 3 + [("high", ""), ("medium", ""), ("low", "W-1")]


def test_the_headline_is_about_the_claim(coder: Assessment) -> None:
    head = build_view(coder).headline
    assert (head.verdict, head.label, head.where) == ("fail", "self-hosted, air-gapped", "auditor.yaml:3")


def test_without_a_claim_the_worst_profile_speaks_and_without_profiles_nothing_passes(coder: Assessment) -> None:
    unclaimed = dataclasses.replace(coder, claim=None)
    assert headline(unclaimed).profile == "air-gapped"
    assert headline(dataclasses.replace(unclaimed, profiles=())).verdict == "unknown"


def test_counts_are_of_effective_verdicts(coder: Assessment) -> None:
    assert [(c.verdict, c.number) for c in build_view(coder).counts] == [
        ("fail", 3),
        ("unknown", 3),
        ("pass", 2),
        ("not_applicable", 1),
    ]


def test_planes(coder: Assessment, cursor: Assessment) -> None:
    assert [(p.plane, p.verdict, p.where) for p in build_view(coder).planes] == [
        ("control_plane", "fail", "inside"),
        ("agent_loop", "unknown", "inside"),
        ("inference", "fail", "partly outside"),
        ("execution", "fail", "inside"),
        ("supporting", "fail", "partly outside"),
    ]
    assert [(p.plane, p.verdict, p.where) for p in build_view(cursor).planes] == [
        ("control_plane", "none", "outside"),
        ("agent_loop", "none", "outside"),
        ("inference", "none", "outside"),
        ("execution", "unknown", "partly outside"),
        ("supporting", "none", "partly outside"),
    ]


def test_a_plane_without_component_or_judgement_is_unknown(cursor: Assessment) -> None:
    empty = dataclasses.replace(cursor, components=(), unknowns=())
    assert {p.verdict for p in build_view(empty).planes} == {"unknown"}
    unjudged = dataclasses.replace(cursor, controls=(), unknowns=())
    assert {p.verdict for p in build_view(unjudged).planes} == {"unknown"}


def test_a_plane_inside_passes_only_when_nothing_is_open(cursor: Assessment) -> None:
    inside = tuple(c for c in cursor.components if c.place.inside == "yes")
    passing = tuple(dataclasses.replace(c, verdict="pass", effective="pass", unknowns=()) for c in cursor.controls)
    closed = dataclasses.replace(cursor, components=inside, controls=passing, unknowns=())
    assert {p.plane: p.verdict for p in build_view(closed).planes}["execution"] == "pass"
    everywhere = dataclasses.replace(cursor.unknowns[0], subject="permitted")
    opened = dataclasses.replace(closed, unknowns=(everywhere,))
    assert {p.verdict for p in build_view(opened).planes} == {"unknown"}


def test_the_ledger_says_possibly_of_a_flow_that_may_not_be_there(coder: Assessment) -> None:
    """What a flow sends if it is on is no statement that anything is sent; one that is surely there makes it one."""
    leak = next(f for f in coder.flows if f.destination == "coder-inc/telemetry_sink" and f.exists == "yes")
    open_ = dataclasses.replace(leak, exists="unknown")
    alone = dataclasses.replace(
        coder, flows=tuple(open_ if f is leak else f for f in coder.flows if f is leak or f.channel != leak.channel)
    )
    told = {}
    for name, side in (("there", coder), ("open", alone)):
        (group,) = [g for g in build_view(side).ledger if any(c.channel == leak.channel for c in g.channels)]
        told[name] = (group.data, next(c.data for c in group.channels if c.channel == leak.channel))
    sent = words.data_words(leak.sends_at_least)
    assert all(text.startswith(sent) for text in told["there"]), told
    assert all(text.startswith(f"possibly {sent}") for text in told["open"]), told


def test_an_end_that_may_be_several_components_is_where_they_all_are(coder: Assessment) -> None:
    """A host with several parts of ours is inside and ours; a part elsewhere leaves open what they do not share."""
    channel = next(c for c in coder.channels if c.destination == "coder/database")
    host = dataclasses.replace(
        channel, id="host", destination="coder/host", destination_candidates=("coder/control-plane", "coder/agent-loop")
    )
    side = dataclasses.replace(coder, channels=(*coder.channels, dataclasses.replace(host, sighting="data")))
    (group,) = [g for g in build_view(side).ledger if any(c.channel == "host" for c in g.channels)]
    assert (group.where, group.operator, group.countries) == ("inside the perimeter", "the customer", "DE")
    torn = dataclasses.replace(host, destination_candidates=("coder/control-plane", "anthropic/model_server"), sighting="data")
    side = dataclasses.replace(coder, channels=(*coder.channels, torn))
    (group,) = [g for g in build_view(side).ledger if any(c.channel == "host" for c in g.channels)]
    assert (group.where, group.operator, group.countries) == ("place not established", "operator not known", "not known")
    stranger = dataclasses.replace(torn, destination_candidates=("coder/control-plane", "addr:203.0.113.9"))
    side = dataclasses.replace(coder, channels=(*coder.channels, stranger))
    (group,) = [g for g in build_view(side).ledger if any(c.channel == "host" for c in g.channels)]
    assert group.where == "place not established", "one that nobody knows may be anywhere"


def test_flows_beside_each_other_are_no_path_and_each_is_a_violation(coder: Assessment) -> None:
    """A finding may speak of several flows to one recipient: none of them is told as a hop, and all are marked."""
    finding = next(f for f in coder.findings if len(f.rows) == 1 and not f.waived_by)
    flow = next(f for f in coder.flows if f.id == finding.rows[0])
    twin = dataclasses.replace(flow, id="twin", purpose="the same once more", name="confirmed")
    both = dataclasses.replace(finding, rows=(twin.id, flow.id))
    side = dataclasses.replace(
        coder,
        flows=(*coder.flows, twin),
        findings=tuple(both if f is finding else f for f in coder.findings),
    )
    view = build_view(side)
    shown = next(f for f in view.findings if f.id == finding.id)
    assert (shown.in_a_row, len(shown.path)) == (False, 2)
    assert {f.style for f in view.flows if f.id in both.rows} == {"violation"}


def test_of_a_path_the_last_hop_is_the_violation(coder: Assessment) -> None:
    view = build_view(coder)
    paths = [f for f in view.findings if f.in_a_row and not f.waived_by]
    assert paths
    styles = {f.anchor: f.style for f in view.flows}
    assert all(styles[f.path[-1].anchor] == "violation" for f in paths)
    alone = {step.anchor for f in paths for step in f.path[:-1]} - {
        s.anchor for f in view.findings if not f.in_a_row for s in f.path
    }
    assert all(styles[anchor] != "violation" for anchor in alone)


def test_the_ledger_counts_each_channel_once_for_its_recipient(coder: Assessment) -> None:
    view = build_view(coder)
    labels = [channel.label for group in view.ledger for channel in group.channels]
    assert len(labels) == len(set(labels)) == len(coder.channels)
    shared = next(c for g in view.ledger for c in g.channels if len(c.flows) > 1)
    assert (shared.bytes_to, [f.label for f in shared.flows]) == ("700.4 kB", ["flow 4", "flow 5"])
    anthropic = [(g.countries, g.total) for g in view.ledger if g.operator == "Anthropic PBC"]
    assert anthropic == [("US", "2.5 MB to it, 953.3 kB back"), ("not known", "no data seen")]
    order = {"outside the perimeter": 0, "place not established": 1, "inside the perimeter": 2}
    places = [order[group.where] for group in view.ledger]
    assert places == sorted(places)


def test_a_source_outside_is_a_recipient_of_what_comes_back(cursor: Assessment) -> None:
    view = build_view(cursor)
    policy = [(g.operator, c.data) for g in view.ledger for c in g.channels if c.label.startswith("Cursor dashboard →")]
    assert policy == [("Anysphere, Inc.", "orchestration metadata, prompts"), ("Anysphere, Inc.", "no named kind of data")]


def test_a_channel_of_unknown_country_makes_its_group_unknown(coder: Assessment) -> None:
    flows = tuple(dataclasses.replace(f, processing=()) if f.purpose == "workspace applications" else f for f in coder.flows)
    view = build_view(dataclasses.replace(coder, flows=flows))
    groups = [g for g in view.ledger if any(len(c.flows) > 1 for c in g.channels)]
    assert [g.countries for g in groups] == ["not known"]


def test_flow_rows_say_the_four_bases_in_plain_words(coder: Assessment) -> None:
    flows = {f.purpose: f for f in build_view(coder).flows}
    silent = flows["Claude Code event logging"]
    assert silent.observed.words == "never seen, though the sensor would have seen it"
    assert [silent.declared.truth, silent.configured.truth, silent.permitted.truth] == ["unknown", "yes", "unknown"]
    assert flows["update check"].observed.truth == "tried"
    assert {purpose: flow.style for purpose, flow in flows.items()} == {
        "state of chats and workspaces": "confirmed",
        "model requests": "confirmed",
        "local inference": "confirmed",
        "workspace agent connection": "confirmed",
        "workspace applications": "confirmed",
        "clone and push": "confirmed",
        "fallback inference at Anthropic": "violation",
        "Claude Code inference": "violation",
        "Claude Code event logging": "unknown",
        "deployment telemetry": "violation",
        "update check": "violation",
        "STUN address discovery": "confirmed",
        "": "unknown",
        "licence usage reports": "absent",
    }


def test_references_lead_somewhere(coder: Assessment) -> None:
    view = build_view(coder)
    anchors = {e.anchor for e in view.evidence} | {f.anchor for f in view.flows} | {f.anchor for f in view.findings}
    anchors |= {c.anchor for c in view.controls} | {u.anchor for u in view.unknowns}
    used = [r for f in view.flows for r in (*f.shared_with, *f.findings, *f.evidence)]
    used += [r for f in view.findings for r in (f.control, *f.path)] + [
        r for c in view.controls for r in (*c.findings, *c.unknowns)
    ]
    assert used
    assert {reference.anchor for reference in used} <= anchors


def test_an_id_without_record_prints_as_it_is(coder: Assessment) -> None:
    flow = dataclasses.replace(coder.flows[0], source="nobody", source_candidates=(), evidence=("E-99",), channel="lost")
    row = build_view(dataclasses.replace(coder, flows=(flow,))).flows[0]
    assert (row.source, row.evidence[0].anchor, row.evidence[0].label) == ("nobody", "", "E-99")


def test_the_glossary_explains_each_verdict() -> None:
    terms = {term for term, _ in words.GLOSSARY}
    assert {words.VERDICT_WORDS[verdict] for verdict in words.VERDICT_ORDER} <= terms


def _settled(assessment: Assessment, **changes: object) -> list[tuple[str, str]]:
    """Return verdict and note of the planes of a deployment all inside, against which nothing speaks."""
    inside = tuple(dataclasses.replace(c, place=dataclasses.replace(c.place, inside="yes")) for c in assessment.components)
    whole = dataclasses.replace(assessment, components=inside, findings=(), unknowns=(), not_examined=(), exceptions=())
    controls = tuple(dataclasses.replace(c, effective="pass", findings=(), unknowns=()) for c in whole.controls)
    built = build_view(dataclasses.replace(whole, controls=controls, **changes))  # type: ignore[arg-type]
    return [(p.verdict, p.note) for p in built.planes]


def _signed(assessment: Assessment, subject: str, status: str = "in_force") -> tuple[ExceptionRecord, ...]:
    return (dataclasses.replace(assessment.exceptions[0], kind="attestation", target=subject, status=status),)


def test_a_pass_by_attestation_never_reads_like_one_by_evidence(coder: Assessment) -> None:
    assert set(_settled(coder)) == {("pass", "nothing found against it")}
    everywhere = _settled(coder, exceptions=_signed(coder, "permitted"))
    assert set(everywhere) == {("pass", "pass by attestation (1 open point)")}
    one = _settled(coder, exceptions=_signed(coder, "coder/control-plane"))
    assert one.count(("pass", "pass by attestation (1 open point)")) == 1
    assert set(_settled(coder, exceptions=_signed(coder, "permitted", "expired"))) == {("pass", "nothing found against it")}


def test_a_file_that_nobody_examined_stands_beside_every_plane(coder: Assessment) -> None:
    unread = NotExaminedRecord("config/main.tf", "Terraform", named=False)
    assert set(_settled(coder, not_examined=(unread,))) == {("pass", "1 file not examined")}
    aside = dataclasses.replace(unread, set_aside=True)
    assert set(_settled(coder, not_examined=(aside,))) == {("pass", "nothing found against it")}
    assert build_view(dataclasses.replace(coder, not_examined=(aside,))).not_examined == (
        ("config/main.tf", "Terraform", "set aside"),
    )
