"""``auditor model``: what the configuration makes the products do."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import click

from auditor.cli.options import PATH, parse_outputs
from auditor.cli.output import STDOUT, Result, write_results


class PortraitFormat(StrEnum):
    """What a picture of the configuration is written as."""

    JSON = "json"


@click.command("model")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=PATH)
@click.option("--catalog", "overlay", type=PATH, metavar="FOLDER", help="Lay this folder over the shipped catalog.")
@click.option("--full", is_flag=True, help="Show switched off flows and every open question too.")
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT:PATH",
    help="Write the whole picture; FORMAT is json; PATH - is stdout; repeatable.",
)
def command(paths: tuple[Path, ...], overlay: Path | None, full: bool, outputs: tuple[str, ...]) -> int:
    """Tell what the configuration in PATH... makes the products do: where they connect, what is set, what is open.

    PATH is a deployment folder with a manifest, or any configuration files and folders. Nothing is judged: every
    destination comes with the flow or the line that leads there, every open question with what would settle it.

    \b
    Examples:
      auditor model compose.yaml
      auditor model deploy/ --output json:model.json
    """
    from auditor.pipeline.portraying import portray
    from auditor.report.portrait_json import dump_portrait
    from auditor.report.portrait_terminal import render_portrait

    wanted = parse_outputs(outputs, PortraitFormat)
    portrait = portray(paths, overlay)
    if not any(path == STDOUT for _, path in wanted):
        click.echo(render_portrait(portrait, full=full), nl=False)
    write_results([Result(path, dump_portrait(portrait), f"{form} picture") for form, path in wanted])
    return 0
