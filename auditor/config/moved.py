"""Files at the place that a variable of the process names: settings of the user that were moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from auditor.catalog.product import Product
from auditor.catalog.scopes import FoundAt, Scope
from auditor.config.bindings import Launch, Source
from auditor.config.layers import processes_of
from auditor.config.recognition import FILE_KINDS
from auditor.documents import variable_file

_HOME = ("~", "$HOME", "${HOME}")


def moved_files(sources: Sequence[Source], product: Product, launches: Sequence[Launch]) -> Iterator[tuple[Source, Scope]]:
    """Yield the documents that stand where the processes of a system look for a scope's file.

    All processes have to name the same place: where they differ, which of the files is in force is not known.
    """
    processes = processes_of(launches)
    for scope in product.scopes:
        if scope.found_at is None or not processes:
            continue
        texts = {_text(scope.found_at, launch) for launch in processes}
        place = _place(scope.found_at, texts.pop()) if len(texts) == 1 else ()
        if place:
            yield from ((s, scope) for s in sources if s.document.kind in FILE_KINDS and _ends(s, place))


def _text(found_at: FoundAt, launch: Launch) -> str:
    """Return what the variable of a process says, empty where it is not known."""
    bound = launch.env.get(found_at.env)
    hidden = bound is None or (bound.redacted and not found_at.content)
    return "" if bound is None or hidden else bound.value or ""


def _place(found_at: FoundAt, text: str) -> tuple[str, ...]:
    """Return the parts of the path of the file below the root or the home folder, none where it is not known."""
    if not text:
        return ()
    if found_at.content:
        return (variable_file(found_at.env),)
    parts = [p for p in PurePosixPath(text).parts if p != "/" and p not in _HOME]
    return (*parts, *PurePosixPath(found_at.file).parts)


def _ends(source: Source, place: tuple[str, ...]) -> bool:
    return PurePosixPath(source.document.name).parts[-len(place) :] == place
