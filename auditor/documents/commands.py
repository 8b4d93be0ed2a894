"""Commands that anybody may have written: scripts, and texts of commands inside other documents, up to a length."""

from __future__ import annotations

from auditor.documents.build import Parsed
from auditor.documents.shell_reader import parse_shell
from auditor.documents.source import FaultError
from auditor.documents.tree import Node

MAXIMUM_SCRIPT = 262_144
"""Characters of commands that are read of one file: about a second."""


def parse_commands(text: str) -> Node | None:
    """Return the tree of commands that stand inside another document, ``None`` for text that is no shell script as it stands."""
    try:
        return parse_shell(text)[0].root if len(text) <= MAXIMUM_SCRIPT else None
    except FaultError:
        return None


def parse_script(text: str) -> tuple[Parsed, ...]:
    """Return the one tree of a script that anybody may have written.

    Raises:
        FaultError: as ``parse_shell``, and for one that is too long.
    """
    if len(text) > MAXIMUM_SCRIPT:
        raise FaultError("the script is too long", f"more than {MAXIMUM_SCRIPT:,} characters", "name what it starts instead")
    return parse_shell(text)
