"""Which senders a workload of the manifest is: pods of a cluster, with everything else that governs it on its way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from auditor.facts.inventory import Workload
from auditor.facts.manifest import Manifest
from auditor.network import Cluster, Governed, Mesh, PodProxies, Pods, Source, established, sent_from_networks


@dataclass(frozen=True, slots=True)
class Ground:
    """The network as the documents describe it: a cluster and whatever else lets packets through or stops them."""

    cluster: Cluster
    governed: tuple[Governed, ...]
    mesh: Mesh | None = None
    proxies: PodProxies | None = None
    by_workload: tuple[tuple[str, str, str], ...] = ()
    """(workload of the manifest, subject, path below which the subject's documents lie), as ``governs:`` says."""
    networks: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(component of the manifest, its networks): from which addresses it sends."""

    @property
    def examined(self) -> bool:
        """Return whether anything was supplied that could stop a packet, or is said to govern a workload."""
        return self.cluster.examined or any(g.restricts for g in self.governed) or bool(self.by_workload and self.governed)

    def governing(self, names: Collection[str]) -> tuple[Governed, ...]:
        """Return what governs a workload by what its author says; ``names`` are its id and those of its components."""
        own = tuple(dict.fromkeys(network for name, networks in self.networks if name in names for network in networks))
        return tuple(sent_from_networks(meant[0], own) for _, meant in self._said(names) if len(meant) == 1)

    def lost(self, names: Collection[str]) -> tuple[str, ...]:
        """Return the subjects that a workload is said to be governed by, and that are not exactly one below the path."""
        return tuple(subject for subject, meant in self._said(names) if len(meant) != 1)

    def _said(self, names: Collection[str]) -> Iterator[tuple[str, list[Governed]]]:
        for workload, subject, path in self.by_workload:
            if workload in names:
                yield subject, [g for g in self.governed if self._is(g, subject, path)]

    def _is(self, governed: Governed, subject: str, path: str) -> bool:
        place = governed.subject.location
        return subject in _names(governed) and place is not None and _below(place.path, path)

    def named(self, name: str) -> tuple[Governed, ...]:
        """Return the subjects that a user names, each a source of its own."""
        return tuple(g for g in self.governed if name in _names(g))

    def sources(self, workload: Workload, components: Iterable[str]) -> tuple[Source, ...]:
        """Return the senders that a workload surely is, nothing when that is not established.

        What only a name establishes is a sender of its own: two files that know a service of one name may be two deployments.
        """
        said = self.governing({workload.id, *components})
        same = () if said else tuple(g for g in self.governed if set(g.subject.hosts) & set(workload.hosts))
        return (*self.as_sources(established(workload, self.cluster), said), *(Source.governed(g) for g in same))

    def as_sources(self, pods: Sequence[Pods], layers: Sequence[Governed]) -> tuple[Source, ...]:
        """Return pods with the layers on their way; without pods what the layers speak of is the one sender."""
        if pods:
            return tuple(self._beside(Source.of(p, *layers), p) for p in pods)
        return (Source.governed(*layers),) if layers else ()

    def _beside(self, source: Source, pods: Pods) -> Source:
        """Return pods with the advice that stands beside them: their mesh's and their proxy variables'."""
        for advice in (self.mesh, self.proxies):
            source = source.beside(advice.layer(pods) if advice is not None else None)
        return source


def said_to_govern(manifest: Manifest | None) -> tuple[tuple[str, str, str], ...]:
    """Return what the manifest's inputs say under ``governs:``."""
    entries = manifest.inputs if manifest is not None else ()
    return tuple((workload, subject, entry.path) for entry in entries for workload, subject in entry.governs)


def said_networks(manifest: Manifest | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the networks that the manifest gives its components, by their full ids."""
    if manifest is None:
        return ()
    inside = ((f"{system.id}/{c.id}", c.networks) for system in manifest.systems for c in system.components)
    return tuple(each for each in (*inside, *((c.id, c.networks) for c in manifest.components)) if each[1])


def _names(governed: Governed) -> Iterable[str]:
    return (governed.subject.id, *governed.subject.names)


def _below(path: str, folder: str) -> bool:
    parent = folder.rstrip("/")
    return parent in ("", ".") or path == parent or path.startswith(f"{parent}/")
