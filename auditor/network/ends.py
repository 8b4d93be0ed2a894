"""The ends of a connection."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.network.addresses import Range
from auditor.network.objects import Pods


@dataclass(frozen=True, slots=True)
class Named:
    """A destination outside of which the name is known, and of its address only the range in which it may lie."""

    name: str
    range: Range


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A workload outside of a cluster, by the id of its subject."""

    id: str


End = Pods | Range | Named
"""Pods of the cluster, a range of addresses outside it, or a name with such a range."""
Target = End | Neighbour
"""An end, or a workload outside of a cluster."""
