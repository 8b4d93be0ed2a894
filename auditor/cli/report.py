"""``auditor report``: render an assessment again, without the deployment."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.formats import AssessmentFormat, Rendering
from auditor.cli.options import PATH, output_option, parse_outputs
from auditor.cli.output import assessment_results, print_assessment, write_results
from auditor.cli.reading import read_assessment
from auditor.cli.rendering import rendering_options


@click.command("report")
@click.argument("assessment_file", metavar="ASSESSMENT.json", type=PATH)
@output_option(AssessmentFormat)
@rendering_options("none")
@click.option("-q", "--quiet", is_flag=True, help="Print no terminal report.")
def command(assessment_file: Path, outputs: tuple[str, ...], rendering: Rendering, quiet: bool) -> int:
    """Render a saved assessment again; exits 0 unless the file is bad.

    \b
    Example:
      auditor report assessment.json --output html:report.html
    """
    wanted = parse_outputs(outputs, AssessmentFormat)
    assessment = read_assessment(assessment_file)
    results = assessment_results(assessment, wanted, rendering)
    if not quiet:
        print_assessment(assessment)
    write_results(results, quiet)
    return 0
