"""``auditor diff``: what moved between two assessments, and why."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.formats import DifferenceFormat, render_difference
from auditor.cli.options import PATH, output_option, parse_outputs
from auditor.cli.output import Result, write_results
from auditor.cli.reading import read_assessment


@click.command("diff")
@click.argument("old_file", metavar="OLD.json", type=PATH)
@click.argument("new_file", metavar="NEW.json", type=PATH)
@output_option(DifferenceFormat)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing on stdout.")
def command(old_file: Path, new_file: Path, outputs: tuple[str, ...], quiet: bool) -> int:
    """Tell what moved between two saved assessments; exits 0 unless a file is bad.

    Verdicts with the cause of each as far as digests tell, who outside gains or loses which data,
    findings and flows that appeared, vanished or changed, what the network permits among it.

    \b
    Example:
      auditor diff last-month.json assessment.json --output json:difference.json
    """
    from auditor.compare import difference

    wanted = parse_outputs(outputs, DifferenceFormat)
    found = difference(read_assessment(old_file), read_assessment(new_file))
    if not quiet:
        click.echo(render_difference(found, DifferenceFormat.TERMINAL).decode(), nl=False)
    write_results([Result(path, render_difference(found, form), f"{form} difference") for form, path in wanted], quiet)
    return 0
