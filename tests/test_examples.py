"""Every command line that help, README and pages show is one that auditor takes: known commands, options, formats."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from auditor.cli import group
from tests.test_docs import HELP, PAGES

_SHELL = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_END = {"|", ">", "&&", ";", "||"}


def _examples() -> Iterator[tuple[str, str]]:
    for name, text in HELP.items():
        yield from ((f"help {name}", line.strip()) for line in text.splitlines() if "auditor " in line)
    for page in PAGES:
        for block in _SHELL.findall(page.read_text(encoding="utf-8")):
            yield from ((page.name, line.strip()) for line in block.replace("\\\n", " ").splitlines())


def _calls(line: str) -> Iterator[list[str]]:
    """Yield the arguments of each call of auditor in a line of shell."""
    words = shlex.split(line, comments=True)
    while "auditor" in words:
        words = words[words.index("auditor") + 1 :]
        end = next((n for n, word in enumerate(words) if word in _END), len(words))
        yield words[:end]
        words = words[end:]


_CALLED = re.compile(r"(?:\S+ .*[|&] )?auditor ")
CALLS = sorted({(where, shlex.join(call)) for where, line in _examples() if _CALLED.match(line) for call in _calls(line)})


@pytest.mark.parametrize(("where", "call"), CALLS, ids=[f"{where}: {call}" for where, call in CALLS])
def test_an_example_is_a_command_line(where: str, call: str) -> None:
    context = click.Context(group, info_name="auditor")
    command: click.Command = group
    arguments = shlex.split(call)
    while isinstance(command, click.Group):
        found = command.get_command(context, arguments[0])
        assert found is not None, f"{where}: no command {arguments[0]}"
        command, arguments = found, arguments[1:]
    parsed = command.make_context(command.name or "", list(arguments)).params
    help_of_output = next((p.help or "" for p in command.params if isinstance(p, click.Option) and p.name == "outputs"), "")
    for output in parsed.get("outputs") or ():
        assert re.search(rf"\b{re.escape(output.partition(':')[0])}\b", help_of_output)


def test_the_examples_are_found() -> None:
    assert len(CALLS) > 30
    assert {"README.md", "gate.md", "help check"} <= {where for where, _ in CALLS}
