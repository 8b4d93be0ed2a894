"""Whether dated evidence is of use on the day judged: not too old for the profile, not from later, not undated.

Captures and exports of a live system tell how things were; ``max_age`` says for how long that counts. Documents
(contracts, policies) hold until something replaces them, so they are only refused when they are from later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from auditor.evaluate.duration import seconds, words
from auditor.evaluate.expiry import instant, later_than
from auditor.evaluate.parameters import MAX_AGE, values_of
from auditor.facts.evidence import StatementLocation
from auditor.facts.inventory import Unknown
from auditor.facts.manifest import InputEntry, Manifest
from auditor.facts.observation import SourceCoverage
from auditor.facts.profile import Control
from auditor.facts.vocabulary import ConfigState, Party, UnknownKind


def age_doubts(control: Control, manifest: Manifest, as_of: str) -> Iterator[Unknown]:
    """Yield the exports that are too old for ``control``, undated or from later, and the documents from later."""
    steps = ("Export the state again, and give the day under collected: in the manifest.",)
    for entry in manifest.inputs:
        if entry.kind == "path" and (entry.collected or _is_export(entry)):
            yield from _judged(entry.path, entry.collected, control, as_of, steps)
    for document, date in sorted(_documents(manifest)):
        if date and later_than(date, as_of):
            yield _later(document, date, as_of, ("Correct the date, or judge with --as-of on a later day.",), Party.PLATFORM)


def capture_age_doubts(control: Control, coverage: Sequence[SourceCoverage], as_of: str) -> Iterator[Unknown]:
    """Yield the captures that are older than the profile allows, from later, or that show no time."""
    steps = ("Capture again, and give the new capture.",)
    for source in coverage:
        yield from _judged(source.id, source.last_time, control, as_of, steps, Party.NETWORK)


def _judged(
    subject: str, date: str, control: Control, as_of: str, steps: tuple[str, ...], who: Party = Party.PLATFORM
) -> Iterator[Unknown]:
    allowed = values_of(control.parameters, MAX_AGE)
    if not date:
        if allowed:
            text = f"{subject} shows no time, so its age cannot be judged."
            yield Unknown(UnknownKind.EVIDENCE_UNDATED, subject, text, steps, who)
    elif later_than(date, as_of):
        yield _later(subject, date, as_of, steps, who)
    elif allowed and instant(date) < instant(as_of) - dt.timedelta(seconds=seconds(allowed[0])):
        text = f"{subject} is of {date}; this profile takes evidence of the last {words(seconds(allowed[0]))}."
        yield Unknown(UnknownKind.OBSERVATION_STALE, subject, text, steps, who)


def _later(subject: str, date: str, as_of: str, steps: tuple[str, ...], who: Party) -> Unknown:
    text = f"{subject} is of {date}, which is later than the date judged ({as_of})."
    return Unknown(UnknownKind.OBSERVATION_STALE, subject, text, steps, who)


def _is_export(entry: InputEntry) -> bool:
    return entry.state is ConfigState.LIVE or bool(entry.origin)


def _documents(manifest: Manifest) -> set[tuple[str, str]]:
    """Return (document, date) of everything that a document states."""
    stated = [*(f.evidence for f in manifest.facts), *(s.evidence for s in manifest.statements)]
    places = (evidence.location for evidence in stated)
    return {(at.document, at.date) for at in places if isinstance(at, StatementLocation)}
