"""``auditor harden``: least-privilege egress and settings for a profile."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.asking import deployment_options, gather_deployment
from auditor.cli.options import PATH, as_of_option
from auditor.cli.output import STDOUT, write_result


@click.command("harden")
@click.argument("path", metavar="DEPLOYMENT", type=PATH)
@click.option("--to", "profile", required=True, metavar="NAME|FILE", help="The profile that is to hold.")
@click.option(
    "--emit",
    "sink",
    required=True,
    type=click.Choice(["networkpolicy", "cilium", "nftables", "squid", "settings"]),
    help="What to write.",
)
@deployment_options
@as_of_option
@click.option("-o", "--output", "target", type=PATH, default=STDOUT, metavar="FILE", help="Write to this file. Default: stdout.")
def command(
    path: Path,
    profile: str,
    sink: str,
    deployment: str,
    stage: str | None,
    catalog: Path | None,
    as_of: str,
    target: Path,
) -> int:
    """Emit egress policies or settings of DEPLOYMENT: what its declared and required flows need, and nothing more.

    The changes of auditor plan are taken as made. What is written is confirmed by the analysis that auditor permits uses;
    settings by applying them to the model and judging again. What a dialect cannot say is denied, and stands as a comment.
    Nothing is applied.

    \b
    Examples:
      auditor harden my-deployment --to in-network --emit cilium -o egress.yaml
      auditor harden my-deployment --to air-gapped --emit nftables
    """
    from auditor.pipeline.emitting import Sink, emit

    inputs = gather_deployment(path, (profile,), deployment, stage, catalog)
    text = emit(inputs, profile, as_of, Sink(sink))
    write_result(target, text.encode(), f"{sink} for {profile}")
    return 0
