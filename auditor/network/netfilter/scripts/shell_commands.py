"""Commands of the shell itself: ends, options, variables, traps. Source: POSIX.1-2024, 2.15, and bash(1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from auditor.documents import Node
from auditor.facts.truth import Truth
from auditor.network.netfilter.scripts import programs
from auditor.network.netfilter.scripts.values import Field

if TYPE_CHECKING:
    from auditor.network.netfilter.scripts.running import Run

_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "env", "xargs", "nsenter", "unshare"})


def _ends(run: Run, fields: Sequence[Field], node: Node) -> Truth:
    if run.unsure:
        run.lasting = run.lasting or f"the script may end at line {node.line} ({fields[0].text})"
    else:
        run.ended = True
    return Truth.UNKNOWN


def _returns(run: Run, fields: Sequence[Field], node: Node) -> Truth:
    if not run.depth:
        return _ends(run, fields, node)
    run.left = run.left or f"the function may be left at line {node.line}"
    return Truth.UNKNOWN


def _breaks(run: Run, fields: Sequence[Field], node: Node) -> Truth:
    run.doubt = run.doubt or f"{fields[0].text} at line {node.line} may pass it over"
    return Truth.UNKNOWN


def _execs(run: Run, fields: Sequence[Field], node: Node) -> Truth:
    """Follow ``exec``: what the script becomes is the workload itself, unless it is a shell or sets the packet filter."""
    if len(fields) == 1:
        return Truth.YES
    name = programs.base_name(fields[1].text) if fields[1].known else ""
    shown = " ".join(f.text for f in fields)
    if name in programs.FAMILIES_OF or name in programs.RESTORES or name in ("nft", "ipset"):
        run.call(fields[1:], node)
    elif programs.NAMES_FILTER.search(shown) or (name in _SHELLS and len(fields) > 2):  # noqa: PLR2004 -- a shell and its script
        run.state.lose(f"what {shown} does (line {node.line})", node)
    return _ends(run, fields, node)


def _sets(run: Run, fields: Sequence[Field], node: Node) -> Truth:  # noqa: ARG001 -- the signature of commands
    texts = [f.text for f in fields[1:]]
    if any(t.startswith("-") and "e" in t[1:] and not t.startswith("--") for t in texts) or "errexit" in texts:
        run.stops_at_failure = True
    if any(t.startswith("+") and ("e" in t or "errexit" in texts) for t in texts):
        run.stops_at_failure = run.unsure
    if any(not t.startswith(("-", "+")) and t not in _OPTIONS for t in texts) or "--" in texts:
        run.variables.values |= dict.fromkeys(run.variables.positional())
    return Truth.YES


def _traps(run: Run, fields: Sequence[Field], node: Node) -> Truth:
    action = fields[1].text if len(fields) > 1 else ""
    if action not in ("", "-", "-p", "-l", "exit"):
        run.later.append((f"what the trap at line {node.line} does", node))
    return Truth.YES


def _assigns(run: Run, fields: Sequence[Field], node: Node) -> Truth:  # noqa: ARG001 -- the signature of commands
    run.assignments(fields[1:])
    return Truth.YES


def _forgets(run: Run, fields: Sequence[Field], node: Node) -> Truth:
    run.forget(fields[1:])
    return run.fallible(node, fields[0].text) if fields[0].text in ("read", "getopts", "let") else Truth.YES


def _prints(run: Run, fields: Sequence[Field], node: Node) -> Truth:  # noqa: ARG001 -- the signature of commands
    if fields[1:2] and fields[1].text == "-v":
        run.forget(fields[2:3])
    return Truth.YES


def _shifts(run: Run, fields: Sequence[Field], node: Node) -> Truth:
    listed = run.variables.values.get("@")
    if isinstance(listed, tuple) and len(fields) == 1 and not run.unsure:
        rest = [Field(t or "", t is not None, node) for t in listed[1:]]
        run.variables.values |= run.variables.arguments(rest)
    else:
        run.variables.values |= dict.fromkeys(run.variables.positional())
    return Truth.YES


def _says(run: Run, fields: Sequence[Field], node: Node) -> Truth:  # noqa: ARG001 -- the signature of commands
    return Truth.of(fields[0].text != "false")


_OPTIONS = frozenset(
    {"errexit", "nounset", "pipefail", "xtrace", "noglob", "verbose", "allexport", "errtrace", "functrace", "posix"}
)
SHELL_COMMANDS: Mapping[str, Callable[[Run, Sequence[Field], Node], Truth]] = {
    "exit": _ends, "return": _returns, "break": _breaks, "continue": _breaks, "exec": _execs, "set": _sets, "trap": _traps,
    **dict.fromkeys(("export", "local", "declare", "typeset", "readonly"), _assigns),
    **dict.fromkeys(("read", "unset", "mapfile", "readarray", "let", "getopts"), _forgets),
    "printf": _prints, "shift": _shifts, "true": _says, ":": _says, "false": _says,
}  # fmt: skip
"""By name: what it does to the run, and whether it succeeds."""
