"""``auditor report``: render an assessment again, without the deployment."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.options import PATH, output_option, parse_outputs, source_root_option
from auditor.cli.output import AssessmentFormat, print_assessment, write_outputs
from auditor.errors import Diagnostic, UnreadableError


@click.command("report")
@click.argument("assessment_file", metavar="ASSESSMENT.json", type=PATH)
@output_option(AssessmentFormat)
@source_root_option("none")
@click.option("-q", "--quiet", is_flag=True, help="Print no terminal report.")
def command(assessment_file: Path, outputs: tuple[str, ...], source_root: str | None, quiet: bool) -> int:
    """Render a saved assessment again; exits 0 unless the file is bad.

    \b
    Example:
      auditor report assessment.json --output html:report.html
    """
    from auditor.report.assessment_json import load_assessment

    wanted = parse_outputs(outputs, AssessmentFormat)
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
    write_outputs(assessment, wanted, quiet, source_root or "")
    return 0
