"""The gate: a deployment judged as it is, or as a change of a base revision; then measured against a baseline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from auditor.errors import Diagnostic, UnreadableError
from auditor.evaluate import exit_code
from auditor.facts.assessment import Assessment
from auditor.facts.manifest import LONGEST_EXCEPTION_DAYS
from auditor.pipeline.gathering import gather
from auditor.pipeline.modelling import judge, model
from auditor.pipeline.request import Inputs, Progress, Request


@dataclass(frozen=True, slots=True)
class Gate:
    """What a gate knows besides the deployment."""

    base: str = ""
    """Revision that the deployment is a change of; empty: judged as it is."""
    approved: bool = False
    """The change may alter what it is judged by."""
    baseline: Path | None = None
    """An earlier assessment; taken from the base revision, where there is one."""
    days: int = LONGEST_EXCEPTION_DAYS
    """For how many days what the baseline knows is let through."""


def check(request: Request, as_of: str, gate: Gate | None = None, progress: Progress | None = None) -> Assessment:
    """Return the assessment of a deployment at ``as_of`` (ISO 8601 date-time).

    Raises:
        AuditorError: as ``gather``; a baseline that cannot be read or does not fit; no such base revision.
    """
    gate = gate or Gate()
    if gate.base:
        return _check_change(request, as_of, gate, progress)
    earlier = _loaded(gate.baseline, _read(gate.baseline)) if gate.baseline else None
    tell = progress or _silent
    tell("reading", 0, 0)
    inputs = gather(request, progress)
    tell("judging", 0, 0)
    assessment = _judged(inputs, as_of)
    return _measured(assessment, earlier, gate.days) if earlier else assessment


def _check_change(request: Request, as_of: str, gate: Gate, progress: Progress | None) -> Assessment:
    from auditor.compare import with_change
    from auditor.pipeline.changing import gather_change

    files = (gate.baseline,) if gate.baseline else ()
    tell = progress or _silent
    tell("reading the change and its base", 0, 0)
    change = gather_change(request, gate.base, gate.approved, files, progress)
    tell("judging the change", 0, 0)
    assessment = _judged(change.inputs, as_of)
    if gate.baseline:
        data = _read(gate.baseline) if gate.approved else change.files[gate.baseline]
        assessment = _measured(assessment, _loaded(gate.baseline, data), gate.days) if data is not None else assessment
    tell("judging the base", 0, 0)
    before = _judged(change.base, as_of) if change.base else None
    whole = with_change(assessment, before, change.revision, change.alterations, gate.approved)
    return replace(whole, exit_code=exit_code(replace(whole, baseline=None)))


def _silent(what: str, done: int, total: int) -> None:
    """Tell nothing."""


def _judged(inputs: Inputs, as_of: str) -> Assessment:
    return judge(model(inputs), inputs, as_of)


@dataclass(frozen=True, slots=True)
class _Earlier:
    """A baseline that was read."""

    assessment: Assessment
    name: str
    sha256: str


def _loaded(path: Path, data: bytes) -> _Earlier:
    from auditor.report.assessment_json import load_assessment

    return _Earlier(load_assessment(data, str(path)), path.name, sha256(data).hexdigest())


def _measured(assessment: Assessment, earlier: _Earlier, days: int) -> Assessment:
    from auditor.compare import with_baseline

    return with_baseline(assessment, earlier.assessment, earlier.name, earlier.sha256, days)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        step = "make one with auditor check DEPLOYMENT --output json:baseline.json"
        raise UnreadableError(Diagnostic("cannot read the baseline", why, step, str(path))) from error
