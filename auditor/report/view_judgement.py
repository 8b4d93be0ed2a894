"""Findings, controls, open points and planes of the view model."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.assessment import Assessment, ComponentRecord, ControlRecord, FindingRecord, UnknownRecord
from auditor.facts.records import FlowRecord
from auditor.report import words
from auditor.report.names import Names, countries
from auditor.report.view_model import ControlView, FindingView, PlaneView, UnknownView
from auditor.report.view_parts import CureView


def finding_views(assessment: Assessment, names: Names) -> tuple[FindingView, ...]:
    """Return the findings worst first."""
    controls = {control.id: control for control in assessment.controls}
    return tuple(_finding(n, f, controls.get(f.control), names) for n, f in enumerate(names.findings, 1))


def _finding(number: int, finding: FindingRecord, control: ControlRecord | None, names: Names) -> FindingView:
    return FindingView(
        number=number,
        anchor=f"finding-{number}",
        id=finding.id,
        control=names.control(finding.control),
        control_title=control.title if control else "",
        severity=finding.severity,
        title=finding.title,
        profiles=", ".join(finding.profiles),
        subject=names.end(finding.subject) if finding.subject else "",
        path=tuple(names.flow(row) for row in finding.rows),
        in_a_row=names.is_path(finding),
        data=words.data_words(finding.data),
        bases=", ".join(words.word(words.BASES, basis) for basis in finding.bases),
        waived_by=finding.waived_by,
        known=names.known.words(finding.id),
        cures=tuple(CureView(cure.kind, cure.text) for cure in finding.cures),
        remediation=control.remediation if control else "",
        maps=_maps(control) if control else "",
        evidence=names.evidence_views(finding.evidence),
    )


def control_views(assessment: Assessment, names: Names) -> tuple[ControlView, ...]:
    """Return the controls in the assessment's order, each once, with every profile that holds it."""
    holders: dict[str, list[str]] = {}
    for profile in assessment.profiles:
        for control in profile.controls:
            holders.setdefault(control, []).append(profile.id)
    return tuple(
        ControlView(
            anchor=names.control(control.id).anchor,
            id=control.id,
            title=control.title,
            sentence=control.sentence,
            severity=control.severity,
            verdict=control.effective,
            raw=control.verdict,
            reason=control.reason,
            needed=", ".join(words.word(words.BASES, basis) for basis in control.needed),
            profiles=", ".join(holders.get(control.id, ())),
            on_unknown="blocks the profile" if control.on_unknown == "block" else "does not block the profile",
            findings=tuple(names.finding(finding) for finding in control.findings),
            unknowns=tuple(names.unknown(unknown) for unknown in control.unknowns),
            attested_by=", ".join(control.attested_by),
            known=names.known.words(control.id),
            maps=_maps(control),
        )
        for control in assessment.controls
    )


def _maps(control: ControlRecord) -> str:
    return ", ".join(f"{reference} ({strength})" if strength else reference for reference, strength in control.maps)


def unknown_views(names: Names) -> tuple[UnknownView, ...]:
    """Return the open points, blocking ones first."""
    return tuple(_unknown(n, u, names) for n, u in enumerate(names.unknowns, 1))


def _unknown(number: int, unknown: UnknownRecord, names: Names) -> UnknownView:
    return UnknownView(
        anchor=f"unknown-{number}",
        kind=unknown.kind,
        subject=unknown.subject,
        text=unknown.text,
        settled_by=unknown.settled_by,
        who=words.word(words.PARTIES, unknown.who),
        blocking=unknown.blocking,
        known=names.known.of_open_point(unknown),
        controls=_by_profile(unknown.controls),
    )


def _by_profile(controls: tuple[str, ...]) -> str:
    """Return ``air-gapped: AG-01, AG-02; eu-residency: EUR-01`` for ids that begin with their profile."""
    groups: dict[str, list[str]] = {}
    for control in controls:
        profile, _, identity = control.rpartition("/")
        groups.setdefault(profile, []).append(identity)
    return "; ".join(f"{profile}: {', '.join(ids)}" if profile else ", ".join(ids) for profile, ids in groups.items())


def plane_views(assessment: Assessment, names: Names) -> tuple[PlaneView, ...]:
    """Return the planes in their order, with what speaks against each.

    A plane fails with an unwaived finding on its components or flows. It is unknown when it has no component, when
    its place is open, or when a blocking open point touches it or the whole deployment. Nothing judged is unknown.
    A plane outside that nothing speaks against has ``none``: the profiles allow it or do not look at it.
    """
    attested = [_touched(subject, names) for subject in _attested(assessment, names)]
    unread = sum(not entry.set_aside for entry in assessment.not_examined)
    failing = [_touched_by_finding(f, names) for f in names.findings if not f.waived_by]
    touching = [_touched(unknown.subject, names) for unknown in names.unknowns if unknown.blocking]
    undecided = any(c.effective in ("unknown", "fail") and not c.unknowns and not c.findings for c in assessment.controls)
    judged = any(c.effective in ("pass", "fail") for c in assessment.controls)
    return tuple(
        _plane(
            plane,
            tuple(c for c in assessment.components if c.plane == plane and c.present != "no"),
            names,
            _Tally(
                failing=sum(plane in planes for planes in failing),
                open_points=sum(not planes or plane in planes for planes in touching) + (undecided or not judged),
                attested=sum(not planes or plane in planes for planes in attested),
                unread=unread,
            ),
        )
        for plane in words.PLANES
    )


@dataclass(frozen=True, slots=True)
class _Tally:
    """What touches a plane, counted."""

    failing: int
    open_points: int
    attested: int
    """Open points that a person's statement fills."""
    unread: int
    """Files of the whole deployment that nobody examined."""


def _plane(plane: str, components: tuple[ComponentRecord, ...], names: Names, tally: _Tally) -> PlaneView:
    where = _where(components)
    codes = tuple(sorted({code for c in components for code in c.place.processing}))
    partly = components and not all(c.place.processing for c in components)
    settled = where in ("inside", "outside", "partly outside")
    clear = "pass" if where == "inside" else "none"
    verdict = "fail" if tally.failing else clear if settled and not tally.open_points else "unknown"
    return PlaneView(
        plane=plane,
        title=words.PLANES[plane],
        purpose=words.PLANE_PURPOSES[plane],
        where=where,
        run_by=", ".join(dict.fromkeys(_run_by(c, names) for c in components)) or "not known",
        countries=(", ".join(codes) + ", partly not known") if partly and codes else countries(codes),
        components=tuple(dict.fromkeys(c.title or c.id for c in components)),
        verdict=verdict,
        note=_note(tally, verdict, settled=settled),
    )


def _note(tally: _Tally, verdict: str, *, settled: bool) -> str:
    """Return what a reader must know beside the verdict; a pass by statement never reads like one by evidence."""
    notes = [words.plural(tally.failing, "finding")] if tally.failing else []
    notes += [words.plural(tally.open_points, "open point")] if tally.open_points else []
    if tally.attested:
        answered = words.plural(tally.attested, "open point")
        notes.append(f"pass by attestation ({answered})" if verdict == "pass" else f"{answered} answered by attestation")
    notes += [words.plural(tally.unread, "file") + " not examined"] if tally.unread else []
    return ", ".join(notes) or ("nothing found against it" if settled else "not established")


def _attested(assessment: Assessment, names: Names) -> tuple[str, ...]:
    """Return the subjects of open points that attestations fill; one that stays open elsewhere counts as open."""
    stated = {e.target for e in assessment.exceptions if e.kind == "attestation" and e.status == "in_force"}
    still = {u.subject for u in names.unknowns if u.blocking}
    return tuple(sorted(stated - still))


def _where(components: tuple[ComponentRecord, ...]) -> str:
    inside = {component.place.inside for component in components}
    if not inside:
        return "no component known"
    if "unknown" in inside:
        return "not established" if len(inside) == 1 else "partly not established"
    return {frozenset({"yes"}): "inside", frozenset({"no"}): "outside"}.get(frozenset(inside), "partly outside")


def _run_by(component: ComponentRecord, names: Names) -> str:
    place = component.place
    operator = names.operator(place.operator)
    if place.hosted_by and place.hosted_by != place.operator:
        return f"{operator} on machines of {names.operator(place.hosted_by)}"
    return operator


def _touched_by_finding(finding: FindingRecord, names: Names) -> frozenset[str]:
    """Return the planes that a finding speaks against; a path speaks against where it leads, not where it begins."""
    if not finding.subject and names.is_path(finding):
        return _touched(names.flows[finding.rows[-1]].destination, names)
    subjects = [finding.subject] if finding.subject else list(finding.rows)
    return frozenset(plane for subject in subjects for plane in _touched(subject, names))


def _touched(subject: str, names: Names) -> frozenset[str]:
    """Return the planes of a component, flow, channel or workload id; empty for the whole deployment."""
    ends: tuple[str, ...] = (subject,)
    if subject in names.flows:
        ends = _ends(names.flows[subject])
    elif subject in names.channels:
        channel = names.channels[subject]
        ends = (channel.source, channel.destination, *channel.source_candidates, *channel.destination_candidates)
    elif subject in names.workloads:
        ends = tuple(c.id for c in names.components.values() if c.workload == subject)
    elif subject not in names.components:
        # The questions of a flow with several destinations are the flow's own: its rows are called after it.
        ends = tuple(e for row in names.flows.values() if row.flow.startswith(f"{subject}:") for e in _ends(row))
    return frozenset(names.components[end].plane for end in ends if end in names.components) & frozenset(words.PLANES)


def _ends(row: FlowRecord) -> tuple[str, ...]:
    return row.source, row.destination, *row.source_candidates, *row.destination_candidates
