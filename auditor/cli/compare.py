"""``auditor compare``: candidates side by side."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from auditor.cli.formats import ComparisonFormat, render_comparison
from auditor.cli.options import PATH, as_of_option, output_option, parse_outputs
from auditor.cli.output import Result, write_results
from auditor.cli.progress import ProgressLine


@click.command("compare")
@click.argument("candidates", nargs=-1, required=True, metavar="DIR|product:ID…")
@click.option(
    "-p", "--profile", default="fully-self-hosted", show_default=True, metavar="NAME|FILE", help="Decide by this profile."
)
@output_option(ComparisonFormat)
@as_of_option
@click.option("--catalog", type=PATH, metavar="DIR", help="Your own product and endpoint files, read over the shipped ones.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing on stdout.")
def command(
    candidates: tuple[str, ...], profile: str, outputs: tuple[str, ...], as_of: str, catalog: Path | None, quiet: bool
) -> int:
    """Compare deployments (folders with auditor.yaml) and products of the catalog.

    First the decision block: each requirement of the profile, what blocks it and what would cure it.
    Then the rows: where everything runs and who receives what, each with its basis, date and evidence.

    \b
    Examples:
      auditor compare product:coder product:cursor-workers
      auditor compare my-deployment product:cursor-workers --profile in-network --output html:comparison.html
    """
    from auditor.pipeline.candidates import compare_candidates

    wanted = parse_outputs(outputs, ComparisonFormat)
    progress = ProgressLine(enabled=not quiet)
    comparison = compare_candidates(candidates, profile, as_of, progress, catalog)
    progress.finish()
    if not quiet:
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        width = max(80, min(200, shutil.get_terminal_size((120, 40)).columns))
        click.echo(render_comparison(comparison, ComparisonFormat.TERMINAL, width, colour).decode(), nl=False, color=colour)
    write_results([Result(path, render_comparison(comparison, form), f"{form} comparison") for form, path in wanted], quiet)
    return 0
