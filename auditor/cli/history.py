"""``auditor history``: what happened to one deployment over several assessments."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.formats import HistoryFormat, render_history
from auditor.cli.options import PATH, output_option, parse_outputs
from auditor.cli.output import Result, write_results
from auditor.cli.reading import read_assessment


@click.command("history")
@click.argument("assessment_files", metavar="ASSESSMENT.json…", nargs=-1, required=True, type=PATH)
@output_option(HistoryFormat)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing on stdout.")
def command(assessment_files: tuple[Path, ...], outputs: tuple[str, ...], quiet: bool) -> int:
    """Tell what appeared, vanished and changed over two or more assessments of one deployment.

    They are put into the order of their dates, whatever order they are named in. Exits 0 unless a file is bad.

    \b
    Example:
      auditor history march.json april.json may.json --output html:history.html
    """
    from auditor.compare import history

    wanted = parse_outputs(outputs, HistoryFormat)
    found = history([read_assessment(path) for path in assessment_files])
    if not quiet:
        click.echo(render_history(found, HistoryFormat.TERMINAL).decode(), nl=False)
    write_results([Result(path, render_history(found, form), f"{form} history") for form, path in wanted], quiet)
    return 0
