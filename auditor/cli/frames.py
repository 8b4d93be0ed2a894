"""``auditor frames``: dissect the captured frames that evidence points to."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.options import PATH


@click.command("frames")
@click.argument("capture", type=PATH)
@click.argument("frames", nargs=-1, required=True, type=click.IntRange(min=1))
def command(capture: Path, frames: tuple[int, ...]) -> int:
    """Show frames of CAPTURE by number, as evidence names them, layer by layer.

    \b
    Example:
      auditor frames fixtures/deployments/coder-mislabelled/traffic/perimeter.pcapng 12 14
    """
    from auditor.traffic import dissect_frames

    click.echo(dissect_frames(capture, frames), nl=False)
    return 0
