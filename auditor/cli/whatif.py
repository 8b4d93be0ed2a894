"""``auditor whatif``: how verdicts and flows move if settings had other values."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import click

from auditor.cli.asking import deployment_options, gather_deployment
from auditor.cli.options import PATH, as_of_option, output_option, parse_outputs
from auditor.cli.output import Result, write_results


class WhatIfFormat(StrEnum):
    """What a supposition can be written as."""

    JSON = "json"
    TERMINAL = "terminal"


@click.command("whatif")
@click.argument("path", metavar="DEPLOYMENT", type=PATH)
@click.option(
    "--set",
    "values",
    multiple=True,
    metavar="KEY=VALUE",
    help="Suppose this value. KEY is a setting's id, its name in your file, or fact:ID; SYSTEM/KEY chooses; repeatable.",
)
@click.option("--unset", "unset", multiple=True, metavar="KEY", help="Suppose that nothing sets KEY; repeatable.")
@click.option("-p", "--profile", "profiles", multiple=True, metavar="NAME|FILE", help="Judge against this profile; repeatable.")
@deployment_options
@as_of_option
@click.option("--full", is_flag=True, help="Show the verdicts that do not move too.")
@output_option(WhatIfFormat)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing on stdout.")
def command(
    path: Path,
    values: tuple[str, ...],
    unset: tuple[str, ...],
    profiles: tuple[str, ...],
    deployment: str,
    stage: str | None,
    catalog: Path | None,
    as_of: str,
    full: bool,
    outputs: tuple[str, ...],
    quiet: bool,
) -> int:
    """Tell how verdicts and flows would move if settings of DEPLOYMENT had other values.

    Nothing is changed. Packets captured before such a change show what was: where the change stops the flow that
    explains them, they are set aside and named.

    \b
    Examples:
      auditor whatif my-deployment --set CODER_TELEMETRY_ENABLE=false
      auditor whatif my-deployment --set coder/telemetry.enable=false --unset OPENAI_BASE_URL -o json:whatif.json
    """
    from auditor.pipeline.supposing import suppose
    from auditor.report.record_json import dump_record
    from auditor.report.whatif_text import render_whatif

    wanted = parse_outputs(outputs, WhatIfFormat)
    pairs = (*(_pair(text) for text in values), *((key, None) for key in unset))
    if not pairs:
        raise click.UsageError("suppose something: --set KEY=VALUE or --unset KEY")
    found = suppose(gather_deployment(path, profiles, deployment, stage, catalog), pairs, as_of)
    if not quiet:
        click.echo(render_whatif(found, full=full), nl=False)
    made = ((f, p, dump_record(found) if f is WhatIfFormat.JSON else render_whatif(found, full=True).encode()) for f, p in wanted)
    write_results([Result(target, data, f"{form} supposition") for form, target, data in made], quiet)
    return 0


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise click.BadParameter(f"{text!r}: write KEY=VALUE, or use --unset KEY", param_hint="--set")
    return key, value
