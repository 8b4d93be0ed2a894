"""``auditor check``: judge one deployment, or several one after the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from auditor.cli.formats import AssessmentFormat, Rendering
from auditor.cli.options import (
    PATH,
    as_of_option,
    complete_profile,
    output_option,
    parse_outputs,
    parse_parameters,
    progress_option,
    read_key,
    typed_root,
)
from auditor.cli.output import assessment_results, print_assessment, tell_inputs, write_results
from auditor.cli.progress import ProgressForm, progress_of
from auditor.cli.rendering import rendering_options
from auditor.facts.manifest import LONGEST_EXCEPTION_DAYS


@click.command("check")
@click.argument("paths", nargs=-1, required=True, type=PATH)
@click.option(
    "-p",
    "--profile",
    "profiles",
    multiple=True,
    metavar="NAME|FILE",
    shell_complete=complete_profile,
    help="Judge against this profile; repeatable; replaces the manifest's.",
)
@click.option("--deployment", metavar="NAME", default="", help="Judge this one of the manifest's deployments: with its overlays.")
@output_option(AssessmentFormat)
@rendering_options("PATH as typed, where it is relative")
@click.option(
    "--stage",
    type=click.Choice(["change", "predeploy", "operate"]),
    help="Which evidence can exist. Default: operate when captures are given, else change.",
)
@as_of_option
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a profile parameter; loosening one needs --reason and shows in the report.",
)
@click.option("--reason", metavar="TEXT", help="Why a parameter is set.")
@click.option("--waivers", type=PATH, metavar="FILE", help="Waivers; replaces the manifest's.")
@click.option("--no-waivers", is_flag=True, help="Judge as if there were no waivers.")
@click.option("--catalog", type=PATH, metavar="DIR", help="Your own product and endpoint files, read over the shipped ones.")
@click.option(
    "--fail-on",
    type=click.Choice(["critical", "high", "medium", "low"]),
    help="Let only failures of this severity or worse give exit code 1.",
)
@click.option(
    "--base",
    metavar="REVISION",
    default="",
    help="Judge PATH as a change of this git revision: by the words of the revision, leading with what the change does.",
)
@click.option(
    "--policy-approved",
    is_flag=True,
    help="With --base: who may change what judges has approved that; judge by the change's own words, and name them.",
)
@click.option(
    "--baseline",
    type=PATH,
    metavar="ASSESSMENT.json",
    help="An earlier assessment of this deployment: what it knew is shown with its date and owner, and only what is new fails.",
)
@click.option(
    "--baseline-days",
    type=click.IntRange(1, LONGEST_EXCEPTION_DAYS),
    metavar="DAYS",
    help=f"For how long what the baseline knew is let through, from its first day. Default and most: {LONGEST_EXCEPTION_DAYS}.",
)
@click.option("--owner", metavar="NAME", default="", help="Who answers for what is found; a later --baseline keeps the name.")
@click.option("--exit-zero", is_flag=True, help="Give exit code 0 instead of 1 and 3 (a report, not a gate).")
@click.option(
    "--fingerprint-key-file",
    type=PATH,
    metavar="FILE",
    help="Print secrets as HMAC-SHA-256 under this key instead of numbering them.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print no terminal report and no progress; errors and the exit code remain.")
@click.option("-v", "--verbose", is_flag=True, help="Say on stderr what is being done, what was read, and by what it was judged.")
@progress_option
def command(
    paths: tuple[Path, ...],
    profiles: tuple[str, ...],
    deployment: str,
    outputs: tuple[str, ...],
    rendering: Rendering,
    stage: str | None,
    as_of: str,
    parameters: tuple[str, ...],
    reason: str | None,
    waivers: Path | None,
    no_waivers: bool,
    catalog: Path | None,
    fail_on: str | None,
    base: str,
    policy_approved: bool,
    baseline: Path | None,
    baseline_days: int | None,
    owner: str,
    exit_zero: bool,
    fingerprint_key_file: Path | None,
    quiet: bool,
    verbose: bool,
    progress_form: str,
) -> int:
    """Judge the deployment in PATH against its profiles.

    PATH is a folder with auditor.yaml. Without a manifest, name files or a folder and a --profile:
    what is recognised is judged, and whatever had to be assumed can only leave a question open.

    \b
    Examples:
      auditor check fixtures/deployments/coder-air-gapped
      auditor check my-deployment --profile in-network --output html:report.html --output json:assessment.json
      auditor check compose.yaml egress.pcapng --profile self-hosted-execution
      auditor check my-deployment --stage change --fail-on high
      auditor check my-deployment --stage change --base origin/main --baseline baseline.json
      auditor check my-deployment --deployment prod
    """
    from auditor import pipeline
    from auditor.evaluate import exit_code
    from auditor.facts.vocabulary import Severity, Stage

    if baseline_days and not baseline:
        raise click.UsageError("--baseline-days speaks of a baseline: give it too, with --baseline ASSESSMENT.json")
    if policy_approved and not base:
        raise click.UsageError("--policy-approved speaks of a change: give its base too, with --base REVISION")
    wanted = parse_outputs(outputs, AssessmentFormat)
    progress = progress_of(ProgressForm(progress_form), quiet, verbose)
    request = pipeline.Request(
        paths=paths,
        profiles=profiles,
        waivers=waivers,
        use_waivers=not no_waivers,
        catalog=catalog,
        stage=Stage(stage) if stage else None,
        parameters=parse_parameters(parameters, reason),
        fingerprint_key=read_key(fingerprint_key_file) if fingerprint_key_file else None,
        deployment=deployment,
    )
    gate = pipeline.Gate(base, policy_approved, baseline, baseline_days or LONGEST_EXCEPTION_DAYS)
    assessment = replace(pipeline.check(request, as_of, gate, progress), owner=owner)
    results = assessment_results(assessment, wanted, rendering.below(typed_root(paths[0])))
    code = exit_code(assessment, Severity(fail_on) if fail_on else None, exit_zero)
    progress.finish(code)
    if verbose:
        tell_inputs(assessment)
    if not quiet:
        print_assessment(assessment)
    write_results(results, quiet)
    return code
