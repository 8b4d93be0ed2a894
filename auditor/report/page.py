"""What one HTML page prints of a view: its depth, the rows that fit, and which anchors therefore exist."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from auditor.report import words
from auditor.report.recipients import RecipientView, recipients
from auditor.report.view_ledger import LedgerGroup
from auditor.report.view_model import FindingView, FlowView, UnknownView, View
from auditor.report.view_parts import EvidenceView

MOST_ROWS = 2000
"""Rows of a table beyond this number are counted on the page and live in the JSON and the XLSX."""
MOST_CITED = 1000
"""The same for what is cited by other rows: channels of the ledger, entries of the evidence register."""
MOST_ARTICLES = 300
"""The same for what takes a paragraph and more: findings with their evidence, open points."""
MOST_RECIPIENTS = 5
"""Recipients on the first screen."""
MOST_FOCUSED = 200
"""Findings that the map can show alone."""
_STYLES = {"violation": "violations", "unknown": "not proven", "confirmed": "intended and seen", "stopped": "tried or stopped"}
_FINDINGS = {**{severity: severity for severity in words.SEVERITY_ORDER}, "waived": "waived"}


class Depth(StrEnum):
    """How much a page tells."""

    SUMMARY = "summary"
    """What an officer reads: verdict, planes, map, findings and open points in one line each."""
    FINDINGS = "findings"
    """What whoever mends reads: findings with evidence, residency ledger, open points, exceptions, coverage."""
    FULL = "full"
    """Everything: flows on four bases, controls, evidence register too."""


_SECTIONS = {
    "scope": "Scope",
    "map": "Map",
    "findings": "Findings",
    "ledger": "Residency ledger",
    "flows": "Flows",
    "controls": "Controls",
    "open": "Open points",
    "exceptions": "Exceptions",
    "coverage": "Coverage",
    "evidence": "Evidence",
    "inputs": "Inputs",
    "glossary": "Glossary",
}
_LEFT_OUT = {
    Depth.SUMMARY: frozenset({"ledger", "flows", "controls", "exceptions", "coverage", "evidence", "inputs", "glossary"}),
    Depth.FINDINGS: frozenset({"flows", "controls", "evidence"}),
    Depth.FULL: frozenset[str](),
}


@dataclass(frozen=True, slots=True)
class Page:
    """What is printed; the counts of what is not stand in ``rest``."""

    depth: Depth
    sections: tuple[tuple[str, str], ...]
    """(anchor, title) of the sections, in order."""
    shown: frozenset[str]
    """Anchors of the sections."""
    findings: tuple[FindingView, ...]
    flows: tuple[FlowView, ...]
    """Rows that exist or may; where not all fit, violations first, then what is not proven. In the order of the assessment."""
    off: tuple[FlowView, ...]
    """Rows that are switched off."""
    unknowns: tuple[UnknownView, ...]
    evidence: tuple[EvidenceView, ...]
    recipients: tuple[RecipientView, ...]
    """Who receives data and is not inside, for the first screen."""
    ledger: tuple[LedgerGroup, ...]
    """Whoever receives data, with the channels that fit."""
    rest: dict[str, int]
    """Name of a list to the number of its rows that are not printed."""
    filters: dict[str, tuple[tuple[str, str, int], ...]]
    """Section to (name, words, number of printed rows) of its filters; each is an anchor and needs no script."""
    anchors: frozenset[str]
    """Every anchor of a row that is printed: links to others are printed as text."""
    focused: tuple[int, ...]
    """Numbers of the printed findings that the map can show alone."""


def build_page(view: View, depth: Depth) -> Page:
    """Return what a page of ``depth`` prints of ``view``."""
    sections = tuple((anchor, title) for anchor, title in _SECTIONS.items() if anchor not in _LEFT_OUT[depth])
    live = [flow for flow in view.flows if flow.style != "absent"]
    flows = _worst(live)
    off = tuple(flow for flow in view.flows if flow.style == "absent")[: max(0, MOST_ROWS - len(flows))]
    findings, unknowns = view.findings[:MOST_ARTICLES], view.unknowns[:MOST_ARTICLES]
    evidence = _cited(view.evidence, findings, flows)
    receiving = recipients(view.ledger)
    ledger = _fitting(view.ledger)
    page = Page(
        depth=depth,
        sections=sections,
        shown=frozenset(anchor for anchor, _ in sections),
        findings=findings,
        flows=flows,
        off=off,
        unknowns=unknowns,
        evidence=evidence,
        recipients=receiving[:MOST_RECIPIENTS],
        ledger=ledger,
        rest={
            "findings": len(view.findings) - len(findings),
            "flows": len(live) - len(flows),
            "off": len(view.flows) - len(live) - len(off),
            "unknowns": len(view.unknowns) - len(unknowns),
            "evidence": len(view.evidence) - len(evidence),
            "recipients": max(0, len(receiving) - MOST_RECIPIENTS),
            "ledger": sum(len(group.channels) for group in view.ledger) - sum(len(group.channels) for group in ledger),
        },
        filters={
            "flows": _filters({**_STYLES, "leaves": "leaves the perimeter"}, (_flow_names(flow) for flow in flows)),
            "findings": _filters(_FINDINGS, ({"waived" if f.waived_by else f.severity} for f in findings)),
            "controls": _filters(words.VERDICT_WORDS, ({control.verdict} for control in view.controls)),
        },
        anchors=frozenset(),
        focused=tuple(f.number for f in findings if depth is not Depth.SUMMARY and f.path)[:MOST_FOCUSED],
    )
    return replace(page, anchors=_anchors(page, view))


def _anchors(page: Page, view: View) -> frozenset[str]:
    """Return the anchors of the rows that the page prints; a summary has one line a finding, and no anchor for it."""
    articles = page.depth is not Depth.SUMMARY
    printed: dict[str, tuple[str, ...]] = {
        "flows": tuple(flow.anchor for flow in (*page.flows, *page.off)),
        "findings": tuple(finding.anchor for finding in page.findings if articles),
        "open": tuple(point.anchor for point in page.unknowns if articles),
        "evidence": tuple(entry.anchor for entry in page.evidence),
        "controls": tuple(control.anchor for control in view.controls),
    }
    return frozenset(anchor for name, anchors in printed.items() if name in page.shown for anchor in anchors)


def _worst(flows: Iterable[FlowView]) -> tuple[FlowView, ...]:
    """Return the rows that fit, chosen by what they say, in their own order."""
    rank = {style: n for n, style in enumerate(_STYLES)}
    chosen = sorted(flows, key=lambda flow: (rank.get(flow.style, len(rank)), flow.number))[:MOST_ROWS]
    return tuple(sorted(chosen, key=lambda flow: flow.number))


def _cited(
    evidence: tuple[EvidenceView, ...], findings: tuple[FindingView, ...], flows: tuple[FlowView, ...]
) -> tuple[EvidenceView, ...]:
    """Return the entries that fit: what findings cite, then flows, then the rest; in the order of the register."""
    cited = [entry.anchor for finding in findings for entry in finding.evidence]
    cited += [reference.anchor for flow in flows for reference in flow.evidence]
    kept = frozenset(itertools.islice(dict.fromkeys((*cited, *(entry.anchor for entry in evidence))), MOST_CITED))
    return tuple(entry for entry in evidence if entry.anchor in kept)


def _fitting(groups: tuple[LedgerGroup, ...]) -> tuple[LedgerGroup, ...]:
    """Return every group, each with its share of the channels that fit; a group keeps one at least."""
    left = MOST_CITED
    fitting = []
    for group in groups:
        channels = group.channels[: max(1, left)]
        left -= len(channels)
        fitting.append(replace(group, channels=channels))
    return tuple(fitting)


def _flow_names(flow: FlowView) -> set[str]:
    return {flow.style, "leaves"} if flow.leaves else {flow.style}


def _filters(titles: dict[str, str], rows: Iterable[set[str]]) -> tuple[tuple[str, str, int], ...]:
    """Return the filters that leave something: name, words, number of rows."""
    counts = Counter(name for names in rows for name in names)
    return tuple((name, title, counts[name]) for name, title in titles.items() if counts[name])
