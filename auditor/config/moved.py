"""Files at the place that a variable or flag of the process names: settings of the user that were moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from auditor.catalog.product import Product
from auditor.catalog.scopes import FoundAt, Scope
from auditor.config.bindings import Launch, Source
from auditor.config.flags import uses
from auditor.config.layers import processes_of
from auditor.config.recognition import FILE_KINDS
from auditor.documents import variable_file

_VALUE = "{value}"
_HOME = ("~", "$HOME", "${HOME}")


def moved_files(sources: Sequence[Source], product: Product, launches: Sequence[Launch]) -> Iterator[tuple[Source, Scope]]:
    """Yield the documents that stand where the processes of a system look for a scope's file.

    All processes have to name the same place: where they differ, which of the files is in force is not known.
    """
    processes = processes_of(launches)
    for scope in product.scopes:
        if scope.found_at is None or not processes:
            continue
        # An env file has no command line that could say it.
        texts = {_said(scope.found_at, launch) for launch in processes if launch.complete or not scope.found_at.flags}
        place = _place(scope.found_at, texts.pop()) if len(texts) == 1 else ()
        if place:
            yield from ((s, scope) for s in sources if s.document.kind in FILE_KINDS and _ends(s, place))


def _said(found_at: FoundAt, launch: Launch) -> str:
    return _flagged(found_at, launch) if found_at.flags else _bound(found_at, launch)


def _place(found_at: FoundAt, named: str) -> tuple[str, ...]:
    """Return the parts of the path of the file below the root or the home folder, none where it is not known."""
    if not named:
        return ()
    if found_at.content:
        return (variable_file(found_at.env),)
    if _VALUE in found_at.file:
        return PurePosixPath(found_at.file.replace(_VALUE, named)).parts
    parts = [p for p in PurePosixPath(named).parts if p not in ("/", ".", *_HOME)]
    return (*parts, *PurePosixPath(found_at.file).parts)


def _bound(found_at: FoundAt, launch: Launch) -> str:
    bound = launch.env.get(found_at.env)
    hidden = bound is None or (bound.redacted and not found_at.content)
    return "" if bound is None or hidden else bound.value or ""


def _flagged(found_at: FoundAt, launch: Launch) -> str:
    said = [u for name in found_at.flags for u in uses(launch.words, name, switch=False)]
    return said[-1].text if said and not said[-1].redacted else ""


def _ends(source: Source, place: tuple[str, ...]) -> bool:
    return PurePosixPath(source.document.name).parts[-len(place) :] == place
