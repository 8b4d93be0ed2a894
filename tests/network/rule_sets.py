"""Rule sets in miniature: files of hosts, clouds, tools, read by the real readers."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from auditor.documents import Document, read_tree
from auditor.facts.truth import Truth
from auditor.network import Connections, Governed, LayeredDecision, Named, parse_block, read_governed, together


def governed(subject: str, **files: str) -> Governed:
    """Return what ``files`` (``__`` in a name stands for a dot, ``___`` for a slash) say of one subject."""
    (found,) = [g for g in all_governed(**files) if g.subject.id == subject]
    return found


def all_governed(**files: str) -> tuple[Governed, ...]:
    """Return what ``files`` say of every subject."""
    return read_governed(documents({key.replace("___", "/").replace("__", "."): text for key, text in files.items()}))


def documents(files: Mapping[str, str]) -> tuple[Document, ...]:
    """Return the documents of files, all of which are read."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for key, text in files.items():
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        read = read_tree(folder, folder)
    assert read.not_examined == ()
    return read.documents


def outcome(of: Governed, address: str, name: str = "") -> LayeredDecision:
    """Return what all layers do with connections to an address, or to a name that has it."""
    place = parse_block(address)
    assert place is not None
    return together(of.layers, Named(name, place) if name else place)


def reaches(of: Governed, address: str, asked: Connections, name: str = "") -> Truth:
    """Return whether all layers let all of ``asked`` through to an address, or to a name that has it."""
    return outcome(of, address, name).decision.answer(asked)


def reasons(of: Governed, address: str) -> list[str]:
    """Return the texts of all steps of the outcome."""
    return [step.text for step in outcome(of, address).decision.steps]
