"""``auditor spectrum``: the strictest rung of the ladder that holds, and what stops the next."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import click

from auditor.cli.asking import deployment_options, gather_deployment
from auditor.cli.options import PATH, as_of_option, output_option, parse_outputs
from auditor.cli.output import Result, write_results


class SpectrumFormat(StrEnum):
    """What a spectrum can be written as."""

    JSON = "json"
    TERMINAL = "terminal"


@click.command("spectrum")
@click.argument("path", metavar="DEPLOYMENT", type=PATH)
@deployment_options
@as_of_option
@output_option(SpectrumFormat)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing on stdout.")
def command(
    path: Path, deployment: str, stage: str | None, catalog: Path | None, as_of: str, outputs: tuple[str, ...], quiet: bool
) -> int:
    """Tell the strictest rung of the ladder that DEPLOYMENT holds, and the first control that stops the next.

    The ladder goes from vendor-managed to air-gapped, and each rung implies the one below. Residency and the
    regulated perimeter stand beside it. Waivers and attestations of the manifest count, and are named.

    \b
    Examples:
      auditor spectrum fixtures/deployments/coder-direct-provider
      auditor spectrum my-deployment --stage change --output json:spectrum.json
    """
    from auditor.pipeline.laddering import profiles_of_spectrum, spectrum
    from auditor.report.record_json import dump_record
    from auditor.report.spectrum_text import render_spectrum

    wanted = parse_outputs(outputs, SpectrumFormat)
    found = spectrum(gather_deployment(path, profiles_of_spectrum(), deployment, stage, catalog), as_of)
    if not quiet:
        click.echo(render_spectrum(found), nl=False)
    rendered = {SpectrumFormat.JSON: lambda: dump_record(found), SpectrumFormat.TERMINAL: lambda: render_spectrum(found).encode()}
    write_results([Result(target, rendered[form](), f"{form} spectrum") for form, target in wanted], quiet)
    return 0
