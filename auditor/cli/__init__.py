"""The command line: options in, exit code out, no logic.

Commands are imported when they are called, so that ``auditor --version`` costs little more than click.
"""

from __future__ import annotations

import gc
import importlib
from typing import Any

import click

from auditor import __version__

OBJECTS_BETWEEN_COLLECTIONS = 100_000

_COMMANDS = {
    "catalog": "Tell what the catalog knows, and check a file of your own.",
    "check": "Judge a deployment against profiles.",
    "compare": "Compare deployments and products side by side.",
    "completion": "Print what a shell needs to complete commands.",
    "diff": "Tell what moved between two assessments, and why.",
    "collect": "Print a read-only script that exports the state of a running deployment.",
    "history": "Tell what happened to a deployment over several assessments.",
    "flows": "Print the flow table of captures and logs.",
    "frames": "Show captured frames that evidence points to.",
    "harden": "Emit the egress policies and settings that a profile needs, and no more.",
    "init": "Draft a manifest: what files tell, and a question for the rest.",
    "model": "Tell what the configuration makes the products do.",
    "permits": "Tell what the network lets a workload reach, and why.",
    "plan": "Tell the smallest set of changes that would satisfy a profile.",
    "profiles": "List the shipped profiles or show one in plain sentences.",
    "questions": "Put what is not known as questions to those who can answer.",
    "report": "Render an assessment again.",
    "spectrum": "Tell the strictest rung of the ladder that holds, and what stops the next.",
    "verify": "Verify a statement, its signature and its inputs, offline.",
    "whatif": "Tell how verdicts and flows would move if settings had other values.",
}


class _LazyGroup(click.Group):
    """A group whose commands live one in a module and are imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"auditor.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="auditor", message="%(prog)s %(version)s")
def group() -> None:
    """Tell where the data of an AI-agent deployment really goes.

    Reads what a deployment declares, what its configuration makes it do and what captured traffic shows,
    puts them side by side for every data flow, and judges them against profiles.

    \b
    Examples:
      auditor check fixtures/deployments/coder-air-gapped
      auditor check fixtures/deployments/coder-mislabelled --output html:report.html
      auditor compare fixtures/deployments/coder-air-gapped product:cursor-workers
      auditor profiles show air-gapped

    \b
    Exit codes: 0 every profile holds, 1 a control fails, 2 usage or invalid input,
    3 a blocking unknown, 4 nothing to audit or named evidence unreadable, 70 a defect of auditor.
    """


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; the console script ends with the exit code that this returns."""
    # A run builds many records that live to its end; the default threshold would search them for cycles again and again.
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    from auditor.cli.boundary import run

    return run(group, arguments)
