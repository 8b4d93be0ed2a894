"""The settings of a plan as lines of env files, by system; what has no variable stands as a comment with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.facts.hardening import Hardening
from auditor.facts.plan import StepRecord
from auditor.report.emit_kubernetes import head_lines
from auditor.report.escape import yaml_comment

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*\Z")
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]*\Z")
_UNSET = "(unset)"
SYSTEM_MARK, UNSET_MARK = "# --- ", "# unset "
"""How the head of a system's settings begins, and the line of a variable that is to be taken away."""


def render_settings(hardening: Hardening) -> str:
    """Return ``NAME=value`` lines for systemd, compose and env files, each below the place where it is set now."""
    lines = head_lines(hardening)[1:]
    lines.insert(0, f"# Settings for {yaml_comment(hardening.deployment)} towards the profile {yaml_comment(hardening.profile)}.")
    for system in dict.fromkeys(s.system for s in hardening.settings):
        lines.append(f"{SYSTEM_MARK}{yaml_comment(system)}")
        for step in hardening.settings:
            if step.system == system:
                lines.extend(_step(step))
    if not hardening.settings:
        lines.append("# No setting needs another value.")
    return "\n".join(lines) + "\n"


def _step(step: StepRecord) -> Iterator[str]:
    place = f"; now {step.now} at {step.place}" if step.place else f"; now {step.now}" if step.now else ""
    yield f"# {yaml_comment(step.text + place)}"
    yield from (f"# {yaml_comment(how)}" for how in step.how)
    variables = [n for n in step.names if _VARIABLE.match(n)]
    for number, (key, value) in enumerate(step.settings):
        if number or not variables or not _sayable(value):
            yield f"# {yaml_comment(f'{step.system}/{key} = {value}')}"
        elif value == _UNSET:
            yield f"{UNSET_MARK}{variables[0]}"
        else:
            yield f"{variables[0]}={_quoted(value)}"


def _sayable(value: str) -> bool:
    return value == _UNSET or (value.isprintable() and "'" not in value)


def _quoted(value: str) -> str:
    """Return ``value`` as shells, systemd and compose read it alike: plain, else in single quotes."""
    return value if _PLAIN.match(value) else f"'{value}'"
