"""Several definitions of one process, laid over each other: an override file, values files in a stated order.

Compose lays ``compose.override.yaml`` over ``compose.yaml`` (Docker's manual, "Merge Compose files"). Otherwise only an
author who lists files one by one under ``inputs:`` states an order: the later one wins. A folder states none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from auditor.config.bindings import Launch, Packaging

_OVERRIDE = ".override."


def processes_of(launches: Sequence[Launch]) -> tuple[Launch, ...]:
    """Return one launch a process, in order of first appearance; layers of one process are joined."""
    groups: dict[tuple[str, ...], list[Launch]] = {}
    for index, launch in enumerate(launches):
        groups.setdefault(_process(launch, index), []).append(launch)
    return tuple(_joined(sorted(group, key=_rank)) for group in groups.values())


def _process(launch: Launch, index: int) -> tuple[str, ...]:
    """Return what two layers of one process have in common; the index keeps apart what nothing joins."""
    stated = launch.source.order >= 0
    if launch.packaging is Packaging.COMPOSE:
        path = PurePosixPath(launch.source.document.path)
        project = "" if stated else str(path.with_name(path.name.replace(_OVERRIDE, ".")).with_suffix(""))
        return (launch.packaging, project, launch.name)
    if stated and launch.packaging is Packaging.HELM:
        return (launch.packaging, launch.chart, launch.name)
    if stated and launch.packaging is Packaging.ENV_FILE:
        return (launch.packaging,)
    return (str(index),)


def _rank(launch: Launch) -> tuple[bool, int]:
    return _OVERRIDE in PurePosixPath(launch.source.document.path).name, launch.source.order


def _joined(layers: list[Launch]) -> Launch:
    """Return the layers as one process, lowest first: names add up, command and image are replaced."""
    if len(layers) == 1:
        return layers[0]
    return replace(
        layers[0],
        image=next((x.image for x in reversed(layers) if x.image), ""),
        words=next((x.words for x in reversed(layers) if x.words), ()),
        env={name: bound for x in layers for name, bound in x.env.items()},
        opaque=tuple(o for x in layers for o in x.opaque),
        complete=any(x.complete for x in layers),
        linked=tuple(path for x in layers for path in x.linked),
        layers=tuple(x.source for x in layers),
    )
