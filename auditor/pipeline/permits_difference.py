"""Two states of a network side by side: what became reachable, and what no longer is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from auditor.errors import Diagnostic, NothingToAuditError, UsageError
from auditor.facts.permits import PermitChange, PermitDifference, PermitReason
from auditor.network import Answers, Closures, SideBySide, Source
from auditor.pipeline.explaining import ALWAYS, read_ground_of
from auditor.pipeline.standing import Ground

Sources = dict[str, Source]


def permits_difference(
    old: tuple[Path, ...], new: tuple[Path, ...], workload: str = "", platform: tuple[tuple[str, str], ...] = ()
) -> PermitDifference:
    """Return what the sources of either side may reach in one state of the network and not in the other.

    Args:
        old: a deployment folder with a manifest, or files and folders, of the one state.
        new: the same of the other.
        workload: one source by its id; empty for all.
        platform: pairs that replace those of the manifests' ``platform:``.

    Raises:
        UsageError: a path that does not exist, or no such workload on either side.
        NothingToAuditError: neither side has a workload.
    """
    grounds = [read_ground_of(paths, platform) for paths in (old, new)]
    before, after = (_sources(ground) for ground, _ in grounds)
    if not before and not after:
        raise NothingToAuditError(
            Diagnostic("no workload was found", path=str(new[0]), next_step="name the files that define them")
        )
    names = sorted({*before, *after} if not workload else {n for n in (*before, *after) if n == workload})
    if not names:
        known = ", ".join(sorted({*before, *after})[:5])
        raise UsageError(Diagnostic(f"no workload is called {workload}", why=f"there are {known}", next_step="correct the name"))
    answers = [Answers(ground.cluster, ground.governed) for ground, _ in grounds]
    both = SideBySide(answers[0], answers[1])
    gained, lost = _through(answers, before, after, names)
    sources = [s for side in (before, after) for n, s in side.items() if n in names]
    return PermitDifference(
        appeared=tuple(n for n in names if n not in before),
        vanished=tuple(n for n in names if n not in after),
        changes=tuple(c for n in names for c in _changes(both, before, after, n)),
        through=gained,
        no_longer_through=lost,
        assumed=tuple(dict.fromkeys((*_assumed(answers, sources), *(ALWAYS if any(s.pods for s in sources) else ())))),
        not_examined=tuple(dict.fromkeys(f"{m.path}: {m.reason}" for _, missing in grounds for m in missing)),
    )


def _sources(ground: Ground) -> Sources:
    """Return every source by its id; of pods shown alike the first stands for all, which one workload's copies are."""
    found: Sources = {}
    for pods in ground.cluster.pods:
        found.setdefault(pods.id, ground.as_sources((pods,), ())[0])
    for governed in ground.governed:
        found.setdefault(governed.subject.id, Source.governed(governed))
    return found


def _through(
    answers: list[Answers], before: Sources, after: Sources, names: list[str]
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Return (source, other) pairs that are new and that are gone: others through which a source reaches more."""
    closures = [Closures(a) for a in answers]
    gained, lost = [], []
    for name in names:
        sides = [c.of(s[name]) if name in s else frozenset[str]() for c, s in zip(closures, (before, after), strict=True)]
        gained += [(name, other) for other in sorted(sides[1] - sides[0])]
        lost += [(name, other) for other in sorted(sides[0] - sides[1])]
    return tuple(sorted(gained)), tuple(sorted(lost))


def _changes(both: SideBySide, before: Sources, after: Sources, name: str) -> Iterator[PermitChange]:
    for change in both.moved(before.get(name), after.get(name)):
        reasons = tuple(dict.fromkeys(PermitReason(s.text, s.location) for s in change.steps))
        yield PermitChange(name, change.destination, change.connections.text(), change.was, change.now, reasons)


def _assumed(answers: Iterable[Answers], sources: list[Source]) -> Iterator[str]:
    for each in answers:
        yield from each.assumed(sources)
