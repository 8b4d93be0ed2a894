"""What differs between two assessments by digest, version or date: the candidates for causes."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.facts.assessment import Assessment, ExceptionRecord, ProfileRecord
from auditor.facts.difference import CauseKind, CauseRecord, Certainty

_KINDS = {
    "configuration": CauseKind.CONFIGURATION,
    "export": CauseKind.CONFIGURATION,
    "capture": CauseKind.TRAFFIC,
    "document": CauseKind.DOCUMENT,
    "manifest": CauseKind.MANIFEST,
    "waivers": CauseKind.EXCEPTION,
    "attestations": CauseKind.EXCEPTION,
}


def differing(old: Assessment, new: Assessment) -> tuple[CauseRecord, ...]:
    """Return everything that differs, in the order of ``CauseKind``, then by subject."""
    found = [*_inputs(old, new), *_profiles(old, new), *_exceptions(old, new), *_whole(old, new)]
    order = list(CauseKind)
    return tuple(sorted(found, key=lambda c: (order.index(c.kind), c.subject, c.text)))


def _cause(kind: CauseKind, subject: str, text: str) -> CauseRecord:
    return CauseRecord(kind, subject, text, Certainty.POSSIBLE)


def _inputs(old: Assessment, new: Assessment) -> Iterator[CauseRecord]:
    before, after = ({(i.path, i.kind): i.sha256 for i in side.inputs} for side in (old, new))
    policies = _policies(old) | _policies(new)
    for path, kind in sorted(before.keys() | after.keys()):
        was, now = before.get((path, kind)), after.get((path, kind))
        if was != now:
            how = "was added" if was is None else "was removed" if now is None else "changed"
            told = CauseKind.POLICY if path in policies else _KINDS.get(kind, CauseKind.INPUT)
            yield _cause(told, path, f"{path} {how}")


def _policies(side: Assessment) -> frozenset[str]:
    """Return the files that say what the network permits, and nothing of what products do: policies are read as configuration."""
    bases: dict[str, set[str]] = {}
    for evidence in side.evidence:
        bases.setdefault(evidence.path, set()).add(evidence.basis)
    return frozenset(path for path, held in bases.items() if held == {"permitted"})


def _profiles(old: Assessment, new: Assessment) -> Iterator[CauseRecord]:
    before, after = ({p.id: p for p in side.profiles} for side in (old, new))
    for identity in sorted(before.keys() | after.keys()):
        was, now = before.get(identity), after.get(identity)
        if was is None or now is None:
            yield _cause(CauseKind.PROFILE, identity, f"profile {identity} was {'added' if was is None else 'removed'}")
        elif (how := _profile_change(was, now)) != "":
            yield _cause(CauseKind.PROFILE, identity, f"profile {identity}: {how}")


def _profile_change(was: ProfileRecord, now: ProfileRecord) -> str:
    if was.parameters != now.parameters:
        values = {name: value for name, value, _ in was.parameters}
        moved = [f"{n} is {v}, was {values.get(n, 'not set')}" for n, v, _ in now.parameters if values.get(n) != v]
        return ", ".join(moved) or "a parameter's reason changed"
    if was.version != now.version:
        return f"version {was.version} became {now.version}"
    if was.controls != now.controls or was.extends != now.extends:
        return "it holds other controls"
    return "its file changed" if was.sha256 != now.sha256 else ""


def _exceptions(old: Assessment, new: Assessment) -> Iterator[CauseRecord]:
    before, after = ({(e.kind, e.id): e for e in side.exceptions} for side in (old, new))
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if was is None or now is None:
            name = " ".join(key)
            yield _cause(CauseKind.EXCEPTION, key[1], f"{name} was {'added' if was is None else 'removed'}")
        elif was.status != now.status:
            yield _lapse(was, now)


def _lapse(was: ExceptionRecord, now: ExceptionRecord) -> CauseRecord:
    expired = now.status == "expired"
    text = f"{now.kind} {now.id} is {now.status}, was {was.status}" + (f" ({now.note})" if now.note else "")
    return _cause(CauseKind.EXPIRY if expired else CauseKind.EXCEPTION, now.id, text)


def _whole(old: Assessment, new: Assessment) -> Iterator[CauseRecord]:
    if old.catalog_sha256 != new.catalog_sha256:
        yield _cause(CauseKind.CATALOG, "", "the catalog changed")
    if old.tool != new.tool:
        yield _cause(CauseKind.TOOL, "", f"{new.tool}, was {old.tool}")
    if old.stage != new.stage:
        yield _cause(CauseKind.STAGE, "", f"stage {new.stage}, was {old.stage}")
    if old.as_of[:10] != new.as_of[:10]:
        yield _cause(CauseKind.DATE, "", f"as of {new.as_of[:10]}, was {old.as_of[:10]}")
