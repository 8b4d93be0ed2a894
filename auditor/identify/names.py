"""What the manifest's host names and patterns say, by rank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auditor.facts.hosts import host_matches, normalise_host, pattern_rank
from auditor.facts.places import Zone
from auditor.identify.inventory import Inventory


class ManifestNames:
    """Exact names of workloads, patterns of workloads, patterns of zones."""

    def __init__(self, inventory: Inventory, zones: Mapping[str, Zone]) -> None:
        """Index the hosts of every workload and zone."""
        self._exact: dict[str, set[str]] = {}
        self._patterns: list[tuple[str, str]] = []
        for workload in inventory.workloads.values():
            for host in workload.hosts:
                if _is_exact(host):
                    self._exact.setdefault(normalise_host(host), set()).add(workload.id)
                else:
                    self._patterns.append((host, workload.id))
        self._zones = [(host, zone.id) for zone in zones.values() for host in zone.hosts]

    def exact(self, name: str) -> tuple[str, ...]:
        """Return the sorted nodes that carry exactly this name."""
        return tuple(sorted(self._exact.get(name, ())))

    def pattern(self, name: str) -> tuple[str, ...]:
        """Return the sorted nodes whose most specific pattern covers the name."""
        return _best(self._patterns, name)

    def any_of(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the sorted nodes that carry one of several names of one thing, exactly before by pattern."""
        known = [normalise_host(name) for name in names]
        exact = {node for name in known for node in self.exact(name)}
        return tuple(sorted(exact or {node for name in known for node in self.pattern(name)}))

    def zone(self, name: str) -> tuple[str, ...]:
        """Return the sorted zones whose most specific pattern covers the name."""
        return _best(self._zones, name)


def _is_exact(pattern: str) -> bool:
    return not pattern.startswith("*.") and "{" not in pattern


def _best(patterns: list[tuple[str, str]], name: str) -> tuple[str, ...]:
    found = [(pattern_rank(pattern), owner) for pattern, owner in patterns if host_matches(pattern, name)]
    best = max((rank for rank, _ in found), default=None)
    return tuple(sorted({owner for rank, owner in found if rank == best}))
