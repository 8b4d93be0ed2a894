"""``auditor plan``: the smallest set of changes that would satisfy a profile."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import click

from auditor.cli.asking import deployment_options, gather_deployment
from auditor.cli.options import PATH, as_of_option, output_option, parse_outputs
from auditor.cli.output import Result, write_results


class PlanFormat(StrEnum):
    """What a plan can be written as."""

    JSON = "json"
    MARKDOWN = "markdown"
    TERMINAL = "terminal"


@click.command("plan")
@click.argument("path", metavar="DEPLOYMENT", type=PATH)
@click.option("--to", "profile", required=True, metavar="NAME|FILE", help="The profile that is to hold.")
@deployment_options
@as_of_option
@output_option(PlanFormat)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing on stdout.")
def command(
    path: Path,
    profile: str,
    deployment: str,
    stage: str | None,
    catalog: Path | None,
    as_of: str,
    outputs: tuple[str, ...],
    quiet: bool,
) -> int:
    """Tell the smallest set of changes after which DEPLOYMENT satisfies a profile; or what nothing can replace.

    Settings with file and line, flows to send elsewhere, permissions to take away, evidence to supply; each step with
    what it breaks. The steps are applied to the model and judged again; that evidence speaks for the profile is assumed.

    \b
    Examples:
      auditor plan my-deployment --to in-network
      auditor plan my-deployment --to air-gapped --stage predeploy -o markdown:plan.md
    """
    from auditor.pipeline.planner import plan
    from auditor.report.plan_text import render_plan, render_plan_markdown
    from auditor.report.record_json import dump_record

    wanted = parse_outputs(outputs, PlanFormat)
    found = plan(gather_deployment(path, (profile,), deployment, stage, catalog), profile, as_of)
    if not quiet:
        click.echo(render_plan(found), nl=False)
    rendered = {
        PlanFormat.JSON: lambda: dump_record(found),
        PlanFormat.MARKDOWN: lambda: render_plan_markdown(found).encode(),
        PlanFormat.TERMINAL: lambda: render_plan(found).encode(),
    }
    write_results([Result(target, rendered[form](), f"{form} plan") for form, target in wanted], quiet)
    return 0
