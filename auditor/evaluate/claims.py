"""The sentences above everything else: what is judged of the claim and of each profile."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.evaluate.exceptions import Judged
from auditor.evaluate.verdicts import blocks, profile_verdict, worst_first
from auditor.evaluate.words import BASES, counted, joined, with_stop
from auditor.facts.inventory import Unknown
from auditor.facts.vocabulary import Basis, Stage, UnknownKind, Verdict

_BRIEFLY = {
    UnknownKind.PERMITTED_NOT_EXAMINED: "what the network permits was not examined",
    UnknownKind.PERMITTED_OPEN: "the network leaves a way out",
    UnknownKind.OBSERVATION_MISSING: "no captured traffic was given",
    UnknownKind.OBSERVATION_WINDOW: "traffic was not watched for long enough",
    UnknownKind.OBSERVATION_COVERAGE: "captures could not have seen all traffic",
    UnknownKind.OBSERVATION_STALE: "evidence is too old, or from later than the date judged",
    UnknownKind.NOT_EXERCISED: "the captures do not show the agent at work",
    UnknownKind.INVENTORY_OPEN: "the inventory is not complete",
    UnknownKind.SETTING_UNKNOWN: "the value of a setting is not known",
    UnknownKind.FACT_UNKNOWN: "a fact that decides it is not known",
    UnknownKind.FACT_WEAK: "a fact that decides it is not known well enough",
    UnknownKind.DESTINATION_UNNAMED: "a destination hides its name",
    UnknownKind.DESTINATION_UNKNOWN: "a destination is not known",
    UnknownKind.SOURCE_NOT_ESTABLISHED: "who sends some traffic is not established",
    UnknownKind.UNEXPLAINED_TRAFFIC: "some traffic is not explained",
    UnknownKind.PLACE_UNKNOWN: "where a component is, is not known",
    UnknownKind.OPERATOR_UNKNOWN: "who operates a component is not known",
    UnknownKind.CONFLICT: "evidence contradicts itself",
    UnknownKind.NOTHING_TO_JUDGE: "nothing was found that it speaks of",
    UnknownKind.EVIDENCE_UNDATED: "evidence has no date",
    UnknownKind.NOT_EXAMINED: "a file was not examined",
    UnknownKind.EXPIRED: "something has expired",
}

_NOT_THERE = {UnknownKind.PERMITTED_NOT_EXAMINED: Basis.PERMITTED, UnknownKind.OBSERVATION_MISSING: Basis.OBSERVED}
"""Reasons that say of a whole basis that nobody looked."""
_SHOWN = 3


def judged_sentence(subject: str, judged: Sequence[Judged], stage: Stage, captures: int = 0) -> str:
    """Return one plain sentence on ``subject`` (a quoted label or a profile's title), naming the stage.

    ``captures`` are those that the manifest names: before stage ``operate`` nobody looks at them, and that is said.
    """
    verdict = profile_verdict(judged)
    unseen = "" if stage is Stage.OPERATE or not captures else _unseen(captures)
    if verdict is Verdict.FAIL:
        return _contradicted(subject, judged)
    if verdict is Verdict.UNKNOWN:
        return f"{subject} is not proven at stage {stage.value}: {_open(judged)}{unseen}."
    looked_at, rest = _looked_at(judged, stage)
    if stage is Stage.OPERATE:
        return f"{subject} holds at stage {stage.value}: nothing in {looked_at} speaks against it{rest}{_excepted(judged)}."
    waits = f"{_awaiting(judged, stage)}{unseen}"
    return f"{subject} is not refuted by {looked_at} (stage {stage.value}){rest}{waits}{_excepted(judged)}."


def _unseen(captures: int) -> str:
    if captures == 1:
        return "; the 1 capture of the manifest is not looked at at this stage"
    return f"; the {captures} captures of the manifest are not looked at at this stage"


def _looked_at(judged: Sequence[Judged], stage: Stage) -> tuple[str, str]:
    """Return the bases that were examined, and what is to be said of those that were needed and were not."""
    needed = {basis for j in judged for basis in j.control.evidence.at(stage)}
    missing = {
        basis: kind for kind, basis in _NOT_THERE.items() if any(u.kind is kind for j in judged for u in j.outcome.unknowns)
    }
    attested = {subject for j in judged for subject, _ in j.attested}
    rest = "".join(
        f"; {BASES[basis]}: {'attested, ' if basis.value in attested else ''}not examined"
        for basis in Basis
        if basis in needed and basis in missing
    )
    return joined(BASES[basis] for basis in Basis if basis in needed and basis not in missing) or "what was examined", rest


def _excepted(judged: Sequence[Judged]) -> str:
    """Return how much of a pass stands on exceptions: it is never hidden."""
    waived = sum(len(j.waived) for j in judged)
    attested = sum(len(j.attested) for j in judged if j.outcome.verdict is not Verdict.PASS)
    parts = [counted(waived, "finding") + " waived"] if waived else []
    if attested:
        parts.append(f"{counted(attested, 'question')} answered by attestation")
    return f" ({joined(parts)})" if parts else ""


def _contradicted(subject: str, judged: Sequence[Judged]) -> str:
    failed = [j for j in worst_first(judged) if j.effective is Verdict.FAIL]
    waived = {finding for j in failed for finding, _ in j.waived}
    open_ones = [v for j in failed for v in j.outcome.violations if f"{j.control.id}@{v.key}" not in waived]
    return with_stop(f"{subject} is contradicted by {counted(len(open_ones), 'finding')}, first: {open_ones[0].title}")


def _open(judged: Sequence[Judged]) -> str:
    """Return why it is not proven: the reasons in short, by how many controls each leaves open."""
    blocked = [j for j in judged if blocks(j)] or list(judged)
    reasons: dict[UnknownKind, int] = {}
    for j in blocked:
        for kind in dict.fromkeys(u.kind for u in remaining(j)):
            reasons[kind] = reasons.get(kind, 0) + 1
    ranked = sorted(reasons, key=lambda kind: (-reasons[kind], list(UnknownKind).index(kind)))
    shown = [_BRIEFLY[kind] for kind in ranked[:_SHOWN]]
    if len(ranked) > _SHOWN:
        shown.append(counted(len(ranked) - _SHOWN, "further reason"))
    return f"{joined(shown) or 'no control applies'}; {counted(len(blocked), 'control')} open"


def _awaiting(judged: Sequence[Judged], stage: Stage) -> str:
    """Return how many controls need traffic or permissions that this stage does not look at."""
    parts = []
    for basis, word in ((Basis.PERMITTED, "network permissions"), (Basis.OBSERVED, "traffic")):
        waiting = sum(basis in j.control.evidence.operate and basis not in j.control.evidence.at(stage) for j in judged)
        if waiting:
            parts.append(f"{counted(waiting, 'control')} {'awaits' if waiting == 1 else 'await'} {word}")
    return f"; {joined(parts)}" if parts else ""


def remaining(judged: Judged) -> tuple[Unknown, ...]:
    """Return the unknowns of a control that no attestation fills."""
    filled = {subject for subject, _ in judged.attested}
    return tuple(u for u in judged.outcome.unknowns if u.subject not in filled)
