"""What the commands share that ask something of one deployment: whatif, questions, plan, harden."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from auditor.cli.options import PATH
from auditor.cli.progress import ProgressLine

if TYPE_CHECKING:
    from auditor.pipeline import Inputs

Command = TypeVar("Command", bound=Callable[..., Any])

_STAGES = click.Choice(["change", "predeploy", "operate"])


def deployment_options(function: Command) -> Command:
    """``--deployment``, ``--stage``, ``--catalog``: which deployment, seen at which stage, with whose knowledge."""
    catalog = click.option(
        "--catalog", type=PATH, metavar="DIR", help="Your own product and endpoint files, read over the shipped ones."
    )
    stage = click.option(
        "--stage", type=_STAGES, help="Which evidence can exist. Default: operate when captures are given, else change."
    )
    chosen = click.option(
        "--deployment", metavar="NAME", default="", help="Take this one of the manifest's deployments: with its overlays."
    )
    return chosen(stage(catalog(function)))


def gather_deployment(path: Path, profiles: tuple[str, ...], deployment: str, stage: str | None, catalog: Path | None) -> Inputs:
    """Return everything that the deployment in ``path`` consists of; progress goes to stderr."""
    from auditor import pipeline
    from auditor.facts.vocabulary import Stage

    progress = ProgressLine(enabled=True)
    request = pipeline.Request(
        paths=(path,), profiles=profiles, catalog=catalog, stage=Stage(stage) if stage else None, deployment=deployment
    )
    inputs = pipeline.gather(request, progress)
    progress.finish()
    return inputs
