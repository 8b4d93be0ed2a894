"""Why a verdict moved, as far as the records tell: the evidence that came or went names the file it lies in.

No cause is guessed away: where nothing points at one of the things that differ, all of them stay possible, and where
nothing differs that is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from auditor.facts.assessment import Assessment, ControlRecord
from auditor.facts.difference import CauseKind, CauseRecord, Certainty

_QUESTIONS = {
    "observation_missing": (CauseKind.TRAFFIC,),
    "observation_window": (CauseKind.TRAFFIC,),
    "observation_coverage": (CauseKind.TRAFFIC,),
    "not_exercised": (CauseKind.TRAFFIC,),
    "unexplained_traffic": (CauseKind.TRAFFIC,),
    "destination_unnamed": (CauseKind.TRAFFIC,),
    "source_not_established": (CauseKind.TRAFFIC,),
    "permitted_not_examined": (CauseKind.POLICY,),
    "permitted_open": (CauseKind.POLICY,),
    "inventory_open": (CauseKind.CONFIGURATION,),
    "setting_unknown": (CauseKind.CONFIGURATION,),
    "fact_unknown": (CauseKind.DOCUMENT, CauseKind.MANIFEST),
    "observation_stale": (CauseKind.DATE,),
    "expired": (CauseKind.DATE,),
}
"""Kind of an open question -> what settles or raises it (``UnknownKind``); the others have several."""
_UNRECORDED = CauseRecord(
    CauseKind.NOT_RECORDED, "", "nothing that the two assessments record by digest, version or date differs", Certainty.POSSIBLE
)


class Causes:
    """Finds the causes of moved verdicts between two assessments."""

    def __init__(self, old: Assessment, new: Assessment, changed: tuple[CauseRecord, ...]) -> None:
        """Take what differs (``changes.differing``) as the only candidates."""
        self._sides = (old, new)
        self._changed = changed

    def of_control(self, was: ControlRecord | None, now: ControlRecord | None) -> tuple[CauseRecord, ...]:
        """Return the causes that moved one control, surest first; never empty."""
        shown = [c for c in self._changed if self._shows(c, was, now)]
        kinds = self._question_kinds(was, now)
        likely = [c for c in self._changed if c not in shown and c.kind in kinds]
        return self._told(shown, likely)

    def of_profile(self, identity: str, moved: Iterable[tuple[CauseRecord, ...]]) -> tuple[CauseRecord, ...]:
        """Return the causes that moved a profile or a claim: those of its moved controls, and its own file."""
        own = [
            replace(c, certainty=Certainty.SHOWN) for c in self._changed if (c.kind, c.subject) == (CauseKind.PROFILE, identity)
        ]
        found: dict[tuple[CauseKind, str, str], CauseRecord] = {}
        for cause in (*own, *(c for causes in moved for c in causes)):
            key = (cause.kind, cause.subject, cause.text)
            known = found.get(key)
            if known is None or _rank(cause) < _rank(known):
                found[key] = cause
        return tuple(sorted(found.values(), key=_rank)) or self._told([], [])

    def _told(self, shown: list[CauseRecord], likely: list[CauseRecord]) -> tuple[CauseRecord, ...]:
        if len(self._changed) == 1:
            return (replace(self._changed[0], certainty=Certainty.SHOWN),)
        if shown or likely:
            sure = [replace(c, certainty=Certainty.SHOWN) for c in shown]
            return (*sure, *(replace(c, certainty=Certainty.LIKELY) for c in likely))
        return self._changed or (_UNRECORDED,)

    def _shows(self, cause: CauseRecord, was: ControlRecord | None, now: ControlRecord | None) -> bool:
        """Return whether the records point at ``cause``."""
        if cause.kind in (CauseKind.EXCEPTION, CauseKind.EXPIRY):
            return self._excepted(cause, was, now)
        if cause.kind is CauseKind.PROFILE:
            holders = {p.id for side in self._sides for p in side.profiles if _identity(was, now) in p.controls}
            return cause.subject in holders and (was is None or now is None or _text(was) != _text(now))
        return cause.subject != "" and cause.subject in self._files(was, now)

    def _excepted(self, cause: CauseRecord, was: ControlRecord | None, now: ControlRecord | None) -> bool:
        """Return whether an exception for this control moved it: its raw verdict alone did not."""
        if was is None or now is None or (was.verdict != now.verdict and was.verdict == was.effective):
            return False
        mine = {e.id for side in self._sides for e in side.exceptions if e.control.rpartition("/")[2] == now.id}
        return cause.subject in mine

    def _files(self, was: ControlRecord | None, now: ControlRecord | None) -> set[str]:
        """Return the files that hold the evidence of the findings that came or went."""
        old, new = self._sides
        before, after = set(was.findings if was else ()), set(now.findings if now else ())
        return _evidence_files(old, before - after) | _evidence_files(new, after - before)

    def _question_kinds(self, was: ControlRecord | None, now: ControlRecord | None) -> set[CauseKind]:
        moved = set(was.unknowns if was else ()) ^ set(now.unknowns if now else ())
        kinds = {u.id: u.kind for side in self._sides for u in side.unknowns}
        return {kind for m in moved for kind in _QUESTIONS.get(kinds.get(m, ""), ())}


def _rank(cause: CauseRecord) -> int:
    return list(Certainty).index(cause.certainty)


def _identity(was: ControlRecord | None, now: ControlRecord | None) -> str:
    return now.id if now else was.id if was else ""


def _text(control: ControlRecord) -> tuple[object, ...]:
    return (control.sentence, control.severity, control.on_unknown, control.needed)


def _evidence_files(side: Assessment, findings: set[str]) -> set[str]:
    """Return the paths behind ``findings`` and their flows, the files of the catalog left out."""
    paths = {e.id: e.path for e in side.evidence if e.kind != "catalog"}
    flows = {f.id: f for f in side.flows}
    mine = [f for f in side.findings if f.id in findings]
    held = [e for f in mine for e in (*f.evidence, *(e for row in f.rows if row in flows for e in flows[row].evidence))]
    return {paths[e] for e in held if e in paths}
