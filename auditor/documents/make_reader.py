"""Makefiles as the shell script that their recipes are, everything at its place; nothing of it is run.

Lines of recipes stay, with what only make reads taken away; variables that are given a plain word become assignments; all
else is blank. A line that is no shell command as it stands is left out. Source: GNU make manual, "Recipe Syntax", "Setting".
"""

from __future__ import annotations

import re

from auditor.documents.build import Parsed
from auditor.documents.commands import parse_script
from auditor.documents.source import FaultError

_ASSIGNMENT = re.compile(r"(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*(?:\?|::?)?=[ \t]*([\w./:@%+,\-]+)[ \t\r]*\Z")
_PREFIX = re.compile(r"[ \t@+\-]*")
_REFERENCE = re.compile(r"\$\$\(|\$\$|\$\(([A-Za-z_]\w*)\)|\$[<^+?|%]")
_MOST_FAULTS = 20
"""Lines that are left out; a file with more of them is no makefile that can be read."""
_LARGE = 65_536
"""Characters from which on no line is left out: each costs another reading of the whole."""


def parse_make(text: str) -> tuple[Parsed, ...]:
    """Return the one tree of the commands of a makefile.

    Raises:
        FaultError: too many of its lines are no shell commands.
    """
    lines = [_command(line, recipe=recipe, first=first) for line, recipe, first in _lines(text)]
    for _ in range(_MOST_FAULTS if len(text) <= _LARGE else 0):
        try:
            return parse_script("\n".join(lines))
        except FaultError as fault:
            at = fault.position[0] - 1
            if not 0 <= at < len(lines) or not _leave_out(lines, at):
                raise
    return parse_script("\n".join(lines))


def _lines(text: str) -> list[tuple[str, bool, bool]]:
    """Return each line with whether it belongs to a recipe, and whether it begins a command."""
    found: list[tuple[str, bool, bool]] = []
    recipe = continued = False
    for line in text.split("\n"):
        recipe = recipe if continued else line.startswith("\t")
        found.append((line, recipe, not continued))
        continued = line.rstrip("\r").endswith("\\")
    return found


def _command(line: str, *, recipe: bool, first: bool) -> str:
    """Return a line of the same length that a shell reads: a command, an assignment, or blanks."""
    if recipe:
        prefix = _PREFIX.match(line) if first else None
        head = prefix.end() if prefix is not None else 0
        return " " * head + _REFERENCE.sub(_for_the_shell, line[head:])
    assignment = _ASSIGNMENT.match(line) if first else None
    if assignment is None:
        return " " * len(line)
    whole = f"{assignment.group(1)}={assignment.group(2)}"
    return (" " * (assignment.end(2) - len(whole)) + whole).ljust(len(line))


def _for_the_shell(match: re.Match[str]) -> str:
    """Return a reference of make as the shell has it, as long as before; what make alone knows stays open."""
    written = match.group()
    if written == "$$(":
        return " $("
    if written == "$$":
        return "\\$"
    return "${" + match.group(1) + "}" if match.group(1) else "$-"


def _leave_out(lines: list[str], at: int) -> bool:
    """Blank the command that a line belongs to; return whether there was one."""
    start = at
    while start and lines[start - 1].rstrip().endswith("\\"):
        start -= 1
    end = at
    while end < len(lines) - 1 and lines[end].rstrip().endswith("\\"):
        end += 1
    there = any(line.strip() for line in lines[start : end + 1])
    lines[start : end + 1] = [" " * len(line) for line in lines[start : end + 1]]
    return there
