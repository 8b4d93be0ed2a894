"""Where errors become messages and exit codes; the outermost frame of every command."""

from __future__ import annotations

import os
import sys

import click

from auditor.errors import AuditorError, Diagnostic

CRASH = 70
"""EX_SOFTWARE of sysexits.h: a defect of auditor itself, never a verdict."""


def explain(diagnostic: Diagnostic) -> str:
    """Return a diagnostic as up to three lines: what and where, why, what next."""
    from auditor.report.escape import clean

    where = diagnostic.where()
    lines = [f"error: {clean(diagnostic.what)}"]
    if where:
        lines.append(f"  --> {clean(where)}")
    if diagnostic.why:
        lines.append(f"  = why: {clean(diagnostic.why)}")
    if diagnostic.next_step:
        lines.append(f"  = help: {clean(diagnostic.next_step)}")
    return "\n".join(lines)


def run(group: click.Group, arguments: list[str] | None) -> int:
    """Run ``group`` and return the exit code of the contract (docs/design.md, "Exit codes")."""
    try:
        result = group.main(args=arguments, prog_name="auditor", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except AuditorError as error:
        for diagnostic in error.diagnostics():
            click.echo(explain(diagnostic), err=True)
        return error.exit_code
    except BrokenPipeError:
        # The reader of stdout went away (``auditor check … | head``): nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception:  # noqa: BLE001 -- the outermost frame: a defect must end with 70, never with a verdict's code
        import traceback

        traceback.print_exc()
        click.echo(f"error: a defect of auditor; nothing was judged (exit {CRASH}). Please report the lines above.", err=True)
        return CRASH
    return result if isinstance(result, int) else 0
