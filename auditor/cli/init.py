"""``auditor init``: draft a manifest."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.options import PATH
from auditor.cli.output import write_result


@click.command("init")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=PATH)
@click.option("--catalog", "overlay", type=PATH, metavar="FOLDER", help="Lay this folder over the shipped catalog.")
@click.option("-o", "--output", "target", type=PATH, metavar="FILE", help="Write to this new file. Default: stdout.")
def command(paths: tuple[Path, ...], overlay: Path | None, target: Path | None) -> int:
    """Draft auditor.yaml from the files in PATH...: facts with their place, a question for each judgement.

    Systems come from what is recognised, networks from subnets and cluster ranges, the vantage of a capture from its
    addresses, live state from bundles of auditor collect. Who operates what, and where, is left open: nobody is believed
    to have said it.

    \b
    Examples:
      auditor init deploy/ > deploy/auditor.yaml
      auditor init deploy/ --output deploy/auditor.yaml
    """
    from auditor.pipeline.drafting import draft
    from auditor.report.draft_manifest import render_draft

    text = render_draft(draft(paths, overlay))
    if target is None:
        click.echo(text, nl=False)
    elif target.exists():
        raise click.BadParameter(f"{target} exists; a draft never replaces what somebody wrote", param_hint="--output")
    else:
        write_result(target, text.encode(), "draft")
    return 0
