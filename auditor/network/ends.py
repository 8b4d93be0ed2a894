"""The ends of a connection."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.network.addresses import Range
from auditor.network.connections import NONE, Connections
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


@dataclass(frozen=True, slots=True)
class Served:
    """Pods behind a service, asked for by the service's ports: policies see the ports of the pods (facts P9, C11)."""

    pods: Pods
    ports: tuple[tuple[Connections, Connections], ...]
    """(port of the service, port of the pods); a port that is not listed is asked for at the pods themselves."""

    def seen(self, at_pods: Connections) -> Connections:
        """Return connections to the pods as those to the service."""
        offered, found = NONE, NONE
        for outer, inner in self.ports:
            offered |= outer
            if inner and at_pods.covers(inner):
                found |= outer
        return found | (at_pods - offered)


End = Pods | Range | Named
"""Pods of the cluster, a range of addresses outside it, or a name with such a range."""
Target = End | Neighbour | Served
"""An end, a workload outside of a cluster, or pods behind a service."""
