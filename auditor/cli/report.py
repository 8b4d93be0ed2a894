"""``auditor report``: render an assessment again, without the deployment."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.options import PATH, parse_outputs
from auditor.cli.output import ASSESSMENT_FORMATS, print_assessment, write_outputs
from auditor.errors import Diagnostic, UnreadableError


@click.command("report")
@click.argument("assessment_file", metavar="ASSESSMENT.json", type=PATH)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT:PATH",
    help=f"Write a report; FORMAT is one of {', '.join(ASSESSMENT_FORMATS)}; repeatable.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print no terminal report.")
def command(assessment_file: Path, outputs: tuple[str, ...], quiet: bool) -> int:
    """Render a saved assessment again; exits 0 unless the file is bad.

    \b
    Example:
      auditor report assessment.json --output html:report.html
    """
    from auditor.report.assessment_json import load_assessment

    wanted = parse_outputs(outputs, ASSESSMENT_FORMATS)
    try:
        data = assessment_file.read_bytes()
    except OSError as error:
        raise UnreadableError(
            Diagnostic(
                what="cannot read the assessment",
                why=error.strerror or type(error).__name__,
                path=str(assessment_file),
                next_step="make one with auditor check DEPLOYMENT --output json:assessment.json",
            )
        ) from error
    assessment = load_assessment(data, str(assessment_file))
    if not quiet:
        print_assessment(assessment)
    write_outputs(assessment, wanted, quiet)
    return 0
